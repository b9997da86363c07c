/** Markdown: one block for each top-level element, an exact slice of the original, under its heading path. */
import MarkdownIt from "markdown-it";
import { trimSpan } from "../../core/blank.js";
import type { Block, ParsedDocument } from "../../core/types.js";
import { lineStarts, paragraphBlocks, type TextFormat } from "./format.js";
import { readFrontMatter } from "./front-matter.js";
import { HeadingPath } from "./headings.js";

/** Tokens of a larger text take gigabytes: it is read as plain paragraphs. */
const MAX_LEXED_LENGTH = 2_000_000;
const PROSE = new Set(["paragraph_open", "blockquote_open", "heading_open"]);

/** Blocks only: what stands inside them is most of the work, and nothing of it is needed. */
const lexer = new MarkdownIt("commonmark").enable("table");
lexer.core.ruler.enableOnly(["normalize", "block"]);

export const markdown: TextFormat = {
  kind: "text",
  name: "markdown",
  version: "markdown-3",
  parse(text): ParsedDocument {
    const front = readFrontMatter(text);
    const { blocks, firstHeading } = readBlocks(text, front.end);
    const { metadata } = front;
    return { title: front.title ?? firstHeading, metadata, text, blocks, lines: lineStarts(text) };
  },
};

interface Blocks {
  readonly blocks: Block[];
  /** Text of the first heading of level 1. */
  readonly firstHeading?: string | undefined;
}

function readBlocks(text: string, from: number): Blocks {
  if (text.length - from > MAX_LEXED_LENGTH) {
    const blocks = paragraphBlocks(text.slice(from), "prose");
    return { blocks: blocks.map((block) => ({ ...block, start: block.start + from, end: block.end + from })) };
  }
  const lines = startsOfLines(text, from);
  const tokens = lexer.parse(text.slice(from), {});
  const blocks: Block[] = [];
  const headings = new HeadingPath();
  let firstHeading: string | undefined;
  let line = 0;
  const add = (to: number, kind: Block["kind"]) => {
    const span = trimSpan(text, { start: lines[line] as number, end: lines[to] as number });
    if (span !== undefined) blocks.push({ ...span, headings: headings.path, kind });
    line = to;
  };
  tokens.forEach(({ level, map, type, tag }, i) => {
    if (level !== 0 || map === null || map[1] <= line) return;
    // Definitions of links are no token: they stand between two.
    if (map[0] > line) add(map[0], "lines");
    if (type === "heading_open") {
      headings.enter(Number(tag.slice(1)), plainText(tokens[i + 1]?.content ?? ""));
      if (tag === "h1") firstHeading ??= headings.path.at(-1);
    }
    add(map[1], PROSE.has(type) ? "prose" : "lines");
  });
  add(lines.length - 1, "lines");
  return { blocks, firstHeading };
}

/** Of each line as the lexer counts them, and the end of the text. */
function startsOfLines(text: string, from: number): number[] {
  const starts = [from];
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10 || (code === 13 && text.charCodeAt(at + 1) !== 10)) starts.push(at + 1);
  }
  starts.push(text.length);
  return starts;
}

/** A heading without its inline markup: `[text](url)`, emphasis, code, HTML tags, `{#id}`. */
function plainText(heading: string): string {
  return heading
    .slice(0, 1000)
    .replace(/!?\[([^\]]*)\]\((?:<[^<>]*>|[^()]*(?:\([^()]*\)[^()]*)*)\)/g, "$1")
    .replace(/\s*\{#[^}]*\}\s*$/, "")
    .replace(/<\/?[a-zA-Z][^<>]*>|<!--.*?-->/g, "")
    .replace(/(\*\*|__|~~|`+)(.+?)\1/g, "$2")
    .replace(/(^|\s)([*_])(\S.*?)\2(?=\W|$)/g, "$1$3")
    .replace(/\\([!-/:-@[-`{-~])/g, "$1");
}
