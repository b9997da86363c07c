/** What a question has in quotation marks, where the words are wanted one after the other. */
import type { Phrase } from "../core/phrase.js";
import { analyse } from "./analyser.js";

/** Of a question. */
const MOST_PHRASES = 4;
const QUOTATION = /(?<!\S)(?:"[^"]+"|“[^”]+”|„[^“”]+[“”]|«[^»]+»)(?![\p{L}\p{N}])/gu;

/** The first few of two and more terms: one word in quotation marks is as often an odd word or a name. */
export function phrases(question: string): Phrase[] {
  return (question.match(QUOTATION) ?? [])
    .map((quotation) => ({ text: quotation, terms: analyse(quotation) }))
    .filter(({ terms }) => terms.length > 1)
    .slice(0, MOST_PHRASES)
    .map(({ text, terms }) => ({ text, isIn: (passage) => hasRun(analyse(passage), terms) }));
}

function hasRun(terms: readonly string[], run: readonly string[]): boolean {
  return terms.some((_, start) => run.every((term, i) => terms[start + i] === term));
}
