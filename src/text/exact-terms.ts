/** What a question names so exactly that nothing else is meant: a version, a date, an identifier, a code, a file. */
import type { ExactTerm } from "../core/types.js";
import { analyse, fileTerm, isFileName } from "./analyser.js";
import { plainText } from "./plain-text.js";

/** Each is looked up on its own. */
const MOST_TERMS = 4;
/** Of what is written in one way only. */
const ANY = 1;
/** A name like `JavaScript` is as often what everything is about. */
const RARE = 0.1;

/** Of three parts and more, or a version that says so; `5-6` and `0.05` are measures. */
const NUMBER = /^(?:[vV]?\d+(?:[.\-/:]\d+){2,}|[vV]\d+(?:\.\d+)+)$/;
const SHORT_NUMBER = /^\d+\.\d+$/;
const NAMES_A_NUMBER = /^(?:version|release|section|chapter)$/i;
/** `E0599`, `TS2339`; not the places in molecules that biology calls `K164`. */
const CODE = /^(?:\p{Lu}\d{4,}|\p{Lu}{2,8}\d{3,})$/u;
/** `max_tokens`, `useEffect`; not what biology calls `clpC` or `miRNA`. */
const IDENTIFIER = /^(?=.*\p{L}.*_|.*_.*\p{L})[\p{L}\p{N}_]+$|^\p{Ll}{2,}\p{N}*(?:\p{Lu}\p{Ll}{2,}\p{N}*)+$/u;
/** `VectorStore`, `JavaScript`: code in a few keywords or where it is written as code, else a name among others. */
const NAME = /^(?:\p{Lu}\p{Ll}{2,}\p{N}*){2,}$/u;
const FEW_WORDS = 4;
const AS_CODE = /^`|\(\)/;
/** What may stand around a word without being part of it. */
const EDGES = /^[^\p{L}\p{N}_.]+|[^\p{L}\p{N}_]+$/gu;

/** The first few of a question. */
export function exactTerms(question: string): ExactTerm[] {
  const found = new Map<string, number>();
  let before = "";
  const tokens = plainText(question).normalize("NFKC").trim().split(/\s+/);
  for (const token of tokens) {
    const bare = token.replace(EDGES, "");
    const file = bare.split(/[/\\]/).at(-1) ?? "";
    if (isFileName(file)) found.set(fileTerm(file), ANY);
    const isName = NAME.test(bare) && (tokens.length <= FEW_WORDS || AS_CODE.test(token));
    const [term] = isName || namesOne(bare, before) ? analyse(bare) : [];
    if (term !== undefined) found.set(term, isName ? RARE : ANY);
    before = bare;
  }
  return [...found].slice(0, MOST_TERMS).map(([term, mostOften]) => ({ term, mostOften }));
}

function namesOne(word: string, before: string): boolean {
  if (SHORT_NUMBER.test(word)) return NAMES_A_NUMBER.test(before);
  return [NUMBER, CODE, IDENTIFIER].some((kind) => kind.test(word));
}
