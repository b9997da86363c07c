/** Blocks under the headings above them, from the top of a text to its end. */
import { trimSpan } from "../../core/blank.js";
import { ReadText } from "../../core/read-text.js";
import type { Block, Span } from "../../core/types.js";
import { HeadingPath, TitleHeading } from "./headings.js";

/** What has more is data: its headings count no more, and its last block takes in what follows. */
const MAX_HEADINGS = 20_000;
const MAX_BLOCKS = 100_000;

export class Sections {
  readonly blocks: Block[] = [];
  readonly unread: Span[] = [];
  readonly text: string;
  readonly #headings = new HeadingPath();
  readonly #title = new TitleHeading();
  #entered = 0;
  /** Where the next block begins. */
  #at: number;

  constructor(text: string, from = 0) {
    this.text = text;
    this.#at = from;
  }

  get at(): number {
    return this.#at;
  }

  get title(): string | undefined {
    return this.#title.title;
  }

  /** What follows stands under this heading. An outermost one, of level 1, may be the title. */
  enter(level: number, heading: string): void {
    if (++this.#entered > MAX_HEADINGS) return;
    this.#headings.enter(level, heading);
    if (level === 1) this.#title.add(this.#headings.path.at(-1), () => !this.#hasText());
  }

  /** @param header of a table: the row that names its columns */
  add(to: number, kind: Block["kind"], header?: Span): void {
    const span = trimSpan(this.text, { start: this.#at, end: to });
    const last = this.blocks.length === MAX_BLOCKS ? this.blocks.pop() : undefined;
    if (last !== undefined) this.blocks.push({ ...last, end: span?.end ?? last.end, kind: "lines" });
    else if (span !== undefined) this.blocks.push({ ...span, headings: this.#headings.path, kind, header });
    this.#at = to;
  }

  /** Shown where it stands between two blocks of one passage, never read. */
  leaveOut(to: number): void {
    if (to > this.#at) this.unread.push({ start: this.#at, end: to });
    this.#at = to;
  }

  #hasText(): boolean {
    const text = new ReadText({ text: this.text, unread: this.unread });
    return this.blocks.some((block) => text.hasWord(block));
  }
}
