/** The part of a passage that is about the query: sentences where that is possible. */
import { isBlank } from "../../core/blank.js";
import { matches } from "../../core/matches.js";

/** A longer word is cut. */
const WORD_CHARS = 80;
/** How far before its first word a part begins inside a sentence. */
const LEAD_CHARS = 30;
const WORD = /[\p{L}\p{N}_]{3,}/gu;
/** What a sentence or a line ends with. */
const END = /[.!?。！？](?=\s)|\n/gu;
/** In front of the text; the answer says them beside it. */
const HEADINGS = /^(?:#{1,6}\s[^\n]*\n\s*)*/;

/**
 * At most about this many characters where most of the query's words are together, as they stand: from the beginning of a
 * sentence where the words are near to it. The first sentence when none occurs, all of a short text.
 */
export function snippet(text: string, query: string, chars: number): string {
  if (text.length <= chars) return text;
  const words = new Set(query.toLowerCase().match(WORD) ?? []);
  const first = HEADINGS.exec(text)?.[0].length ?? 0;
  const found = matches(text.toLowerCase(), WORD).filter(([word]) => words.has(word));
  const hits = found.map(({ index }) => index).filter((at) => at >= first);
  const ends = matches(text, END).map(({ index }) => index + 1);
  const sentences = [first, ...ends.filter((at) => at > first).map((at) => skipBlank(text, at))];
  const start = densest(text, { hits, sentences, chars });
  return text.slice(start, endOf(text, { start, ends, chars })).toWellFormed();
}

interface Places {
  readonly hits: readonly number[];
  /** Where sentences begin. */
  readonly sentences: readonly number[];
  readonly chars: number;
}

function densest(text: string, { hits, sentences, chars }: Places): number {
  let best = { start: sentences[0] ?? 0, count: 0 };
  let sentence = -1;
  let end = 0;
  for (const [i, hit] of hits.entries()) {
    while ((sentences[sentence + 1] ?? Number.POSITIVE_INFINITY) <= hit) sentence++;
    const begin = sentences[sentence] ?? 0;
    const isNear = hit - begin < chars / 2;
    const start = isNear ? begin : hit < LEAD_CHARS ? 0 : blankBefore(text, hit - LEAD_CHARS) + 1;
    while (end < hits.length && (hits[end] as number) < start + chars) end++;
    if (end - i > best.count) best = { start, count: end - i };
  }
  return best.start;
}

/** Behind a whole sentence where that leaves most of the room used. */
function endOf(text: string, { start, ends, chars }: { start: number; ends: readonly number[]; chars: number }) {
  const most = start + chars;
  if (most >= text.length) return text.length;
  const whole = ends.findLast((end) => end <= most);
  return whole !== undefined && whole > start + chars / 2 ? whole : blankBefore(text, most);
}

function skipBlank(text: string, from: number): number {
  let at = from;
  while (at < text.length && isBlank(text, at)) at++;
  return at;
}

/** The place itself where no blank is near. */
function blankBefore(text: string, at: number): number {
  for (let blank = at; blank > at - WORD_CHARS && blank >= 0; blank--) if (isBlank(text, blank)) return blank;
  return at;
}
