/**
 * A document's text from its chunks in order, line by line: each chunk begins at the line that it is cited by. What lay
 * between two chunks was blank and is not kept by them; what chunks repeat is taken once.
 */
import { oneLine, sanitize } from "../core/sanitize.js";
import type { StoredPoint } from "../core/types.js";

/** `lines`: where it stands; absent for what has no lines but those of its text. */
export type TextChunk = Pick<StoredPoint, "id" | "ordinal" | "text" | "start" | "end" | "lines">;

/** A line that is not empty, cleaned as everything that leaves. */
export interface TextLine {
  /** 1-based: of the file where its format has lines, else of this text. */
  readonly number: number;
  readonly text: string;
  /** That it begins in. */
  readonly chunk: TextChunk;
  /** It is longer than was asked for. */
  readonly isCut: boolean;
}

/**
 * The lines that hold text, in order; those between their numbers are empty. A converted format may have put more lines
 * into a chunk than its file has there: those are joined.
 * @param longest characters of a line; what is beyond is left out
 */
export async function* textLines(
  chunks: AsyncIterable<TextChunk>,
  longest: number,
): AsyncGenerator<TextLine, void, undefined> {
  const layout = new Layout(longest);
  let held: TextChunk | undefined;
  for await (const chunk of chunks) {
    if (held !== undefined && chunk.end <= held.end) continue;
    if (held !== undefined) yield* layout.add(held, chunk);
    held = chunk;
  }
  if (held !== undefined) yield* layout.add(held, undefined);
  yield* layout.flush();
}

class Layout {
  readonly #longest: number;
  #number = 1;
  #parts: string[] = [];
  #length = 0;
  #chunk: TextChunk | undefined;
  /** Up to where the document's text has been taken. */
  #at = -1;
  #before: TextChunk | undefined;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /** @param next the chunk behind it, which may begin inside it */
  *add(chunk: TextChunk, next: TextChunk | undefined): Generator<TextLine> {
    yield* this.#begin(chunk);
    const until = Math.min(chunk.end, next?.start ?? chunk.end);
    const limit = Math.min(lastOf(chunk), next?.lines?.first ?? Number.POSITIVE_INFINITY);
    const shared = Math.min(this.#before?.end ?? 0, until);
    if (shared > this.#at) yield* this.#put(chunk, shared, Math.min(limit, lastOf(this.#before)));
    yield* this.#put(chunk, until, limit);
    this.#before = chunk;
  }

  *flush(): Generator<TextLine> {
    const text = oneLine(this.#parts.join("").replace(/\r$/, ""));
    const isCut = this.#length > this.#longest;
    if (text !== "" && this.#chunk !== undefined) yield { number: this.#number, text, chunk: this.#chunk, isCut };
    this.#parts = [];
    this.#length = 0;
  }

  *#begin(chunk: TextChunk): Generator<TextLine> {
    const { start, lines } = chunk;
    const gap = this.#at === -1 ? 0 : start - this.#at;
    if (lines !== undefined) {
      if (this.#number < lines.first) {
        yield* this.flush();
        this.#number = lines.first;
      } else if (gap > 0) this.#append(" ", chunk);
    } else if (gap > 0) {
      // A single character was the end of a line; more were an empty one.
      yield* this.flush();
      this.#number += gap === 1 ? 1 : 2;
    }
    if (this.#at < start) this.#at = start;
  }

  /** The chunk's text up to an offset, with no line beyond `limit`. */
  *#put(chunk: TextChunk, until: number, limit: number): Generator<TextLine> {
    const { text, start, lines: own } = chunk;
    const piece = text.slice(this.#at - start, until - start);
    // Where no line of a file counts, one ends where any reader may end it.
    const lines = (own === undefined ? sanitize(piece) : piece).split("\n");
    for (const [i, line] of lines.entries()) {
      if (i > 0 && this.#number < limit) {
        yield* this.flush();
        this.#number++;
      } else if (i > 0) this.#append(" ", chunk);
      this.#append(line, chunk);
    }
    this.#at = until;
  }

  #append(part: string, chunk: TextChunk): void {
    if (this.#parts.length === 0) this.#chunk = chunk;
    if (part === "") return;
    const room = Math.max(0, this.#longest - this.#length);
    if (room > 0) this.#parts.push(part.length > room ? part.slice(0, room) : part);
    this.#length += part.length;
  }
}

function lastOf(chunk: TextChunk | undefined): number {
  return chunk?.lines?.last ?? Number.POSITIVE_INFINITY;
}
