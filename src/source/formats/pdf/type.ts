/** A document's type: the size of its text, its leading, and what of it headings have. */
import type { Line } from "./lines.js";

/** From base line to base line, in sizes of the type, where a document does not show its own. */
const USUAL_LEADING = 1.2;
/** How much larger than the text's a heading's type is, and how much smaller it may be when it is bold. */
const HEADING_SIZE = 1.15;
const BOLD_HEADING_SIZE = 0.95;
const MAX_HEADING_LENGTH = 200;
const MAX_HEADING_LINES = 20;
/** In a text that is bold itself, bold lines are no headings. */
const MOST_BOLD = 0.5;

export class Type {
  /** From base line to base line, in sizes of the type. */
  readonly leading: number;
  readonly #body: number;
  /** Sizes of headings, largest first: the place is the level. */
  readonly #levels: readonly number[];
  readonly #hasBoldHeadings: boolean;

  constructor(pages: readonly (readonly Line[])[]) {
    const lines = pages.flat();
    this.#body = bodySize(lines);
    this.leading = leading(pages, this.#body);
    const sizes = new Set(lines.map(({ size }) => rounded(size)));
    this.#levels = [...sizes].filter((size) => size >= this.#body * HEADING_SIZE).sort((a, b) => b - a);
    this.#hasBoldHeadings = letters(lines.filter(({ isBold }) => isBold)) <= letters(lines) * MOST_BOLD;
  }

  isHeading(paragraph: readonly Line[]): boolean {
    return this.level(paragraph) > 0;
  }

  /** Of a heading, 1 for the highest; 0 for what is none. */
  level(paragraph: readonly Line[]): number {
    if (paragraph.length > MAX_HEADING_LINES) return 0;
    const [first] = paragraph as [Line];
    const length = paragraph.reduce((sum, { text }) => sum + text.length + 1, -1);
    if (length > MAX_HEADING_LENGTH || !paragraph.some(({ text }) => /\p{L}{2}/u.test(text))) return 0;
    const bySize = this.#levels.indexOf(rounded(first.size)) + 1;
    if (bySize > 0) return bySize;
    return this.#isBoldHeading(paragraph) ? this.#levels.length + 1 : 0;
  }

  /** What ends as a sentence or a list does is emphasis; a bold row is the head of a table. */
  #isBoldHeading(paragraph: readonly Line[]): boolean {
    const last = paragraph.at(-1) as Line;
    return (
      this.#hasBoldHeadings &&
      paragraph.every(({ isBold, isTableRow }) => isBold && !isTableRow) &&
      last.size >= this.#body * BOLD_HEADING_SIZE &&
      !/[.,;:]$/.test(last.text)
    );
  }
}

function rounded(size: number): number {
  return Math.round(size * 2) / 2;
}

function letters(lines: readonly Line[]): number {
  return lines.reduce((sum, { text }) => sum + text.length, 0);
}

/** The size that most characters have. */
function bodySize(lines: readonly Line[]): number {
  const characters = new Map<number, number>();
  for (const { size, text } of lines) characters.set(rounded(size), (characters.get(rounded(size)) ?? 0) + text.length);
  return [...characters].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [0, 0])[0];
}

/** The first quartile of what is measured: many documents have more paragraphs than long ones. */
function leading(pages: readonly (readonly Line[])[], body: number): number {
  const found: number[] = [];
  for (const lines of pages) {
    lines.forEach((line, i) => {
      const before = lines[i - 1];
      if (before === undefined || rounded(before.size) !== body || rounded(line.size) !== body) return;
      if (before.y > line.y) found.push((before.y - line.y) / body);
    });
  }
  return found.sort((a, b) => a - b)[Math.floor(found.length / 4)] ?? USUAL_LEADING;
}
