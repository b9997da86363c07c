/** A splitter of bytes into lines, bounded. */

/** Longer messages are refused; clients of the protocol library accept as much. */
const MAX_LINE_BYTES = 10 * 1024 * 1024;
/** Bytes kept of both ends of a line that is too long: a message's id stands in one of them. */
const END_BYTES = 1_024;
/** A sender of single bytes must not cost an object for each. */
const MAX_PARTS = 4_096;
const NEWLINE = 0x0a;

/** A whole line, or both ends of one that is too long. */
export type Line = { readonly text: string } | { readonly start: string; readonly end: string };

export class Lines {
  #parts: Buffer[] = [];
  #length = 0;
  #start: Buffer | undefined;
  readonly #limit: number;

  constructor(limit = MAX_LINE_BYTES) {
    this.#limit = limit;
  }

  /** @returns the lines that these bytes end */
  push(chunk: Buffer): Line[] {
    const ended: Line[] = [];
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      this.#add(chunk.subarray(from, at));
      ended.push(this.#end());
      from = at + 1;
    }
    this.#add(chunk.subarray(from));
    return ended;
  }

  #add(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.#length += bytes.length;
    const tooLong = this.#length > this.#limit;
    if (!tooLong && this.#parts.length < MAX_PARTS) return;
    const whole = Buffer.concat(this.#parts);
    if (tooLong) this.#start ??= Buffer.from(whole.subarray(0, END_BYTES));
    this.#parts = [tooLong ? Buffer.from(whole.subarray(-END_BYTES)) : whole];
  }

  #end(): Line {
    const text = Buffer.concat(this.#parts).toString("utf8");
    const line = this.#start === undefined ? { text } : { start: this.#start.toString("utf8"), end: text };
    this.#parts = [];
    this.#length = 0;
    this.#start = undefined;
    return line;
  }
}
