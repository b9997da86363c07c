/** The one analyser that every lexical leg shares: text in, index terms out. */
import stem from "wink-porter2-stemmer";
import { rememberWords } from "./remember-words.js";
import { STOP_WORDS } from "./stop-words.js";

/** Stamped on every collection; change it whenever `analyse` may give other terms for the same text. */
export const ANALYSER_VERSION = "en-porter2-1";

/** Longest term kept, in UTF-16 units: longer runs are data (hashes, base64), not words. */
const MAX_TERM_LENGTH = 64;

const WORD = /[\p{L}\p{N}\p{M}_]+/gu;
const SUBWORD = /\p{Lu}?[\p{Ll}\p{M}]+|\p{Lu}+(?!\p{Ll})|\p{N}+/gu;
const IDENTIFIER = /_|\p{Ll}\p{Lu}/u;
const UNSPACED_SCRIPT = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const ENGLISH = /^[a-z]+$/;
const ACCENTS = /\p{M}/gu;

/**
 * Terms of a text in order, repeats kept: lower case, accents removed, English stop words dropped, English words
 * stemmed (Porter2). An identifier gives itself and its parts (`maxTokens` → `maxtokens`, `max`, `token`); scripts
 * written without spaces give overlapping pairs of characters. Terms hold letters, digits and `_` only.
 */
export function analyse(text: string): string[] {
  const terms: string[] = [];
  for (const word of text.normalize("NFKC").match(WORD) ?? []) {
    if (word.length > MAX_TERM_LENGTH) continue;
    if (UNSPACED_SCRIPT.test(word)) {
      pushPairs(word, terms);
      continue;
    }
    pushTerm(word, terms);
    if (IDENTIFIER.test(word)) {
      for (const part of word.match(SUBWORD) ?? []) if (part.length > 1) pushTerm(part, terms);
    }
  }
  return terms;
}

function pushTerm(word: string, terms: string[]): void {
  const term = termOf(word);
  if (term !== "") terms.push(term);
}

/** "" for a word that is dropped. */
const termOf = rememberWords((word) => {
  const folded = word.toLowerCase().normalize("NFD").replace(ACCENTS, "");
  if (STOP_WORDS.has(folded) || !/[^_]/.test(folded)) return "";
  return ENGLISH.test(folded) ? stem(folded) : folded;
});

function pushPairs(word: string, terms: string[]): void {
  const characters = [...word.toLowerCase()];
  if (characters.length === 1) terms.push(characters[0] as string);
  for (let i = 0; i + 1 < characters.length; i++) terms.push(`${characters[i]}${characters[i + 1]}`);
}
