/** The part of a passage that is about the query. */
import { isBlank } from "../../core/blank.js";

const SNIPPET_CHARS = 240;
/** A longer word is cut. */
const WORD_CHARS = 80;
const WORD = /[\p{L}\p{N}_]{3,}/gu;

/**
 * At most about 240 characters around the densest run of the query's words, as they stand; the beginning when none
 * occurs, all of a short text.
 */
export function snippet(text: string, query: string): string {
  if (text.length <= SNIPPET_CHARS) return text;
  const words = new Set(query.toLowerCase().match(WORD) ?? []);
  const hits = [...text.toLowerCase().matchAll(WORD)].filter(([word]) => words.has(word)).map(({ index }) => index);
  const within = (start: number) => hits.filter((at) => at >= start && at < start + SNIPPET_CHARS).length;
  const best = hits.reduce((top, at) => (within(at) > within(top) ? at : top), hits[0] ?? 0);
  const start = best < 40 ? 0 : blankBefore(text, best - 30) + 1;
  const end = start + SNIPPET_CHARS >= text.length ? text.length : blankBefore(text, start + SNIPPET_CHARS);
  return text.slice(start, end).toWellFormed();
}

/** The place itself where no blank is near. */
function blankBefore(text: string, at: number): number {
  for (let blank = at; blank > at - WORD_CHARS && blank >= 0; blank--) if (isBlank(text, blank)) return blank;
  return at;
}
