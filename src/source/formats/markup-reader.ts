/** What the formats share whose structure shows line by line: reST, AsciiDoc, Org, LaTeX. */
import type { Block, ParsedDocument, Span } from "../../core/types.js";
import { lineStarts, paragraphBlocks, type TextFormat } from "./format.js";
import { Lines } from "./lines.js";
import { NamedFields } from "./named-fields.js";
import { Sections } from "./sections.js";

/** A longer text is read as plain paragraphs. */
const MAX_LENGTH = 2_000_000;

export function markupFormat(
  name: string,
  version: string,
  Reader: new (text: string) => { read(): ParsedDocument },
): TextFormat {
  return {
    kind: "text",
    name,
    version,
    parse(text) {
      if (text.length <= MAX_LENGTH) return new Reader(text).read();
      return { text, blocks: paragraphBlocks(text, "prose"), lines: lineStarts(text) };
    },
  };
}

/** Goes down a text; every step reads what begins at its line. */
export abstract class MarkupReader {
  protected readonly lines: Lines;
  protected readonly out: Sections;
  protected readonly fields = new NamedFields();
  protected line = 0;
  /** Fields describe a document only in front of its text. */
  protected hasText = false;

  constructor(text: string) {
    this.lines = new Lines(text);
    this.out = new Sections(text);
  }

  /** Moves on by one line at least. */
  protected abstract step(): void;

  /** Of the document, when all of it has been read. */
  protected abstract title(): string | undefined;

  read(): ParsedDocument {
    while (this.line < this.lines.count) {
      if (this.lines.isBlank(this.line)) this.line++;
      else this.step();
    }
    const { text } = this.lines;
    const { blocks, unread } = this.out;
    return {
      title: this.title(),
      metadata: this.fields.metadata,
      text,
      blocks,
      unread: unread.sort((a, b) => a.start - b.start),
      lines: lineStarts(text),
    };
  }

  /** What follows stands under a heading, which is in the lines up to this one. */
  protected enter(end: number, level: number, heading: string): void {
    this.out.enter(level, heading);
    this.out.add(this.lines.start(end), "prose");
    this.line = end;
  }

  /** The lines up to this one are a block. */
  protected add(end: number, kind: Block["kind"], header?: Span): void {
    this.out.add(this.lines.start(end), kind, header);
    this.line = end;
    this.hasText = true;
  }

  /** The lines up to this one are not read. */
  protected leaveOut(end: number): void {
    this.out.leaveOut(this.lines.start(end));
    this.line = end;
  }

  /** What the pattern finds up to a line is not read. */
  protected leaveOutMarkup(end: number, pattern: RegExp): void {
    const from = this.lines.start(this.line);
    for (const { 0: found, index } of this.lines.text.slice(from, this.lines.start(end)).matchAll(pattern)) {
      this.out.unread.push({ start: from + index, end: from + index + found.length });
    }
  }

  /** Behind this line and those that follow without a blank one, or one that something else begins with. */
  protected endOfParagraph(isSpecial: (line: string) => boolean): number {
    let end = this.line + 1;
    while (end < this.lines.count && !this.lines.isBlank(end) && !isSpecial(this.lines.at(end))) end++;
    return end;
  }
}
