/** Headings as plain text: no markup, images, badges, tags or entities. */
import MarkdownIt, { type Env } from "markdown-it";
import { parseHtml } from "./html.js";

/** Longer ones are data. */
const MAX_LENGTH = 10_000;

const inline = new MarkdownIt("commonmark").enable("strikethrough");
const SHOWN = new Set(["text", "code_inline"]);
const GAP = /^(?:soft|hard)break$|^image$/;

/** Of a Markdown heading. One of images alone is what they stand for. @param env has the document's definitions of links */
export function markdownHeading(source: string, env: Env): string {
  const parts = inline.parseInline(source.slice(0, MAX_LENGTH), env)[0]?.children ?? [];
  const shown = parts.map(({ type, content }) => {
    if (SHOWN.has(type)) return content;
    return GAP.test(type) || /^<br\b/i.test(content) ? " " : "";
  });
  const text = oneLine(shown.join("")).replace(/ ?\{#[^{}]*\}$/, "");
  const images = parts.filter(({ type }) => type === "image");
  return text || oneLine(images.map(({ content }) => content).join(" "));
}

export interface HtmlHeading {
  readonly level: number;
  readonly text: string;
  /** Offsets of its tags, end exclusive. */
  readonly start: number;
  readonly end: number;
}

const TAGS = /<!--[\s\S]*?(?:-->|$)|<(\/?)h([1-6])(?=[\s>])[^<>]*>/gi;

/** Headings in a block of HTML, in order: those that end in it. Linear time. */
export function htmlHeadings(html: string): HtmlHeading[] {
  const found: HtmlHeading[] = [];
  let open: { readonly start: number; readonly level: number } | undefined;
  for (const { 0: tag, 1: slash, 2: level, index } of html.matchAll(TAGS)) {
    if (level === undefined) continue;
    if (slash === "") open = { start: index, level: Number(level) };
    else if (open !== undefined) {
      const end = index + tag.length;
      found.push({ ...open, text: htmlText(html.slice(open.start, end)), end });
      open = undefined;
    }
  }
  return found;
}

const IMAGE = /<img\s[^<>]*?\balt=(?:"([^"]*)"|'([^']*)')/gi;

function htmlText(html: string): string {
  const heading = html.slice(0, MAX_LENGTH);
  const images = () => Array.from(heading.matchAll(IMAGE), ([, double, single]) => double ?? single).join(" ");
  return oneLine(parseHtml(heading).text) || oneLine(parseHtml(images()).text);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
