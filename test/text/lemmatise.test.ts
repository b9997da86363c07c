import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lemmatise } from "#src/text/lemmatise.js";
import { lexicon } from "./lexicon.js";

const lemmas = (form: string) => lemmatise(form, lexicon).map(({ lemma, partOfSpeech }) => `${partOfSpeech} ${lemma}`);

describe("the lemma", () => {
  it.each([
    ["of an irregular plural", "geese", "noun goose"],
    ["of an irregular past", "went", "verb go"],
    ["of an irregular comparative", "better", "adjective good"],
    ["of a doubled consonant", "running", "verb run"],
    ["of a regular plural", "engines", "noun engine"],
    ["of a plural in -ies", "policies", "noun policy"],
    ["of a plural in -ches", "watches", "noun watch"],
    ["of a plural in -men", "firemen", "noun fireman"],
    ["of a past that drops an e", "deleted", "verb delete"],
    ["of a past", "backed", "verb back"],
    ["of a participle that drops an e", "using", "verb use"],
    ["of a superlative", "longest", "adjective long"],
    ["of a word that is one", "car", "noun car"],
    ["of a collocation's plural", "ice creams", "noun ice cream"],
    ["of a phrasal verb's past", "took off", "verb take off"],
  ])("%s is found: %s", (_, form, lemma) => {
    expect(lemmas(form)).toContain(lemma);
  });

  it("may be of several parts of speech", () => {
    expect(lemmas("saw")).toEqual(["noun saw", "verb saw", "verb see"]);
  });

  it.each(["", " ", "xyzzyx", "s", "ss", "ed", "the the"])("of “%s” is nothing unexpected", (form) => {
    for (const { lemma } of lemmatise(form, lexicon)) expect(lexicon.senses(lemma)).not.toEqual([]);
  });

  it("of any text has senses of its part of speech", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), (form) => {
        for (const { partOfSpeech, senses } of lemmatise(form, lexicon)) {
          expect(senses.length).toBeGreaterThan(0);
          expect(senses.every((sense) => sense.partOfSpeech === partOfSpeech)).toBe(true);
        }
      }),
    );
  });

  it("keeps double s: “glass” is no plural", () => {
    expect(lemmas("glass").filter((lemma) => lemma.startsWith("noun"))).toEqual(["noun glass"]);
  });
});
