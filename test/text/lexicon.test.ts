import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LEXICON_FILE, Lexicon } from "#src/text/lexicon.js";
import { LEXICON_BYTES, lexicon } from "./lexicon.js";

const words = (synset: number) => lexicon.members(synset).map(({ word }) => word);

describe("the lexicon", () => {
  it("is WordNet 3.1, whole", () => {
    expect([lexicon.version, lexicon.synsets]).toEqual(["3.1", 117_791]);
  });

  it("lists a word's senses by part of speech, then by how often they were tagged", () => {
    const senses = lexicon.senses("dog");
    expect(senses[0]).toMatchObject({ partOfSpeech: "noun", tagged: 42 });
    expect(senses.at(-1)?.partOfSpeech).toBe("verb");
    expect(words(senses[0]?.synset as number)).toEqual(["dog", "domestic dog", "canis familiaris"]);
  });

  it.each(["ice cream", "'hood", "zymurgy", "a", ".22", "bachelor's button"])("finds the entry %s", (word) => {
    const [sense] = lexicon.senses(word);
    expect(words(sense?.synset as number)).toContain(word);
  });

  it.each(["", "zzz", "Dog", "ice  cream", "~", "été", "carzzz"])("finds nothing for “%s”", (word) => {
    expect(lexicon.senses(word)).toEqual([]);
  });

  it("tells names from words", () => {
    const members = lexicon.senses("java").flatMap(({ synset }) => lexicon.members(synset));
    expect(members).toContainEqual({ word: "coffee", name: false });
    expect(members.filter(({ word, name }) => word === "java" && name).length).toBeGreaterThan(0);
    expect(lexicon.members(lexicon.senses("paris")[0]?.synset as number).every(({ name }) => name)).toBe(true);
  });

  it("lists every member of a synset as a word that has this sense", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: lexicon.synsets - 1 }), (synset) => {
        const members = words(synset);
        expect(members.length).toBeGreaterThan(0);
        for (const word of members) expect(lexicon.senses(word).map((sense) => sense.synset)).toContain(synset);
      }),
      { numRuns: 500 },
    );
  });
});

describe("a lexicon file", () => {
  it("that is damaged anywhere is refused", () => {
    const anywhere = fc.integer({ min: 0, max: LEXICON_BYTES.length - 1 });
    fc.assert(
      fc.property(anywhere, fc.integer({ min: 1, max: 255 }), (at, bits) => {
        const damaged = Buffer.from(LEXICON_BYTES);
        damaged[at] = (damaged[at] as number) ^ bits;
        expect(() => new Lexicon(damaged)).toThrow(/checksum|no lexicon/);
      }),
      {
        numRuns: 20,
        examples: [
          [0, 1],
          [20, 1],
          [100, 1],
          [LEXICON_BYTES.length - 1, 1],
        ],
      },
    );
  });

  it.each([0, 10, 200, LEXICON_BYTES.length - 1])("that ends after %i bytes is refused", (length) => {
    expect(() => new Lexicon(LEXICON_BYTES.subarray(0, length))).toThrow(/checksum|no lexicon/);
  });

  it("is rebuilt to the last bit from WordNet's database, its licence too", () => {
    const folder = mkdtempSync(join(tmpdir(), "aura-lexicon-"));
    try {
      execFileSync(process.execPath, ["dist/tools/lexicon/main.js", folder]);
      for (const file of [LEXICON_FILE, "lexicon/LICENSE"]) {
        expect(readFileSync(join(folder, file)).equals(readFileSync(file))).toBe(true);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
