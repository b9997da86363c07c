/** Formats: a file's text → blocks. */
import { isBlank } from "../../core/blank.js";
import type { Refusal } from "../../core/ports.js";
import type { Block, Marks, ParsedDocument } from "../../core/types.js";

interface AnyFormat {
  readonly name: string;
  /** Changes whenever `parse` may give another result for the same file: part of every document's hash. */
  readonly version: string;
}

/** Read in a process apart, as everything that an author wrote. */
export interface TextFormat extends AnyFormat {
  readonly kind: "text";
  /** Long lines mean that a machine made it. */
  readonly isHandwritten?: true;
  /** Blocks in order, not overlapping, together covering every visible character. Linear time, never throws. */
  parse(text: string): ParsedDocument;
}

/** A container that someone else's library takes apart. */
export interface BinaryFormat extends AnyFormat {
  readonly kind: "binary";
  /** @throws what the library throws for a file that is damaged */
  parse(bytes: Uint8Array): Promise<ParsedDocument | Refusal>;
}

export type Format = TextFormat | BinaryFormat;

/** Where every line of a verbatim text begins. CRLF needs no care: the line ends at its line feed. */
export function lineStarts(text: string): Marks {
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
  const offsets = new Uint32Array(lines);
  const numbers = new Uint32Array(lines).map((_, i) => i + 1);
  for (let i = 1, at = 0; i < lines; i++) {
    at = text.indexOf("\n", at) + 1;
    offsets[i] = at;
  }
  return { offsets, numbers };
}

/** Marks while they are found. */
export class MarkList {
  readonly #offsets: number[] = [];
  readonly #numbers: number[] = [];

  /** Only where the number changes. */
  add(offset: number, number: number): void {
    if (this.#numbers.at(-1) === number) return;
    this.#offsets.push(offset);
    this.#numbers.push(number);
  }

  get marks(): Marks {
    return { offsets: Uint32Array.from(this.#offsets), numbers: Uint32Array.from(this.#numbers) };
  }
}

/** Spans of `text` between blank lines within `[from, to)`, each without the blank space around it. */
function* paragraphs(text: string, from: number, to: number): Generator<{ start: number; end: number }> {
  let start = -1;
  let end = from;
  for (const line of lineSpans(text, from, to)) {
    if (line.first === line.last) {
      if (start !== -1) yield { start, end };
      start = -1;
      continue;
    }
    if (start === -1) start = line.first;
    end = line.last;
  }
  if (start !== -1) yield { start, end };
}

/** Each line of `[from, to)` with its visible span `[first, last)`; both are `start` on a blank line. */
export function* lineSpans(
  text: string,
  from: number,
  to: number,
): Generator<{ start: number; first: number; last: number }> {
  for (let start = from; start < to; ) {
    const feed = text.indexOf("\n", start);
    const next = feed === -1 || feed >= to ? to : feed + 1;
    let first = start;
    while (first < next && isBlank(text, first)) first++;
    let last = next;
    while (last > first && isBlank(text, last - 1)) last--;
    yield first === next ? { start, first: start, last: start } : { start, first, last };
    start = next;
  }
}

/** Beyond this many characters, short paragraphs are joined: millions of one-letter blocks would cost gigabytes. */
const MANY = 1_000_000;
const SHORT = 64;

const NO_HEADINGS: readonly string[] = [];

/** Blocks of one kind, one for each paragraph. */
export function paragraphBlocks(text: string, kind: Block["kind"]): Block[] {
  const shortest = text.length > MANY ? SHORT : 0;
  const blocks: Block[] = [];
  let start = -1;
  let end = -1;
  for (const paragraph of paragraphs(text, 0, text.length)) {
    if (start !== -1 && paragraph.end - start > shortest) {
      blocks.push({ start, end, kind, headings: NO_HEADINGS });
      start = -1;
    }
    if (start === -1) start = paragraph.start;
    end = paragraph.end;
  }
  if (start !== -1) blocks.push({ start, end, kind, headings: NO_HEADINGS });
  return blocks;
}
