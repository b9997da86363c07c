/** What a question names so exactly that nothing else is meant: a version, a date, an identifier, a code, a file. */
import type { ExactTerm } from "../core/types.js";
import { analyse, fileTerm, isFileName, isIdentifier } from "./analyser.js";

/** Each is looked up on its own. */
const MOST_TERMS = 4;
/** Of what is written in one way only. */
const ANY = 1;
/** A name like `JavaScript` is as often what everything is about. */
const RARE = 0.1;

const NUMBER = /^[vV]?\d+(?:[.\-/:]\d+)+$/;
/** `E0599`, `TS2339`. */
const CODE = /^\p{Lu}{1,8}\d{3,}$/u;
/** `iPhone`, `mRNA`, `GitHub`, `HTTPServer`: names of things outside of code too. */
const NAME = /^(?:\p{Ll}?\p{Lu}[\p{L}\p{N}]*|\p{Ll}{1,3}\p{Lu}+)$/u;
/** What may stand around a word without being part of it. */
const EDGES = /^[^\p{L}\p{N}_.]+|[^\p{L}\p{N}_]+$/gu;

/** The first few of a question. */
export function exactTerms(question: string): ExactTerm[] {
  const found = new Map<string, number>();
  for (const token of question.normalize("NFKC").split(/\s+/)) {
    const bare = token.replace(EDGES, "");
    const file = bare.split(/[/\\]/).at(-1) ?? "";
    if (isFileName(file)) found.set(fileTerm(file), ANY);
    const [term] = NUMBER.test(bare) || CODE.test(bare) || isIdentifier(bare) ? analyse(bare) : [];
    if (term !== undefined) found.set(term, NAME.test(bare) && !CODE.test(bare) ? RARE : ANY);
  }
  return [...found].slice(0, MOST_TERMS).map(([term, mostOften]) => ({ term, mostOften }));
}
