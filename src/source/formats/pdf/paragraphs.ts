/** Lines → paragraphs, by what a reader goes by: the type and the space between. One goes on across columns and pages. */
import type { Line } from "./lines.js";
import type { Type } from "./type.js";
import { isCut } from "./word-ends.js";

export type Paragraph = Line[];

/** A paragraph begins after so many times the document's leading. */
const PARAGRAPH_GAP = 1.25;
/** Where a word goes on: in sizes of the type. */
const MOST_WITHIN_WORD = 3;
const SAME_SIZE = 0.1;
/** Lines end as far apart, in sizes of the type, where they are full. */
const FULL_LINE = 1.5;
const INDENT = 0.5;
/** Notes under the text of a page. */
const MOST_NOTES = 12;

/** @param pages each page's lines in the order in which they are read */
export function paragraphsOf(pages: readonly (readonly Line[])[], type: Type): Paragraph[] {
  const gap = type.leading * PARAGRAPH_GAP;
  const all: Paragraph[] = [];
  for (const lines of pages) {
    let before: Line | undefined;
    for (const line of lines) {
      if (before !== undefined && !isApart(before, line, gap)) all.at(-1)?.push(line);
      else all.push([line]);
      before = line;
    }
  }
  return joined(all, type);
}

/** Another type, a gap, or higher on the page: another column. */
function isApart(before: Line, line: Line, gap: number): boolean {
  const down = (before.y - line.y) / Math.max(before.size, line.size);
  const isOneWord = isCut(before.text) && /^\p{Ll}/u.test(line.text);
  return (
    before.turn !== line.turn ||
    down < -1 ||
    down > (isOneWord ? MOST_WITHIN_WORD : gap) ||
    !(isAlike(before, line) || isOneWord)
  );
}

function isAlike(a: Line, b: Line): boolean {
  return Math.abs(a.size - b.size) <= a.size * SAME_SIZE && a.isBold === b.isBold;
}

/** Those that go on in the next column or on the next page, joined. */
function joined(paragraphs: readonly Paragraph[], type: Type): Paragraph[] {
  const found: Paragraph[] = [];
  for (const next of paragraphs) {
    const at = unfinished(found, next, type);
    const paragraph = at === -1 ? undefined : found[at];
    if (paragraph === undefined) found.push(next);
    else {
      // Notes between its parts come before it: the pages stay in order.
      found.splice(at, 1);
      for (const line of next) paragraph.push(line);
      found.push(paragraph);
    }
  }
  return found;
}

/** Where the paragraph is that `next` goes on with; -1 for none. Smaller type under it is notes. */
function unfinished(found: readonly Paragraph[], next: Paragraph, type: Type): number {
  if (type.isHeading(next)) return -1;
  const first = next[0] as Line;
  const page = found.at(-1)?.at(-1)?.page;
  for (let at = found.length - 1; at >= Math.max(0, found.length - MOST_NOTES); at--) {
    const paragraph = found[at] as Paragraph;
    const last = paragraph.at(-1) as Line;
    if (last.page !== page) return -1;
    const isBreak = page + 1 === first.page || (page === first.page && last.y < first.y);
    if (isBreak && !type.isHeading(paragraph) && goesOn(paragraph, next)) return at;
    if (last.size >= first.size * (1 - SAME_SIZE)) return -1;
  }
  return -1;
}

function goesOn(paragraph: Paragraph, next: Paragraph): boolean {
  const last = paragraph.at(-1) as Line;
  const first = next[0] as Line;
  if (!isAlike(last, first) || last.turn !== first.turn || last.isTableRow || first.isTableRow) return false;
  const isLower = /^\p{Ll}/u.test(first.text);
  if (isCut(last.text) && isLower) return true;
  if (/[.!?:;\u2026][\p{Pe}\p{Pf}"']*$/u.test(last.text.slice(-8))) return false;
  if (isLower) return true;
  return last.page !== first.page && isFull(paragraph) && !isIndented(next) && /^[\p{L}\p{Pi}\p{Ps}]/u.test(first.text);
}

function isFull(paragraph: Paragraph): boolean {
  const { right, size } = paragraph.at(-1) as Line;
  return paragraph.length > 1 && right >= (paragraph.at(-2) as Line).right - FULL_LINE * size;
}

function isIndented([first, second]: Paragraph): boolean {
  return first !== undefined && second !== undefined && first.left > second.left + INDENT * first.size;
}
