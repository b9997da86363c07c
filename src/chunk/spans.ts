/** Spans of a text, `[start, end)` in UTF-16 code units, and the places where one may be cut. */
import { isBlank, trimSpan } from "../core/blank.js";
import type { Span } from "../core/types.js";

/** `at`, or one less when a cut there would part a surrogate pair. */
export function characterBoundary(text: string, at: number): number {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  const parted = before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
  return parted ? at - 1 : at;
}

/** The span's lines, short neighbours joined until they have `grain` characters. */
export function lineSpans(text: string, span: Span, grain: number): Span[] {
  const spans: Span[] = [];
  for (let start = span.start; start < span.end; ) {
    let end = start;
    do {
      const feed = text.indexOf("\n", end);
      end = feed === -1 || feed >= span.end ? span.end : feed + 1;
    } while (end < span.end && end - start < grain);
    keep(spans, text, { start, end });
    start = end;
  }
  return spans;
}

const SENTENCES = new Intl.Segmenter("en", { granularity: "sentence" });
/** The segmenter takes quadratic time: 0.4 ms for 2,000 characters, 136 ms for 64,000. */
const WINDOW = 2000;

/** The span's sentences; one longer than a window is cut at a blank within it. */
export function sentenceSpans(text: string, span: Span): Span[] {
  const spans: Span[] = [];
  for (let start = span.start; start < span.end; ) {
    const end = windowEnd(text, start, span.end);
    // A line end inside a paragraph ends no sentence.
    const window = text.slice(start, end).replace(/[\r\n]/g, " ");
    const cuts = Array.from(SENTENCES.segment(window), (segment) => start + segment.index);
    // The last sentence may go on in the next window.
    const upTo = end === span.end || cuts.length < 2 ? end : (cuts.pop() as number);
    cuts.forEach((cut, i) => {
      keep(spans, text, { start: cut, end: cuts[i + 1] ?? upTo });
    });
    start = upTo;
  }
  return spans;
}

function windowEnd(text: string, start: number, limit: number): number {
  if (limit - start <= WINDOW) return limit;
  for (let at = start + WINDOW; at > start + WINDOW / 2; at--) if (isBlank(text, at)) return at;
  return characterBoundary(text, start + WINDOW);
}

/** Groups of whole words of at most `size` characters; a longer word is a group of its own. */
export function wordSpans(text: string, span: Span, size: number): Span[] {
  const spans: Span[] = [];
  let start = -1;
  let end = -1;
  for (let at = span.start; at < span.end; ) {
    while (at < span.end && isBlank(text, at)) at++;
    const word = at;
    while (at < span.end && !isBlank(text, at)) at++;
    if (at === word) break;
    if (start !== -1 && at - start > size) {
      spans.push({ start, end });
      start = -1;
    }
    if (start === -1) start = word;
    end = at;
  }
  if (start !== -1) spans.push({ start, end });
  return spans;
}

/** Pieces of about equal length, at most `size` long and at least two where there are two characters. */
export function characterSpans(text: string, span: Span, size: number): Span[] {
  const length = span.end - span.start;
  const step = Math.max(1, Math.min(size, Math.ceil(length / 2)));
  const spans: Span[] = [];
  for (let start = span.start; start < span.end; ) {
    let end = characterBoundary(text, Math.min(span.end, start + step));
    if (end <= start) end = Math.min(span.end, start + 2);
    keep(spans, text, { start, end });
    start = end;
  }
  return spans;
}

function keep(spans: Span[], text: string, span: Span): void {
  const trimmed = trimSpan(text, span);
  if (trimmed !== undefined) spans.push(trimmed);
}
