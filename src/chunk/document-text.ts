/**
 * A document's text from its chunks in order, line by line: each chunk begins at the line that it is cited by. What lay
 * between two chunks was blank and is not kept by them; what chunks repeat is taken once.
 */
import { oneLine } from "../core/sanitize.js";
import type { DocumentRecord, StoredPoint } from "../core/types.js";

export type TextChunk = Pick<StoredPoint, "id" | "text" | "start" | "end" | "lines">;

/** A line that is not empty, cleaned as everything that leaves. */
export interface TextLine {
  /** 1-based: of the file where its format has lines, else of this text. */
  readonly number: number;
  readonly text: string;
  /** Id of the chunk that it begins in. */
  readonly chunk: string;
  /** It is longer than was asked for. */
  readonly isCut: boolean;
}

/** A record's lines are its own: its file has it on one line, among those of the other records. */
export function hasFileLines({ metadata }: Pick<DocumentRecord, "metadata">, first: TextChunk | undefined): boolean {
  return first?.lines !== undefined && metadata.format !== "jsonl";
}

/**
 * The lines that hold text, in order; those between their numbers are empty. A converted format may have put more lines
 * into a chunk than its file has there: those are joined.
 * @param ofFile whether the chunks' lines count
 * @param longest characters of a line; what is beyond is left out
 */
export async function* textLines(
  chunks: AsyncIterable<TextChunk>,
  { ofFile, longest }: { readonly ofFile: boolean; readonly longest: number },
): AsyncGenerator<TextLine, void, undefined> {
  const layout = new Layout(ofFile, longest);
  let held: TextChunk | undefined;
  for await (const chunk of chunks) {
    if (held !== undefined && chunk.end <= held.end) continue;
    if (held !== undefined) yield* layout.add(held, chunk);
    held = chunk;
  }
  if (held !== undefined) yield* layout.add(held, undefined);
  yield* layout.flush();
}

/** Of a text that no line of a file bounds: whatever some reader takes for the end of a line. */
const ANY_END = /\r\n?|[\n\u000b\u000c\u0085\u2028\u2029]/;

class Layout {
  readonly #ofFile: boolean;
  readonly #longest: number;
  #number = 1;
  #parts: string[] = [];
  #length = 0;
  #chunk = "";
  /** Up to where the document's text has been taken. */
  #at = -1;
  #before: TextChunk | undefined;

  constructor(ofFile: boolean, longest: number) {
    this.#ofFile = ofFile;
    this.#longest = longest;
  }

  /** @param next the chunk behind it, which may begin inside it */
  *add(chunk: TextChunk, next: TextChunk | undefined): Generator<TextLine> {
    yield* this.#begin(chunk);
    const until = Math.min(chunk.end, next?.start ?? chunk.end);
    const limit = Math.min(this.#last(chunk), this.#first(next));
    const shared = Math.min(this.#before?.end ?? 0, until);
    if (shared > this.#at) yield* this.#put(chunk, shared, Math.min(limit, this.#last(this.#before)));
    yield* this.#put(chunk, until, limit);
    this.#before = chunk;
  }

  *flush(): Generator<TextLine> {
    const text = oneLine(this.#parts.join("").replace(/\r$/, ""));
    const isCut = this.#length > this.#longest;
    if (text !== "") yield { number: this.#number, text, chunk: this.#chunk, isCut };
    this.#parts = [];
    this.#length = 0;
  }

  *#begin({ start, lines, id }: TextChunk): Generator<TextLine> {
    const gap = this.#at === -1 ? 0 : start - this.#at;
    if (this.#ofFile && lines !== undefined) {
      if (this.#number < lines.first) {
        yield* this.flush();
        this.#number = lines.first;
      } else if (gap > 0) this.#append(" ", id);
    } else if (gap > 0) {
      // A single character was the end of a line; more were an empty one.
      yield* this.flush();
      this.#number += gap === 1 ? 1 : 2;
    }
    if (this.#at < start) this.#at = start;
  }

  /** The chunk's text up to an offset, with no line beyond `limit`. */
  *#put({ text, start, id }: TextChunk, until: number, limit: number): Generator<TextLine> {
    const lines = text.slice(this.#at - start, until - start).split(this.#ofFile ? "\n" : ANY_END);
    for (const [i, line] of lines.entries()) {
      if (i > 0 && this.#number < limit) {
        yield* this.flush();
        this.#number++;
      } else if (i > 0) this.#append(" ", id);
      this.#append(line, id);
    }
    this.#at = until;
  }

  #append(part: string, chunk: string): void {
    if (this.#parts.length === 0) this.#chunk = chunk;
    if (part === "") return;
    const room = Math.max(0, this.#longest - this.#length);
    if (room > 0) this.#parts.push(part.length > room ? part.slice(0, room) : part);
    this.#length += part.length;
  }

  #first(chunk: TextChunk | undefined): number {
    return (this.#ofFile ? chunk?.lines?.first : undefined) ?? Number.POSITIVE_INFINITY;
  }

  #last(chunk: TextChunk | undefined): number {
    return (this.#ofFile ? chunk?.lines?.last : undefined) ?? Number.POSITIVE_INFINITY;
  }
}
