import type { ParsedDocument } from "../core/types.js";

/** 1-based line of the original file that an offset of the text lies on: the last one known to begin at or before it. */
export function lineAt(lines: ParsedDocument["lines"], offset: number): number {
  let low = 0;
  let high = lines.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((lines[middle] as { offset: number }).offset <= offset) low = middle + 1;
    else high = middle;
  }
  return (lines[low - 1] ?? lines[0])?.line ?? 1;
}
