/**
 * HTML: the visible text under its heading path. Driven by the tokenizer alone: the parser above it keeps a stack that
 * costs quadratic time on deeply nested pages, and no step here needs the tree.
 */
import { Tokenizer } from "htmlparser2";
import type { ParsedDocument } from "../../core/types.js";
import type { TextFormat } from "./format.js";
import { HtmlText } from "./html-text.js";

const DROPPED = new Set(["script", "style", "noscript", "template", "nav", "svg", "math", "iframe", "object"]);
const BLOCKS = new Set(
  (
    "address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form " +
    "header hgroup hr html legend li main menu ol option p pre search section summary table ul"
  ).split(" "),
);

export const html: TextFormat = { kind: "text", name: "html", version: "html-1", parse: parseHtml };

export function parseHtml(content: string): ParsedDocument {
  const page = readPage(content, DROPPED);
  if (page.blocks.length > 0) return page;
  // A <nav> that is never closed swallows the page; then navigation is better than nothing.
  return readPage(content, new Set([...DROPPED].filter((name) => name !== "nav")));
}

function readPage(content: string, dropped: ReadonlySet<string>): ParsedDocument {
  const reader = new PageReader(content, dropped);
  const ignore = () => undefined;
  const tokenizer = new Tokenizer(
    { decodeEntities: true },
    {
      ontext: (start, end) => reader.text(content.slice(start, end), start, false),
      ontextentity: (codepoint, end) => reader.text(fromCodePoint(codepoint), end - 1, true),
      onopentagname: (start, end) => reader.open(content.slice(start, end).toLowerCase()),
      onselfclosingtag: () => reader.selfClosed(),
      onclosetag: (start, end) => reader.closed(content.slice(start, end).toLowerCase()),
      onopentagend: ignore,
      onattribname: ignore,
      onattribdata: ignore,
      onattribentity: ignore,
      onattribend: ignore,
      oncdata: ignore,
      oncomment: ignore,
      ondeclaration: ignore,
      onprocessinginstruction: ignore,
      onend: ignore,
    },
  );
  tokenizer.write(content);
  tokenizer.end();
  return reader.finish();
}

/** Turns tags into blocks, headings and gaps. Unbalanced tags do no harm: only depths of pre and table are kept. */
class PageReader {
  readonly #out: HtmlText;
  readonly #dropped: ReadonlySet<string>;
  #dropping = "";
  #dropDepth = 0;
  #preDepth = 0;
  #tableDepth = 0;
  #inTitle = false;
  #title = "";
  #lastOpened = "";

  constructor(content: string, dropped: ReadonlySet<string>) {
    this.#out = new HtmlText(content);
    this.#dropped = dropped;
  }

  text(data: string, offset: number, decoded: boolean): void {
    if (this.#dropping !== "") return;
    if (this.#inTitle) this.#title += data;
    else if (this.#preDepth > 0) this.#out.addVerbatim(data, offset, decoded);
    else this.#out.addCollapsed(data, offset, decoded);
  }

  open(name: string): void {
    this.#lastOpened = name;
    if (this.#dropping !== "") {
      if (name === this.#dropping) this.#dropDepth++;
      return;
    }
    if (this.#dropped.has(name)) {
      this.#dropping = name;
      this.#dropDepth = 1;
    } else if (name === "title") this.#inTitle = this.#title === "";
    else if (name === "br") this.#out.gap("\n");
    else if (headingLevel(name) > 0) {
      this.#out.openHeading(headingLevel(name));
      this.#out.kind = "prose";
    } else if (name === "tr") this.#out.gap("\n");
    else if (name === "td" || name === "th") this.#out.gap(" | ");
    else if (BLOCKS.has(name)) this.#openBlock(name);
  }

  #openBlock(name: string): void {
    const insideTable = this.#tableDepth > 0;
    if (name === "table") this.#tableDepth++;
    if (insideTable) {
      this.#out.gap(name === "table" ? "\n" : " ");
      if (name === "pre") this.#preDepth++;
      return;
    }
    this.#out.close();
    if (name === "pre") this.#preDepth++;
    this.#setKind();
  }

  selfClosed(): void {
    // Only foreign elements close themselves; `<nav/>` is an open tag in HTML.
    if (this.#lastOpened === "svg" || this.#lastOpened === "math") this.closed(this.#lastOpened);
  }

  closed(name: string): void {
    if (this.#dropping !== "") {
      if (name === this.#dropping && --this.#dropDepth === 0) this.#dropping = "";
      return;
    }
    if (name === "title") this.#inTitle = false;
    else if (headingLevel(name) > 0) {
      this.#out.closeHeading();
      this.#setKind();
    } else if (BLOCKS.has(name)) this.#closeBlock(name);
  }

  #closeBlock(name: string): void {
    if (name === "table") this.#tableDepth = Math.max(0, this.#tableDepth - 1);
    if (this.#tableDepth > 0) this.#out.gap(" ");
    else this.#out.close();
    if (name === "pre") this.#preDepth = Math.max(0, this.#preDepth - 1);
    if (this.#tableDepth === 0) this.#setKind();
  }

  #setKind(): void {
    this.#out.kind = this.#preDepth > 0 || this.#tableDepth > 0 ? "lines" : "prose";
  }

  finish(): ParsedDocument {
    this.#out.close();
    const title = this.#title.replace(/\s+/g, " ").trim() || this.#out.firstHeading;
    const { text, blocks, lines } = this.#out;
    return { title, text, blocks, lines: lines.marks };
  }
}

function headingLevel(name: string): number {
  return name.length === 2 && name[0] === "h" && name >= "h1" && name <= "h6" ? Number(name[1]) : 0;
}

/** A lone surrogate is no character, and NUL ends strings in some stores. */
function fromCodePoint(codepoint: number): string {
  const character = codepoint <= 0x10ffff ? String.fromCodePoint(codepoint) : "\ufffd";
  return /\p{Surrogate}|\0/u.test(character) ? "\ufffd" : character;
}
