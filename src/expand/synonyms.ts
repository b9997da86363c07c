/** The strategy `synonyms`: words that nearly always mean the same as a word of the query, for the lexical leg. */
import type { Variant } from "../core/types.js";
import { analyse } from "../text/analyser.js";
import { lemmatise } from "../text/lemmatise.js";
import type { Lexicon, Sense } from "../text/lexicon.js";
import type { PartOfSpeech } from "../text/lexicon-file.js";
import { type QueryWord, readQuery } from "./read-query.js";

/** A word's sense counts when at least this share of the word's uses has it. Tuned: docs/decisions.md. */
const DOMINANT_SHARE = 0.6;
/** And a synonym, when the sense has at least this share of the synonym's own uses: a car is seldom called machine. */
const SYNONYM_SHARE = 0.5;
/** A part of speech with a smaller share of the word's uses is not believed. */
const USED_SHARE = 0.1;
const SYNONYMS_PER_TERM = 3;
/** What a synonym counts against the word it stands for. */
const SYNONYM_WEIGHT = 0.5;
/** Longest entry that is looked for. */
const MAX_WORDS = 4;
/** Of one synonym. */
const MAX_TERMS = 2;
/** Shorter words, of the query too, are abbreviations, which mean too much. */
const MIN_LETTERS = 3;

/** Words before a verb, and before a noun or its adjective. */
const BEFORE_VERB = new Set("to not can could will would should must may might i we you they".split(" "));
const BEFORE_NOUN = new Set(
  "a an the this that these those my our your his its their of in for with from on at".split(" "),
);

interface Term {
  /** Words of the query that are one entry. */
  readonly words: readonly QueryWord[];
  /** That it may have where it stands; none: nothing to look for. */
  readonly senses: readonly Sense[];
}

interface Synonym {
  readonly word: string;
  /** Of how nearly it means the same, 0..1. */
  readonly share: number;
}

/**
 * A variant for each term with synonyms, surest first: its text is the synonyms alone, so that what they find counts
 * where the query's own words find less. The weight is half the part of the query that they stand for.
 */
export function synonymVariants(query: string, lexicon: Lexicon): Variant[] {
  const known = new Set(analyse(query));
  return termsOf(readQuery(query), lexicon)
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
  if (first.some(({ stop, fixed }) => stop || fixed)) return { words: first, senses: [] };
  let most = 1;
  while (most < MAX_WORDS && words[at + most - 1]?.joined && !words[at + most]?.fixed) most++;
  for (let length = most; length > 0; length--) {
    const entry = words.slice(at, at + length);
    const senses = lemmatise(textOf(entry), lexicon).flatMap((lemma) => lemma.senses);
    if (senses.length > 0 && textOf(entry).length >= MIN_LETTERS)
      return { words: entry, senses: fitting(senses, words[at - 1]?.text) };
  }
  return { words: first, senses: [] };
}

function textOf(words: readonly QueryWord[]): string {
  return words.map(({ text }) => text).join(" ");
}

/** Only the part of speech that the word before asks for, if the term is used so: "due to low" is no verb. */
function fitting(senses: readonly Sense[], before = ""): readonly Sense[] {
  const wanted: readonly PartOfSpeech[] = BEFORE_VERB.has(before)
    ? ["verb"]
    : BEFORE_NOUN.has(before)
      ? ["noun", "adjective"]
      : [];
  const fit = shares(senses).filter(({ partOfSpeech }) => wanted.includes(partOfSpeech));
  const used = fit.reduce((sum, { share }) => sum + share, 0);
  return used >= USED_SHARE ? senses.filter(({ partOfSpeech }) => wanted.includes(partOfSpeech)) : senses;
}

/** Best first. */
function synonymsOf({ senses }: Term, known: ReadonlySet<string>, lexicon: Lexicon): Synonym[] {
  const found = new Map<string, number>();
  for (const { synset, partOfSpeech, share } of shares(senses)) {
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
