/** Markdown: one block for each top-level token, an exact slice of the original, under its heading path. */
import { Lexer, type Token } from "marked";
import type { Block, Metadata, ParsedDocument } from "../../core/types.js";
import { isBlank, lineStarts, paragraphBlocks, type TextFormat } from "./format.js";
import { readFrontMatter } from "./front-matter.js";
import { HeadingPath } from "./headings.js";

/** `marked` takes seconds for what is larger (nested lists are quadratic): it is read as plain paragraphs. */
const MAX_LEXED_LENGTH = 2_000_000;
const PROSE = new Set(["paragraph", "blockquote", "heading", "text"]);

export const markdown: TextFormat = {
  kind: "text",
  name: "markdown",
  version: "markdown-1",
  parse: parseMarkdown,
  describe(text): Metadata {
    const { description } = readFrontMatter(text);
    return description === undefined ? {} : { description };
  },
};

function parseMarkdown(text: string): ParsedDocument {
  const front = readFrontMatter(text);
  const { blocks, firstHeading } = readBlocks(text, front.end);
  const title = front.title ?? firstHeading;
  return { title, text, blocks, lines: lineStarts(text) };
}

interface Blocks {
  readonly blocks: Block[];
  /** Text of the first heading of level 1. */
  readonly firstHeading?: string;
}

function readBlocks(text: string, from: number): Blocks {
  if (text.length - from <= MAX_LEXED_LENGTH) {
    try {
      return lexBlocks(text, from);
    } catch {
      // Nesting too deep for the lexer's recursion, or a token that is no slice of the text: paragraphs still serve.
    }
  }
  const blocks = paragraphBlocks(text.slice(from), "prose");
  return { blocks: blocks.map((block) => ({ ...block, start: block.start + from, end: block.end + from })) };
}

function lexBlocks(text: string, from: number): Blocks {
  // Block tokens only: inline lexing is most of the work, and nothing of it is needed.
  const tokens = new Lexer().blockTokens(text.slice(from).replace(/\r\n?/g, "\n"), []);
  const blocks: Block[] = [];
  const headings = new HeadingPath();
  let firstHeading: string | undefined;
  let at = from;
  for (const token of tokens) {
    const span = locate(text, at, token.raw);
    if (span === undefined) continue;
    at = span.end;
    if (token.type === "heading") {
      headings.enter(token.depth, plainText(token.text));
      if (token.depth === 1) firstHeading ??= headings.path.at(-1);
    }
    blocks.push({ ...span, headings: headings.path, kind: kindOf(token) });
  }
  return { blocks, firstHeading };
}

function kindOf(token: Token): Block["kind"] {
  return PROSE.has(token.type) ? "prose" : "lines";
}

/**
 * The visible span of a token in the original. The lexer sees line ends and some tabs rewritten, so its lengths do not
 * add up; its visible characters do. Undefined for blank tokens. @throws RangeError when the token is not there.
 */
function locate(text: string, from: number, raw: string): { start: number; end: number } | undefined {
  let at = from;
  let start = -1;
  for (let i = 0; i < raw.length; i++) {
    if (isBlank(raw, i)) continue;
    while (at < text.length && isBlank(text, at)) at++;
    if (text.charCodeAt(at) !== raw.charCodeAt(i)) throw new RangeError(`token is not at offset ${at}`);
    if (start === -1) start = at;
    at++;
  }
  return start === -1 ? undefined : { start, end: at };
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
