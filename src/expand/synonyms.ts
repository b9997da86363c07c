/** The strategy `synonyms`: words that nearly always mean the same as a word of the query, for the lexical leg. */
import type { Variant } from "../core/types.js";
import { analyse } from "../text/analyser.js";
import { type Lemma, lemmatise } from "./lemmatise.js";
import type { Lexicon, Sense } from "./lexicon.js";
import type { PartOfSpeech } from "./lexicon-file.js";
import { type QueryWord, readQuery } from "./read-query.js";

/** A word's sense counts when at least this share of the word's uses has it. Tuned: docs/decisions.md. */
const DOMINANT_SHARE = 0.6;
/** And a synonym, when the sense has at least this share of the synonym's own uses: a car is seldom called machine. */
const SYNONYM_SHARE = 0.5;
const SYNONYMS_PER_TERM = 3;
/** What a synonym counts against the word it stands for. */
const SYNONYM_WEIGHT = 0.15;
/** Longest entry that is looked for. */
const MAX_WORDS = 4;
/** Of one synonym. */
const MAX_TERMS = 2;
/** Shorter ones are abbreviations, which mean too much. */
const MIN_LETTERS = 3;

/** Words before a verb, and before a noun or its adjective. */
const BEFORE_VERB = new Set("to not can could will would should must may might i we you they".split(" "));
const BEFORE_NOUN = new Set(
  "a an the this that these those my our your his its their of in for with from on at".split(" "),
);

interface Term {
  /** Words of the query that are one entry. */
  readonly words: readonly QueryWord[];
  readonly lemmas: readonly Lemma[];
}

interface Synonym {
  readonly word: string;
  /** Of how nearly it means the same, 0..1. */
  readonly share: number;
}

/**
 * A variant for each term with synonyms, surest first: its text is the synonyms alone, so that what they find adds to
 * the query's own score. The weight is the part of the query that they stand for.
 */
export function synonymVariants(query: string, lexicon: Lexicon): Variant[] {
  const words = readQuery(query);
  const known = new Set(words.flatMap(({ text }) => analyse(text)));
  return termsOf(words, lexicon)
    .map((term) => ({ term, synonyms: synonymsOf(term, known, lexicon) }))
    .filter(({ synonyms }) => synonyms.length > 0)
    .sort((a, b) => (b.synonyms[0] as Synonym).share - (a.synonyms[0] as Synonym).share)
    .map(({ term, synonyms }) => {
      const part = Math.min(1, term.words.length / known.size);
      return {
        text: synonyms.map(({ word }) => word).join(" "),
        leg: "lexical",
        weight: SYNONYM_WEIGHT * part * (synonyms[0] as Synonym).share,
      };
    });
}

/** The longest entries of the lexicon, from left to right, each once. */
function termsOf(words: readonly QueryWord[], lexicon: Lexicon): Term[] {
  const terms = new Map<string, Term>();
  for (let at = 0; at < words.length; ) {
    const term = termAt(words, at, lexicon);
    const text = textOf(term.words);
    if (!terms.has(text)) terms.set(text, term);
    at += term.words.length;
  }
  return [...terms.values()];
}

function termAt(words: readonly QueryWord[], at: number, lexicon: Lexicon): Term {
  const first = words.slice(at, at + 1);
  if (first.some(({ stop, fixed }) => stop || fixed)) return { words: first, lemmas: [] };
  let most = 1;
  while (most < MAX_WORDS && words[at + most - 1]?.joined && !words[at + most]?.fixed) most++;
  for (let length = most; length > 0; length--) {
    const entry = words.slice(at, at + length);
    const lemmas = lemmatise(textOf(entry), lexicon);
    if (lemmas.length > 0) return { words: entry, lemmas: fitting(lemmas, words[at - 1]?.text) };
  }
  return { words: first, lemmas: [] };
}

function textOf(words: readonly QueryWord[]): string {
  return words.map(({ text }) => text).join(" ");
}

/** The part of speech that the word before asks for, where the term can have it. */
function fitting(lemmas: readonly Lemma[], before = ""): readonly Lemma[] {
  const wanted: readonly PartOfSpeech[] = BEFORE_VERB.has(before)
    ? ["verb"]
    : BEFORE_NOUN.has(before)
      ? ["noun", "adjective"]
      : [];
  const fit = lemmas.filter(({ partOfSpeech }) => wanted.includes(partOfSpeech));
  return fit.length > 0 ? fit : lemmas;
}

/** Best first. */
function synonymsOf({ lemmas }: Term, known: ReadonlySet<string>, lexicon: Lexicon): Synonym[] {
  const found = new Map<string, number>();
  for (const { synset, partOfSpeech, share } of shares(lemmas.flatMap(({ senses }) => senses))) {
    if (share < DOMINANT_SHARE) continue;
    for (const { word, name } of lexicon.members(synset)) {
      if (name || !isUsable(word, partOfSpeech, known)) continue;
      const back = shares(lexicon.senses(word)).find((sense) => sense.synset === synset)?.share ?? 0;
      if (back >= SYNONYM_SHARE) found.set(word, share * back);
    }
  }
  return [...found]
    .map(([word, share]) => ({ word, share }))
    .sort((a, b) => b.share - a.share || (a.word < b.word ? -1 : 1))
    .slice(0, SYNONYMS_PER_TERM);
}

/**
 * Adds new terms only, and none by chance: the lexical leg takes the words of a synonym one by one, which for some nouns
 * is what they mean ("nerve cell"), for an idiom never.
 */
function isUsable(word: string, partOfSpeech: PartOfSpeech, known: ReadonlySet<string>): boolean {
  if (word.length < MIN_LETTERS || !/^[a-z -]+$/.test(word)) return false;
  if (partOfSpeech !== "noun" && /[ -]/.test(word)) return false;
  const terms = analyse(word);
  return terms.length > 0 && terms.length <= MAX_TERMS && !terms.some((term) => known.has(term));
}

/**
 * How large a part of a word's uses each sense has, by how often it was tagged. Senses that were never tagged count a
 * little, the less the later WordNet lists them.
 */
function shares(senses: readonly Sense[]): (Pick<Sense, "synset" | "partOfSpeech"> & { readonly share: number })[] {
  const listed = new Map<PartOfSpeech, number>();
  const weights = senses.map(({ partOfSpeech, tagged }) => {
    const rank = (listed.get(partOfSpeech) ?? 0) + 1;
    listed.set(partOfSpeech, rank);
    return tagged + 1 / rank;
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return senses.map(({ synset, partOfSpeech }, i) => ({ synset, partOfSpeech, share: (weights[i] as number) / sum }));
}
