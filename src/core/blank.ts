/** Blank space in a text, at offsets in UTF-16 code units. */
import type { Span } from "./types.js";

const BLANK = /\s/;

export function isBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code < 0x80) return code === 32 || (code >= 9 && code <= 13);
  return BLANK.test(text[at] as string);
}

/** Without the blank space around it; undefined when nothing is left. */
export function trimSpan(text: string, span: Span): Span | undefined {
  let { start, end } = span;
  while (start < end && isBlank(text, start)) start++;
  while (end > start && isBlank(text, end - 1)) end--;
  return start === end ? undefined : { start, end };
}
