/** Paragraphs and headings from lines of a page, by what a reader goes by: the size of the type and the space between. */
import type { Block, ParsedDocument } from "../../core/types.js";
import { MarkList } from "./format.js";
import { HeadingPath } from "./headings.js";

export interface PageLine {
  readonly text: string;
  /** Of the type, and height of the base line above the page's lower edge, in points. */
  readonly size: number;
  readonly y: number;
}

/** From base line to base line, in sizes of the type, where a document does not show its own. */
const USUAL_LEADING = 1.2;
/** A paragraph begins after so many times the document's leading. */
const PARAGRAPH_GAP = 1.25;
/** How much larger than the text's a heading's type is. */
const HEADING_SIZE = 1.15;
const MAX_HEADING_LENGTH = 200;
const SAME_SIZE = 0.1;

/** A document is made of one of these. */
export class PdfText {
  readonly #parts: string[] = [];
  readonly #blocks: Block[] = [];
  readonly #pages = new MarkList();
  readonly #headings = new HeadingPath();
  /** Sizes of headings, largest first: the place is the level. */
  readonly #levels: readonly number[];
  #firstHeading: string | undefined;
  #length = 0;

  constructor(pages: readonly (readonly PageLine[])[]) {
    const body = bodySize(pages.flat());
    this.#levels = headingSizes(pages.flat(), body);
    const gap = leading(pages, body) * PARAGRAPH_GAP;
    pages.forEach((lines, index) => {
      for (const paragraph of paragraphs(lines, gap)) this.#add(paragraph, index + 1);
    });
  }

  parsed(): ParsedDocument {
    return {
      title: this.#firstHeading,
      text: this.#parts.join(""),
      blocks: this.#blocks,
      pages: this.#pages.marks,
    };
  }

  #add(lines: readonly PageLine[], page: number): void {
    if (this.#length > 0) this.#push("\n\n");
    const text = join(lines);
    const start = this.#length;
    this.#pages.add(start, page);
    this.#push(text);
    const level = this.#levels.indexOf(rounded((lines[0] as PageLine).size)) + 1;
    if (level > 0 && text.length <= MAX_HEADING_LENGTH) {
      this.#headings.enter(level, text);
      this.#firstHeading ??= this.#headings.path.at(-1);
    }
    this.#blocks.push({ start, end: this.#length, headings: this.#headings.path, kind: "prose" });
  }

  #push(part: string): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}

function rounded(size: number): number {
  return Math.round(size * 2) / 2;
}

/** The size that most characters have. */
function bodySize(lines: readonly PageLine[]): number {
  const characters = new Map<number, number>();
  for (const { size, text } of lines) characters.set(rounded(size), (characters.get(rounded(size)) ?? 0) + text.length);
  return [...characters].reduce((most, entry) => (entry[1] > most[1] ? entry : most), [0, 0])[0];
}

function headingSizes(lines: readonly PageLine[], body: number): number[] {
  const sizes = new Set(lines.map(({ size }) => rounded(size)));
  return [...sizes].filter((size) => size >= body * HEADING_SIZE).sort((a, b) => b - a);
}

/** In sizes of the type. The first quartile of what is measured: many documents have more paragraphs than long ones. */
function leading(pages: readonly (readonly PageLine[])[], body: number): number {
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

function paragraphs(lines: readonly PageLine[], gap: number): PageLine[][] {
  const found: PageLine[][] = [];
  let before: PageLine | undefined;
  for (const line of lines) {
    if (before === undefined || isApart(before, line, gap)) found.push([]);
    (found.at(-1) as PageLine[]).push(line);
    before = line;
  }
  return found;
}

/** Another size, a gap, or higher on the page: another column. */
function isApart(before: PageLine, line: PageLine, gap: number): boolean {
  const down = before.y - line.y;
  return (
    Math.abs(line.size - before.size) > before.size * SAME_SIZE ||
    down > Math.max(before.size, line.size) * gap ||
    down < -before.size
  );
}

/** Lines one below the other; a word that was hyphenated at a line's end is whole again. */
function join(lines: readonly PageLine[]): string {
  let text = "";
  for (const line of lines) {
    if (text === "") text = line.text;
    else if (/\p{L}[-\u00ad]$/u.test(text) && /^\p{Ll}/u.test(line.text)) text = text.slice(0, -1) + line.text;
    else text += `\n${line.text}`;
  }
  return text;
}
