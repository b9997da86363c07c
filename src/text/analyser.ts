/** The one analyser that every lexical leg shares: text in, index terms out. */
import stem from "wink-porter2-stemmer";
import { matches } from "../core/matches.js";
import { fold } from "./fold.js";
import { plainText } from "./plain-text.js";
import { rememberWords } from "./remember-words.js";
import { ASKING_PHRASES, STOP_WORDS } from "./stop-words.js";
import { type Token, tokens, UNSPACED } from "./tokens.js";

/** Stamped on every collection; change it whenever `analyse` or `nameTerms` may give other terms for the same text. */
export const ANALYSER_VERSION = "en-porter2-3";

/** Longest term kept, in UTF-16 units: what is longer is data (hashes, base64), no word. */
const MAX_TERM_LENGTH = 64;
/** Longest word whose parts are terms: test names are longer than a term, data is longer still. */
const MAX_IDENTIFIER_LENGTH = 200;

const GREEK = String.raw`\p{Script=Greek}`;
const [UPPER, LOWER] = [`[\\p{Lu}--${GREEK}]`, `[[\\p{Ll}\\p{M}]--${GREEK}]`];
const SUBWORD = new RegExp(
  String.raw`[${GREEK}\p{M}]+|${UPPER}?${LOWER}+|${UPPER}+(?!${LOWER})|\p{N}+|[\p{L}\p{M}]+`,
  "gv",
);
/** `read_only`, `maxTokens`, `HTTPServer`, `oauth2Client`, `IFNγ`; not the plural of an acronym. */
const IDENTIFIER = new RegExp(
  String.raw`_|\p{Ll}\p{Lu}|\p{Lu}{2}\p{Ll}{2}|\p{N}\p{Lu}\p{Ll}|${GREEK}(?=\p{Script=Latin})|\p{Script=Latin}(?=${GREEK})`,
  "u",
);
/** `sha256`, `utf8mb4`; what changes more often is data. */
const NUMBERED = /^\P{N}*\p{N}*\P{N}+\p{N}+\P{N}*$/u;
const ACRONYM = /^\p{Lu}{2,}$/u;
const ENGLISH = /^[a-z]+$/;

/**
 * Terms of a text in order, repeats kept: lower case, optional marks removed, English stop words dropped, English words
 * stemmed (Porter2). An identifier gives itself and its parts (`maxTokens` → `maxtokens`, `max`, `token`), a number of
 * several parts itself, without a `v` before it, and its parts (`v1.3.2` → `1_3_2`, `1`, `3`, `2`), a name with signs
 * itself and its parts (`AT&T` → `at_t`, `at`), a word of another alphabet itself and its beginning; scripts written without blanks give characters and overlapping pairs of
 * them, Korean its words too. Terms hold letters, their marks, digits and `_` only.
 */
export function analyse(text: string): string[] {
  const terms: string[] = [];
  for (const token of tokens(plainText(text))) PUSH[token.kind](token.text, terms);
  return terms;
}

/**
 * What a question is searched by, each term once: the same without what only asks, and without the single characters of
 * a run that gives pairs enough. Every text of a script has most of its letters.
 */
export function questionTerms(text: string): string[] {
  const terms = new Set<string>();
  for (const token of tokens(plainText(text).replace(ASKING_PHRASES, " "))) {
    const found: string[] = [];
    PUSH[token.kind](token.text, found);
    for (const term of found) if (found.length <= SHORT_RUN || !SINGLE.test(term)) terms.add(term);
  }
  return [...terms];
}

/** Terms of a run of two characters: a short question in Chinese may be about one of them. */
const SHORT_RUN = 3;
const SINGLE = new RegExp(`^${UNSPACED}\\p{M}*$`, "v");

const PUSH: Readonly<Record<Token["kind"], (text: string, terms: string[]) => void>> = {
  number: pushNumber,
  name: pushName,
  unspaced: pushCharacters,
  hangul: pushKorean,
  word: pushWord,
};

function pushWord(word: string, terms: string[]): void {
  if (word.length <= MAX_TERM_LENGTH) pushTerm(word, terms);
  if (word.length > MAX_IDENTIFIER_LENGTH || !(IDENTIFIER.test(word) || NUMBERED.test(word))) return;
  for (const part of word.match(SUBWORD) ?? []) {
    if (part.length > 1 && part.length <= MAX_TERM_LENGTH) pushTerm(part, terms);
  }
}

function pushTerm(word: string, terms: string[]): void {
  const term = termOf(word);
  if (term === "") return;
  terms.push(term);
  const bare = term.replace(PARTICLES, "");
  if (bare !== term) terms.push(bare);
  const [beginning] = BEGINNING.exec(bare) ?? [];
  if (beginning !== undefined) terms.push(beginning);
}

/** What Hebrew and Arabic write in one with a word: and, the, in, to, from, as. */
const PARTICLES = /^(?:[והבכלמש](?=\p{Script=Hebrew}{3})|(?:[وفبك]?ال|لل|[وفبكل])(?=\p{Script=Arabic}{3}))/u;
/**
 * Of a word in letters that no stemmer here knows: its endings vary, its first five letters seldom do (McNamee, Nicholas,
 * Mayfield, "Addressing morphological variation in alphabetic languages", 2009).
 */
const BEGINNING = /^(?:(?!\p{Script=Latin})\p{L}\p{M}*){5}(?=\p{L})/u;

/** "" for a word that is dropped. */
const termOf = rememberWords((word) => {
  const folded = fold(word);
  if (!/[^_]/.test(folded)) return "";
  // "WHO" and "IT" name something, unlike the words that they look like.
  if (STOP_WORDS.has(folded)) return ACRONYM.test(word) ? folded : "";
  return ENGLISH.test(folded) ? stem(folded) : folded.replace(/^file__+/, "file_");
});

/** Whole, each run of it with one sign between its numbers (`10.2.1.3:80` is an address and a port), and its numbers. */
function pushNumber(number: string, terms: string[]): void {
  if (number.length <= MAX_TERM_LENGTH) {
    terms.push(joined(number));
    for (const run of number.match(/\d+(?:\.\d+)+|\d+(?:-\d+)+|\d+(?:\/\d+)+|\d+(?::\d+)+/g) ?? []) {
      if (run !== number) terms.push(joined(run));
    }
  }
  for (const part of number.match(/\d+/g) ?? []) if (part.length <= MAX_TERM_LENGTH) terms.push(part);
}

function joined(number: string): string {
  return number.replace(/\D/g, "_");
}

const SPELT: Readonly<Record<string, string>> = { "&": "_", "/": "_", "+": "plus", "#": "sharp", ".": "dot" };

/** Whole as it is spelt or spoken (`c++` → `cplusplus`, `.NET` → `dotnet`), and its words. */
function pushName(name: string, terms: string[]): void {
  terms.push(fold(name).replace(/[&/+#.]/g, (sign) => SPELT[sign] as string));
  for (const word of name.match(/[^&/+#.]+/g) ?? []) pushWord(word, terms);
}

/** A letter with its marks, and what is written below it in Khmer, Myanmar and Tai Tham. */
const CHARACTER = /\P{M}(?:[\u17d2\u1039\u1a60]\p{L}|\p{M}){0,8}|\p{M}{1,8}/gu;

function pushCharacters(run: string, terms: string[]): void {
  let before = "";
  for (const [character] of matches(run, CHARACTER)) {
    if (before !== "") terms.push(`${before}${character}`);
    terms.push(character);
    before = character;
  }
}

/** Words are spaced, but particles stick to them. */
function pushKorean(word: string, terms: string[]): void {
  if (word.length > 2 && word.length <= MAX_TERM_LENGTH) terms.push(word);
  pushCharacters(word, terms);
}

/** Folders whose names tell something of a document. */
const FOLDERS_NAMED = 2;

/** Terms of where a document lies: the whole name of its file as `fileTerm` has it, that name's parts, its last folders. */
export function nameTerms(document: string): string[] {
  const [file = "", ...folders] = document
    .replace(/(\.jsonl)#.*$/is, "$1")
    .split("/")
    .reverse();
  if (!isFileName(file) && folders.length === 0) return []; // a record's own id
  const terms = [fileTerm(file), ...analyse(file), ...folders.slice(0, FOLDERS_NAMED).flatMap(analyse)];
  return terms.filter((term) => term.length <= MAX_TERM_LENGTH);
}

/** Not `i.e`. */
const FILE_NAME = /[^\s/]{2}\.\p{L}[\p{L}\p{N}]{0,9}$|[^\s/]\.\p{L}[\p{L}\p{N}]{1,9}$/u;
/** Of files whose names have no ending. */
const BARE_NAME = /^(?:make|docker|container|jenkins|vagrant|proc|gem|rake|pip)file$/i;

export function isFileName(name: string): boolean {
  return FILE_NAME.test(name) || BARE_NAME.test(name);
}

/** The term that a file's passages have for its whole name, and no text has. */
export function fileTerm(name: string): string {
  return `file__${fold(plainText(name).normalize("NFKC")).replace(/[^\p{L}\p{N}\p{M}]+/gu, "_")}`;
}
