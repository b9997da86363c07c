/** Markdown: one block for each top-level element, an exact slice of the original, under its heading path. */
import MarkdownIt, { type Env } from "markdown-it";
import { trimSpan } from "../../core/blank.js";
import type { Block, ParsedDocument, Span } from "../../core/types.js";
import { lineStarts, paragraphBlocks, type TextFormat } from "./format.js";
import { readFrontMatter } from "./front-matter.js";
import { htmlHeadings, markdownHeading } from "./heading-text.js";
import { markupSpans } from "./markdown-markup.js";
import { Sections } from "./sections.js";

/** Tokens of a larger text take gigabytes: it is read as plain paragraphs. */
const MAX_LEXED_LENGTH = 2_000_000;
const PROSE = new Set(["paragraph_open", "blockquote_open", "heading_open"]);
const CODE = new Set(["fence", "code_block"]);

/** Blocks only: what stands inside them is most of the work, and nothing of it is needed. */
const lexer = new MarkdownIt("commonmark").enable("table");
lexer.core.ruler.enableOnly(["normalize", "block"]);

export const markdown: TextFormat = {
  kind: "text",
  name: "markdown",
  version: "markdown-4",
  parse(text): ParsedDocument {
    const front = readFrontMatter(text);
    const sections = new MarkdownSections(text, front.end);
    readMarkdown(sections, text.length);
    const { blocks, unread, title } = sections;
    const { metadata } = front;
    return { title: front.title ?? title, metadata, text, blocks, unread, lines: lineStarts(text) };
  },
};

/** Adds what is Markdown from where the sections end to `to`. */
export function readMarkdown(sections: MarkdownSections, to: number): void {
  const { text, at: from } = sections;
  if (to - from > MAX_LEXED_LENGTH) {
    for (const { end } of paragraphBlocks(text.slice(from, to), "prose")) sections.add(from + end, "prose");
    return;
  }
  const lines = startsOfLines(text, from, to);
  const env: Env = {};
  const tokens = lexer.parse(text.slice(from, to), env);
  let line = 0;
  tokens.forEach(({ level, map, type, tag }, i) => {
    if (level !== 0 || map === null || map[1] <= line) return;
    const start = lines[map[0]] as number;
    const end = lines[map[1]] as number;
    // Definitions of links are no token: they stand between two.
    sections.add(start, "lines");
    if (type === "heading_open") {
      sections.enter(Number(tag.slice(1)), markdownHeading(tokens[i + 1]?.content ?? "", env));
    } else if (type === "html_block") sections.addHtml(end);
    // Without the line of dashes below it, which names nothing.
    const header = type === "table_open" ? trimSpan(text, { start, end: lines[map[0] + 1] as number }) : undefined;
    if (CODE.has(type)) sections.addCode(end);
    else sections.add(end, PROSE.has(type) ? "prose" : "lines", header);
    line = map[1];
  });
  sections.add(to, "lines");
}

export class MarkdownSections extends Sections {
  override add(to: number, kind: Block["kind"], header?: Span): void {
    for (const span of markupSpans(this.text.slice(this.at, to), this.at)) this.unread.push(span);
    super.add(to, kind, header);
  }

  addCode(to: number): void {
    super.add(to, "lines");
  }

  /** HTML as far as its last heading. Tags around a heading belong to it. */
  addHtml(to: number): void {
    const start = this.at;
    const html = this.text.slice(start, to);
    let behind = 0;
    let isUnderHeading = false;
    for (const heading of htmlHeadings(html)) {
      const isFollowed = hasText(html.slice(behind, heading.start));
      if (isFollowed || isUnderHeading) this.add(start + heading.start, isFollowed ? "lines" : "prose");
      this.enter(heading.level, heading.text);
      isUnderHeading = heading.text !== "";
      behind = heading.end;
    }
    if (isUnderHeading && !hasText(html.slice(behind))) this.add(to, "prose");
  }
}

function hasText(html: string): boolean {
  return html.replace(/<[^<>]*>/g, "").trim() !== "";
}

/** Of each line as the lexer counts them, and where the last ends. */
function startsOfLines(text: string, from: number, to: number): number[] {
  const starts = [from];
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1);
  }
  starts.push(to);
  return starts;
}
