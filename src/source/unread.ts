/** What of a text is shown and not read: addresses but for their hosts, and long runs without a blank. */
import { joinedSpans } from "../core/joined-spans.js";
import type { Span } from "../core/types.js";

/** Each costs memory: what lies behind so many is read as it stands. */
const MAX_SPANS = 100_000;

/** Group 2: the host and its port, which people name. */
const ADDRESS = /\b((?:https?|ftp):\/\/(?:www\.)?)([\p{L}\p{N}.-]{0,300}(?::\d{1,5})?)[^\s<>()[\]{}"'`|\\^]{0,4000}/giu;
/** Encoded, hashed or generated. Scripts without blanks have none of these letters. */
const RUN = /(?<![\w+/=%-])[\w+/=%-]{201}/g;
const OF_RUN = /[\w+/=%-]/;

/** @param markup what the format leaves out. @returns in order, not overlapping. Linear time but for sorting. */
export function unreadSpans(text: string, markup: readonly Span[] = []): Span[] {
  const spans = [...markup];
  for (const { 0: address, 1: { length: scheme } = "", 2: host = "", index } of text.matchAll(ADDRESS)) {
    const start = index + scheme;
    spans.push({ start: index, end: start }, { start: start + host.length, end: index + address.length });
  }
  for (const { 0: run, index } of text.matchAll(RUN)) {
    // Not by the pattern: a repetition without a bound takes stack for each of its characters.
    let end = index + run.length;
    while (end < text.length && OF_RUN.test(text[end] as string)) end++;
    spans.push({ start: index, end });
  }
  return joinedSpans(spans.sort((a, b) => a.start - b.start)).slice(0, MAX_SPANS);
}
