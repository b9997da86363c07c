/** The visible text of an HTML page while it is read from top to bottom: blocks, heading path, original lines. */

import { isBlank } from "../../core/blank.js";
import type { Block, Span } from "../../core/types.js";
import { MarkList } from "./format.js";
import { HeadingPath } from "./headings.js";

type Gap = "" | " " | " | " | "\n";
const STRENGTH: Record<Gap, number> = { "": 0, " ": 1, " | ": 2, "\n": 3 };

export class HtmlText {
  readonly blocks: Block[] = [];
  readonly lines = new MarkList();
  readonly headings = new HeadingPath();
  firstHeading: string | undefined;
  /** Kind of the block that is open, or opens next. */
  kind: Block["kind"] = "prose";
  readonly #parts: string[] = [];
  #length = 0;
  #start = -1;
  /** Index in `#parts` of the open block's first. */
  #firstPart = 0;
  #end = 0;
  #gap: Gap = "";
  #headingLevel = 0;
  readonly #source: LineCounter;

  constructor(html: string) {
    this.#source = new LineCounter(html);
  }

  /** The block that is open. */
  get open(): { readonly start: number; readonly text: string } | undefined {
    if (this.#start === -1) return undefined;
    return { start: this.#start, text: this.#parts.slice(this.#firstPart).join("") };
  }

  /** Of the text so far. */
  get length(): number {
    return this.#length;
  }

  get text(): string {
    return this.#parts.join("");
  }

  /** Text between tags with its blank runs collapsed; `offset` is where it stands in the page. */
  addCollapsed(data: string, offset: number, decoded: boolean): void {
    let at = 0;
    while (at < data.length) {
      const from = at;
      while (at < data.length && isBlank(data, at)) at++;
      if (at > from) this.gap(" ");
      const word = at;
      while (at < data.length && !isBlank(data, at)) at++;
      if (at > word) this.#append(data.slice(word, at), decoded ? offset : offset + word);
    }
  }

  /** Text inside `<pre>`, as it stands, line by line. */
  addVerbatim(data: string, offset: number, decoded: boolean): void {
    for (let at = 0; at < data.length; ) {
      const feed = data.indexOf("\n", at);
      const next = feed === -1 ? data.length : feed + 1;
      const line = data.slice(at, next);
      if (this.#start !== -1 || line.trim() !== "") this.#append(line, decoded ? offset : offset + at);
      at = next;
    }
  }

  /** Asks for a gap before the next text of the same block; the strongest one asked for is written. */
  gap(gap: Gap): void {
    if (this.#start !== -1 && STRENGTH[gap] > STRENGTH[this.#gap]) this.#gap = gap;
  }

  /** Ends the open block, if any text is in it. Inside a heading the block becomes the heading. @param header of a table */
  close(header?: Span): void {
    if (this.#start === -1) return;
    const block = { start: this.#start, end: this.#end };
    if (this.#headingLevel > 0) {
      this.headings.enter(this.#headingLevel, this.#parts.slice(this.#firstPart).join(""));
      if (this.#headingLevel === 1) this.firstHeading ??= this.headings.path.at(-1);
      this.#headingLevel = 0;
    }
    this.blocks.push({ ...block, kind: this.kind, headings: this.headings.path, header });
    this.#start = -1;
    this.#gap = "";
  }

  openHeading(level: number): void {
    this.close();
    this.#headingLevel = level;
  }

  closeHeading(): void {
    this.close();
    this.#headingLevel = 0;
  }

  #append(run: string, offset: number): void {
    if (this.#start === -1) {
      if (this.#length > 0) this.#push("\n\n");
      this.#start = this.#length;
      this.#firstPart = this.#parts.length;
      this.#gap = "";
    } else if (run.trim() !== "") {
      // A blank run keeps the gap waiting: a separator is only written before something visible.
      this.#push(this.#gap);
      this.#gap = "";
    }
    this.lines.add(this.#length, this.#source.lineAt(offset));
    this.#push(run);
    if (run.trim() !== "") this.#end = this.#length - (run.length - run.trimEnd().length);
  }

  #push(part: string): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}

/** 1-based line of ascending offsets, each line feed counted once. */
class LineCounter {
  #line = 1;
  #next: number;

  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
    this.#next = text.indexOf("\n");
  }

  lineAt(offset: number): number {
    while (this.#next !== -1 && this.#next < offset) {
      this.#line++;
      this.#next = this.#text.indexOf("\n", this.#next + 1);
    }
    return this.#line;
  }
}
