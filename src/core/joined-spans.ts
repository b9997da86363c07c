/** Spans that overlap or touch made one. */
import type { Span } from "./types.js";

/** In order, not overlapping. @param sorted by their starts */
export function joinedSpans(sorted: readonly Span[]): Span[] {
  const spans: Span[] = [];
  let start = 0;
  let end = -1;
  for (const span of sorted) {
    if (span.start > end) {
      if (end > start) spans.push({ start, end });
      ({ start, end } = span);
    } else end = Math.max(end, span.end);
  }
  if (end > start) spans.push({ start, end });
  return spans;
}
