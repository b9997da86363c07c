/** The lines of a text by their numbers, from 0, for formats that are read line by line. */
import type { Span } from "../../core/types.js";
import { lineStarts } from "./format.js";

/** What is looked at of a longer line. */
const MOST_LENGTH = 2_000;

export class Lines {
  readonly text: string;
  readonly count: number;
  readonly #starts: Uint32Array;
  /** By pattern: where it was found last, and from where on. */
  readonly #found = new Map<string, { readonly from: number; readonly at: number }>();

  constructor(text: string) {
    this.text = text;
    this.#starts = lineStarts(text).offsets;
    this.count = this.#starts.length;
  }

  /** Offset; behind the last line: the end of the text. */
  start(line: number): number {
    return this.#starts[line] ?? this.text.length;
  }

  /** Without blank space at its end; "" for a blank one and behind the last. */
  at(line: number): string {
    const start = this.start(line);
    return this.text.slice(start, Math.min(this.start(line + 1), start + MOST_LENGTH)).trimEnd();
  }

  span(line: number): Span {
    return { start: this.start(line), end: this.start(line) + this.at(line).length };
  }

  isBlank(line: number): boolean {
    return this.text.slice(this.start(line), this.start(line + 1)).trim() === "";
  }

  /** Blanks in front; a tab goes on to the next multiple of eight. */
  indent(line: number): number {
    let width = 0;
    for (const sign of this.at(line)) {
      if (sign === "\t") width += 8 - (width % 8);
      else if (sign === " ") width++;
      else return width;
    }
    return 0;
  }

  /** The first line from here on that the pattern fits; undefined: none. No line is looked at twice for one pattern. */
  next(pattern: RegExp, from: number): number | undefined {
    const key = `${pattern}`;
    const before = this.#found.get(key);
    let at = before !== undefined && before.from <= from ? Math.max(from, before.at) : from;
    while (at < this.count && !pattern.test(this.at(at))) at++;
    this.#found.set(key, { from, at });
    return at < this.count ? at : undefined;
  }

  /** The first line behind this one that is neither blank nor indented by more than `indent`. */
  endOfIndented(line: number, indent: number): number {
    let end = line + 1;
    for (let at = end; at < this.count; at++) {
      if (this.isBlank(at)) continue;
      if (this.indent(at) <= indent) break;
      end = at + 1;
    }
    return end;
  }
}
