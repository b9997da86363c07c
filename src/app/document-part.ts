/** Part of a document's text: lines of it, or the surroundings of a passage, as much as an answer can hold. */
import { type TextLine, textLines } from "../chunk/document-text.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { VectorStore } from "../core/ports.js";
import { sanitizeLine } from "../core/sanitize.js";
import type { DocumentKey, Range, StoredPoint } from "../core/types.js";

/** Lines of the text, to the end where no last one is named; or a passage with as many of its neighbours on each side. */
export type PartAsked =
  | { readonly kind: "lines"; readonly first: number; readonly last?: number | undefined }
  | { readonly kind: "lines around"; readonly passage: StoredPoint; readonly lines: number }
  | { readonly kind: "passages"; readonly passage: StoredPoint; readonly neighbours: number };

export interface TextPart {
  readonly text: string;
  /** Of the file where its format has lines, else of the text; absent where they were not counted. */
  readonly lines?: Range | undefined;
  /** Of a record: its line in its file. */
  readonly recordLine?: number | undefined;
  /** It ends before what was asked for does: that is as much as the answer holds. */
  readonly isCut: boolean;
  /** Where the document goes on. */
  readonly next?: { readonly line: number } | { readonly passage: string } | undefined;
  /** The first passage that was read. */
  readonly first: StoredPoint;
}

interface Place {
  readonly store: VectorStore;
  readonly collection: string;
  readonly key: DocumentKey;
}

/**
 * Reads no further than it must. @param maxChars of the text, as JSON writes it
 * @throws AppError `bad_request` with the lines there are; undefined when the document is gone
 */
export async function readPart(
  call: Call,
  place: Place,
  asked: PartAsked,
  maxChars: number,
): Promise<TextPart | undefined> {
  if (asked.kind === "lines around") {
    const { first, last } = await linesAround(call, place, asked.passage);
    const lines = { first: Math.max(1, first - asked.lines), last: last + asked.lines };
    return readPart(call, place, { kind: "lines", ...lines }, maxChars);
  }
  const reader = new Reader(call, place, asked);
  const taken = await take(reader.lines(maxChars), maxChars, asked.kind === "lines" ? asked : undefined);
  const { first } = reader;
  if (first === undefined) return undefined;
  const recordLine = isRecord(first) ? first.lines?.first : undefined;
  const { text, more, lines, end } = taken;
  if (asked.kind === "lines") {
    if (end < asked.first) throw beyondTheEnd(first, end, asked.first);
    const next = more && (taken.isInside ? { passage: more.chunk.id } : { line: more.number });
    return {
      text,
      lines,
      recordLine,
      first,
      isCut: more !== undefined && more.number <= (asked.last ?? Infinity),
      next,
    };
  }
  const following = more?.chunk.id ?? reader.beyond;
  return {
    text,
    lines: ownLines(first) === undefined ? undefined : lines,
    recordLine,
    first,
    isCut: more !== undefined,
    // A passage that is too long for the answer is not gone back to.
    next: following === undefined || following === first.id ? undefined : { passage: following },
  };
}

/** The passages that are asked for, as lines. */
class Reader {
  first: StoredPoint | undefined;
  /** Id of the passage behind the last one. */
  beyond: string | undefined;
  readonly #points: AsyncIterable<StoredPoint>;
  readonly #lastOrdinal: number;

  constructor(call: Call, { store, collection, key }: Place, asked: Exclude<PartAsked, { kind: "lines around" }>) {
    const { source, document } = key;
    const [from, to] = asked.kind === "lines" ? [0, Number.POSITIVE_INFINITY] : ordinalsAround(asked);
    this.#points = store.scroll(call, collection, { source, document }, { fromOrdinal: from });
    this.#lastOrdinal = to;
  }

  lines(longest: number): AsyncIterable<TextLine> {
    return textLines(this.#chunks(), longest);
  }

  async *#chunks() {
    for await (const point of this.#points) {
      if (point.ordinal > this.#lastOrdinal) {
        this.beyond = point.id;
        return;
      }
      this.first ??= point;
      yield { ...point, lines: ownLines(point) };
    }
  }
}

function ordinalsAround({ passage, neighbours }: Extract<PartAsked, { kind: "passages" }>): [number, number] {
  return [Math.max(0, passage.ordinal - neighbours), passage.ordinal + neighbours];
}

/** Those of its file; where that has none, those that the passage has in the document's text. */
async function linesAround(call: Call, place: Place, passage: StoredPoint): Promise<Range> {
  const own = ownLines(passage);
  if (own !== undefined) return own;
  const before = new Reader(call, place, { kind: "lines", first: 1 });
  let earlier = 0;
  let last = 1;
  let first: number | undefined;
  for await (const { number, chunk } of before.lines(1)) {
    if (chunk.ordinal > passage.ordinal) break;
    if (chunk.ordinal < passage.ordinal) earlier = number;
    else first ??= number;
    last = number;
  }
  // It may begin inside a line, and end there.
  return { first: first === undefined || first === earlier + 1 ? Math.max(1, earlier) : first, last };
}

/** A record's lines are its own: its file has it on one line, among those of the other records. */
function ownLines(point: StoredPoint): Range | undefined {
  return isRecord(point) ? undefined : point.lines;
}

function isRecord({ record }: StoredPoint): boolean {
  return record.metadata.format === "jsonl";
}

interface Taken {
  readonly text: string;
  readonly lines: Range;
  /** Number of the last line that was looked at. */
  readonly end: number;
  /** The line that goes on where the text ends. */
  readonly more?: TextLine;
  /** The text ends inside that line. */
  readonly isInside: boolean;
}

/** @param wanted absent: from the first line that there is */
async function take(
  lines: AsyncIterable<TextLine>,
  maxChars: number,
  wanted: { readonly first: number; readonly last?: number | undefined } | undefined,
): Promise<Taken> {
  const rows: string[] = [];
  let begin = wanted?.first;
  let left = maxChars;
  let end = 0;
  const taken = (last: number, more?: TextLine, isInside = false): Taken => {
    const first = begin ?? 1;
    return { text: rows.join("\n"), lines: { first, last: Math.max(first, last) }, end, more, isInside };
  };
  for await (const line of lines) {
    const { number, text, isCut } = line;
    end = number;
    begin ??= number;
    if (number < begin) continue;
    const shown = begin + rows.length - 1;
    if (number > (wanted?.last ?? Number.POSITIVE_INFINITY)) {
      return taken(rows.length > 0 ? shown : (wanted?.last ?? begin), line);
    }
    const gap = number - shown - 1;
    const size = 2 * gap + sizeOf(text);
    if (size > left || isCut) {
      if (rows.length > 0 || gap > 0) return taken(rows.length > 0 ? shown : number - 1, line);
      rows.push(cut(text, left));
      return taken(number, line, true);
    }
    for (let blank = 0; blank < gap; blank++) rows.push("");
    rows.push(text);
    left -= size;
  }
  return taken((begin ?? 1) + rows.length - 1);
}

/** As JSON writes it, with the end of its line. */
function sizeOf(text: string): number {
  return JSON.stringify(text).length;
}

function cut(text: string, chars: number): string {
  let kept = text.slice(0, chars).toWellFormed();
  while (sizeOf(kept) > chars + 2) kept = kept.slice(0, Math.floor(kept.length * 0.8)).toWellFormed();
  return kept;
}

function beyondTheEnd(first: StoredPoint, end: number, asked: number): AppError {
  const name = JSON.stringify(sanitizeLine(first.record.document));
  const inFile = isRecord(first) && first.lines !== undefined;
  const note = inFile
    ? ` Line ${first.lines?.first} is where its file has the record; here a record's own lines count.`
    : "";
  return new AppError("bad_request", `The text of ${name} has lines 1 to ${end}; line ${asked} was asked for.${note}`, {
    remedy: `Ask for line_start from 1 to ${end}, or leave it out.`,
  });
}
