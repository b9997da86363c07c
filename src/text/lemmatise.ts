/** Inflected form → lemmas, as WordNet's own morphology finds them (https://wordnet.princeton.edu/documentation/morphy7wn). */
import type { Lexicon, Sense } from "./lexicon.js";
import { PARTS_OF_SPEECH, type PartOfSpeech } from "./lexicon-file.js";

/** Endings and what stands in their place in the lemma. */
const DETACHMENTS: Readonly<Record<PartOfSpeech, readonly (readonly [ending: string, instead: string])[]>> = {
  noun: [
    ["s", ""],
    ["ses", "s"],
    ["xes", "x"],
    ["zes", "z"],
    ["ches", "ch"],
    ["shes", "sh"],
    ["men", "man"],
    ["ies", "y"],
  ],
  verb: [
    ["s", ""],
    ["ies", "y"],
    ["es", "e"],
    ["es", ""],
    ["ed", "e"],
    ["ed", ""],
    ["ing", "e"],
    ["ing", ""],
  ],
  adjective: [
    ["er", ""],
    ["est", ""],
    ["er", "e"],
    ["est", "e"],
  ],
  adverb: [],
};

export interface Lemma {
  readonly lemma: string;
  readonly partOfSpeech: PartOfSpeech;
  /** Of this part of speech, most frequent first; never empty. */
  readonly senses: readonly Sense[];
}

/**
 * Every lemma that the form may be an inflection of, itself included. Of a collocation the last word is inflected
 * ("ice creams"), or, as a verb, the first ("went up").
 * @param form lower case, one blank between words
 */
export function lemmatise(form: string, lexicon: Lexicon): Lemma[] {
  const own = lexicon.senses(form);
  const lemmas: Lemma[] = [];
  for (const partOfSpeech of PARTS_OF_SPEECH) {
    const add = (lemma: string, all: readonly Sense[]) => {
      const senses = all.filter((sense) => sense.partOfSpeech === partOfSpeech);
      if (senses.length > 0) lemmas.push({ lemma, partOfSpeech, senses });
    };
    add(form, own);
    for (const lemma of baseForms(form, partOfSpeech, lexicon)) add(lemma, lexicon.senses(lemma));
  }
  return lemmas;
}

function baseForms(form: string, partOfSpeech: PartOfSpeech, lexicon: Lexicon): string[] {
  const space = partOfSpeech === "verb" ? form.indexOf(" ") : form.lastIndexOf(" ");
  if (space < 0) return baseForm(form, partOfSpeech, lexicon);
  const [first, last] = [form.slice(0, space), form.slice(space + 1)];
  return partOfSpeech === "verb"
    ? baseForm(first, partOfSpeech, lexicon).map((lemma) => `${lemma} ${last}`)
    : baseForm(last, partOfSpeech, lexicon).map((lemma) => `${first} ${lemma}`);
}

/** An irregular form has its own lemma; any other may have an ending. */
function baseForm(word: string, partOfSpeech: PartOfSpeech, lexicon: Lexicon): string[] {
  const irregular = lexicon.exception(word, partOfSpeech);
  if (irregular !== undefined) return [irregular];
  if (partOfSpeech === "noun" && (word.endsWith("ss") || word.length <= 2)) return [];
  return DETACHMENTS[partOfSpeech]
    .filter(([ending]) => word.endsWith(ending) && word.length > ending.length)
    .map(([ending, instead]) => word.slice(0, -ending.length) + instead);
}
