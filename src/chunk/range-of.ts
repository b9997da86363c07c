import type { Marks, Range } from "../core/types.js";

/** The lines or pages of the original that `[start, end)` of the text lies on; undefined when none are known. */
export function rangeOf(marks: Marks | undefined, start: number, end: number): Range | undefined {
  if (marks === undefined || marks.offsets.length === 0) return undefined;
  return { first: numberAt(marks, start), last: numberAt(marks, end - 1) };
}

/** Of the last mark at or before the offset. */
function numberAt({ offsets, numbers }: Marks, offset: number): number {
  let low = 0;
  let high = offsets.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((offsets[middle] as number) <= offset) low = middle + 1;
    else high = middle;
  }
  return numbers[Math.max(0, low - 1)] as number;
}
