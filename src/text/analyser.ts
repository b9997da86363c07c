/** The one analyser that every lexical leg shares: text in, index terms out. */
import stem from "wink-porter2-stemmer";
import { visibleOnly } from "../core/sanitize.js";
import { rememberWords } from "./remember-words.js";
import { STOP_WORDS } from "./stop-words.js";

/** Stamped on every collection; change it whenever `analyse` or `nameTerms` may give other terms for the same text. */
export const ANALYSER_VERSION = "en-porter2-2";

/** Longest term kept, in UTF-16 units: longer runs are data (hashes, base64), not words. */
const MAX_TERM_LENGTH = 64;

const UNSPACED = String.raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}ー]`;
/** A number of several parts (version, date, address), a run of a script without spaces, or a word. */
const TOKEN = new RegExp(
  String.raw`(?<![\p{L}\p{N}\p{M}_])[vV]?(\d+(?:[.\-/:]\d+)+)|(${UNSPACED}+)|(?:(?!${UNSPACED})[\p{L}\p{N}\p{M}_])+`,
  "gu",
);
const SUBWORD = /\p{Lu}?[\p{Ll}\p{M}]+|\p{Lu}+(?!\p{Ll})|\p{N}+/gu;
/** `read_only`, `maxTokens`, `HTTPServer`, `oauth2Client`; not the plural of an acronym. */
const IDENTIFIER = /_|\p{Ll}\p{Lu}|\p{Lu}{2}\p{Ll}{2}|\p{N}\p{Lu}\p{Ll}/u;
const ACRONYM = /^\p{Lu}{2,}$/u;
const ENGLISH = /^[a-z]+$/;
const ACCENTS = /\p{M}/gu;

/**
 * Terms of a text in order, repeats kept: lower case, accents removed, English stop words dropped, English words
 * stemmed (Porter2). An identifier gives itself and its parts (`maxTokens` → `maxtokens`, `max`, `token`), a number of
 * several parts itself, without a `v` before it, and its parts (`v1.3.2` → `1_3_2`, `1`, `3`, `2`); scripts written
 * without spaces give characters and overlapping pairs of them. Terms hold letters, digits and `_` only.
 */
export function analyse(text: string): string[] {
  const terms: string[] = [];
  // A soft hyphen in a word only says where it may be broken.
  for (const [token, number, unspaced] of visibleOnly(text).normalize("NFKC").matchAll(TOKEN)) {
    if (number !== undefined) pushNumber(number, terms);
    else if (unspaced !== undefined) pushCharacters(unspaced, terms);
    else pushWord(token, terms);
  }
  return terms;
}

function pushWord(word: string, terms: string[]): void {
  if (word.length > MAX_TERM_LENGTH) return;
  pushTerm(word, terms);
  if (!IDENTIFIER.test(word)) return;
  for (const part of word.match(SUBWORD) ?? []) if (part.length > 1) pushTerm(part, terms);
}

function pushTerm(word: string, terms: string[]): void {
  const term = termOf(word);
  if (term !== "") terms.push(term);
}

/** "" for a word that is dropped. */
const termOf = rememberWords((word) => {
  const folded = word.toLowerCase().normalize("NFD").replace(ACCENTS, "");
  if (!/[^_]/.test(folded)) return "";
  // "WHO" and "IT" name something, unlike the words that they look like.
  if (STOP_WORDS.has(folded)) return ACRONYM.test(word) ? folded : "";
  return ENGLISH.test(folded) ? stem(folded) : folded.replace(/^file__+/, "file_");
});

/** Whole, each run of it with one sign between its numbers (`10.2.1.3:80` is an address and a port), and its numbers. */
function pushNumber(number: string, terms: string[]): void {
  if (number.length > MAX_TERM_LENGTH) return;
  terms.push(joined(number));
  for (const run of number.match(/\d+(?:\.\d+)+|\d+(?:-\d+)+|\d+(?:\/\d+)+|\d+(?::\d+)+/g) ?? []) {
    if (run !== number) terms.push(joined(run));
  }
  terms.push(...(number.match(/\d+/g) ?? []));
}

function joined(number: string): string {
  return number.replace(/\D/g, "_");
}

function pushCharacters(run: string, terms: string[]): void {
  const characters = [...run.toLowerCase()];
  characters.forEach((character, i) => {
    if (i > 0) terms.push(`${characters[i - 1]}${character}`);
    terms.push(character);
  });
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
  const folded = name.normalize("NFKD").replace(ACCENTS, "").toLowerCase();
  return `file__${folded.replace(/[^\p{L}\p{N}]+/gu, "_")}`;
}
