/**
 * HTML: the visible text under its heading path. Driven by the tokenizer alone: the parser above it keeps a stack that
 * costs quadratic time on deeply nested pages, and no step here needs the tree.
 */
import { Tokenizer } from "htmlparser2";
import type { ParsedDocument, Span } from "../../core/types.js";
import { fromCodePoint } from "./characters.js";
import type { TextFormat } from "./format.js";
import { BLOCKS, OpenElements, Region } from "./html-elements.js";
import { CELL_GAP, TableRows } from "./html-table.js";
import { isHidden, isMain, isNoText, isPageFrame, type Tag, TagReader } from "./html-tag.js";
import { HtmlText } from "./html-text.js";

/** Characters behind a start tag that show a link's text. */
const FOLLOWING_LENGTH = 40;
/** Of a table: what follows the head ends it, closed or not. */
const SECTIONS = new Set(["thead", "tbody", "tfoot"]);

export const html: TextFormat = { kind: "text", name: "html", version: "html-2", parse: parseHtml };

export function parseHtml(content: string): ParsedDocument {
  const page = readPage(content, {});
  const whole = page.parsed();
  const only = page.mostIn;
  if (only !== undefined) return { ...readPage(content, { only }).parsed(), title: whole.title };
  if (whole.blocks.length > 0) return whole;
  // Where navigation is all there is, or scripts show what is hidden, that is better than nothing.
  return readPage(content, { everything: true }).parsed();
}

interface Reading {
  /** Only what stands in such elements. */
  readonly only?: "main" | "article" | undefined;
  /** With what is hidden and the frame of the page. */
  readonly everything?: boolean;
}

function readPage(content: string, reading: Reading): PageReader {
  const reader = new PageReader(content, reading);
  const tag = new TagReader();
  const ignore = () => undefined;
  const tokenizer = new Tokenizer(
    { decodeEntities: true, recognizeSelfClosing: true },
    {
      ontext: (start, end) => reader.text(content.slice(start, end), start, false),
      ontextentity: (codepoint, end) => reader.text(fromCodePoint(codepoint), end - 1, true),
      onopentagname: (start, end) => tag.begin(content.slice(start, end).toLowerCase()),
      onattribname: (start, end) => tag.attribute(content.slice(start, end).toLowerCase()),
      onattribdata: (start, end) => tag.value(content.slice(start, end)),
      onattribentity: (codepoint) => tag.value(fromCodePoint(codepoint)),
      onopentagend: (end) => reader.open(tag, end),
      onselfclosingtag: (end) => {
        reader.open(tag, end);
        reader.closed(tag.name);
      },
      onclosetag: (start, end) => reader.closed(content.slice(start, end).toLowerCase()),
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
  return reader;
}

/** Turns tags into blocks, headings and gaps. Unbalanced tags do no harm: no tree is built. */
class PageReader {
  readonly #content: string;
  readonly #reading: Reading;
  readonly #out: HtmlText;
  readonly #open = new OpenElements();
  readonly #leftOut = new Region();
  readonly #regions = { main: new Region(), article: new Region(), section: new Region() };
  readonly #lengths = { all: 0, main: 0, article: 0 };
  #preDepth = 0;
  #tableDepth = 0;
  /** Of the outermost table that is open. */
  #rows = new TableRows();
  #inTitle = false;
  #title = "";

  constructor(content: string, reading: Reading) {
    this.#content = content;
    this.#reading = reading;
    this.#out = new HtmlText(content);
  }

  text(data: string, offset: number, decoded: boolean): void {
    const { only } = this.#reading;
    if (this.#leftOut.isInside) return;
    if (this.#inTitle) this.#title += data;
    else if (only === undefined || this.#regions[only].isInside) {
      this.#count(data);
      if (this.#preDepth > 0) this.#out.addVerbatim(data, offset, decoded);
      else this.#out.addCollapsed(data, offset, decoded);
    }
  }

  #count(data: string): void {
    const { length } = data.trim();
    this.#lengths.all += length;
    if (this.#regions.main.isInside) this.#lengths.main += length;
    if (this.#regions.article.isInside) this.#lengths.article += length;
  }

  /** The element that holds most of the page's text, but not all of it. */
  get mostIn(): "main" | "article" | undefined {
    const { all } = this.#lengths;
    const found = (["main", "article"] as const).find((name) => this.#lengths[name] > all / 2);
    return found === undefined || this.#lengths[found] === all ? undefined : found;
  }

  /** @param end where the tag ends in the page */
  open(tag: Tag, end: number): void {
    const { name } = tag;
    this.#open.endBefore(name);
    this.#updateRegions();
    const hasContent = this.#open.open(name);
    if (this.#leftOut.isInside) return;
    if (this.#isLeftOut(tag, end)) {
      if (hasContent) this.#leftOut.enter(this.#open.depth);
      return;
    }
    this.#enterRegions(tag);
    if (name === "title") this.#inTitle = this.#title === "";
    else if (name === "br") this.#out.gap("\n");
    else if (name === "img" || name === "area") this.#addAlternative(tag, end);
    else if (headingLevel(name) > 0) {
      this.#out.openHeading(headingLevel(name));
      this.#out.kind = "prose";
    } else if (name === "tr") this.#openRow();
    else if (name === "td" || name === "th") this.#openCell(name);
    else if (SECTIONS.has(name)) this.#openSection(name);
    else if (BLOCKS.has(name)) this.#openBlock(name);
  }

  #isLeftOut(tag: Tag, end: number): boolean {
    if (isNoText(tag)) return true;
    if (this.#reading.everything) return false;
    const inSection = Object.values(this.#regions).some(({ isInside }) => isInside);
    return isHidden(tag) || isPageFrame(tag, inSection, this.#content.slice(end + 1, end + FOLLOWING_LENGTH));
  }

  #enterRegions(tag: Tag): void {
    const { main, article, section } = this.#regions;
    if (isMain(tag)) main.enter(this.#open.depth);
    if (tag.name === "article") article.enter(this.#open.depth);
    if (tag.name === "section") section.enter(this.#open.depth);
  }

  #updateRegions(): void {
    for (const region of [this.#leftOut, ...Object.values(this.#regions)]) region.update(this.#open.depth);
  }

  #addAlternative({ attributes }: Tag, end: number): void {
    this.#out.gap(" ");
    this.text(attributes.get("alt") ?? "", end, true);
    this.#out.gap(" ");
  }

  #openRow(): void {
    this.#out.gap("\n");
    if (this.#tableDepth === 1) this.#rows.openRow(this.#out.length);
  }

  #openCell(name: "td" | "th"): void {
    this.#out.gap(CELL_GAP);
    if (this.#tableDepth === 1) this.#rows.openCell(name);
  }

  #openSection(name: string): void {
    if (this.#tableDepth === 1) this.#rows.inHead = name === "thead";
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
    if (name === "table") this.#rows = new TableRows();
    if (name === "pre") this.#preDepth++;
    this.#setKind();
  }

  closed(name: string): void {
    const { depth } = this.#leftOut;
    this.#open.close(name);
    this.#updateRegions();
    // The end tag of an element around what is left out ends that too, and counts.
    if (depth > 0 && this.#open.depth >= depth - 1) return;
    if (name === "title") this.#inTitle = false;
    else if (headingLevel(name) > 0) {
      this.#out.closeHeading();
      this.#setKind();
    } else if (name === "thead") this.#openSection("");
    else if (BLOCKS.has(name)) this.#closeBlock(name);
  }

  #closeBlock(name: string): void {
    if (name === "table") this.#tableDepth = Math.max(0, this.#tableDepth - 1);
    if (this.#tableDepth > 0) this.#out.gap(" ");
    else this.#out.close(name === "table" ? this.#headerOfTable() : undefined);
    if (name === "pre") this.#preDepth = Math.max(0, this.#preDepth - 1);
    if (this.#tableDepth === 0) this.#setKind();
  }

  #headerOfTable(): Span | undefined {
    const block = this.#out.open;
    return block && this.#rows.header(block);
  }

  #setKind(): void {
    this.#out.kind = this.#preDepth > 0 || this.#tableDepth > 0 ? "lines" : "prose";
  }

  parsed(): ParsedDocument {
    this.#out.close();
    const title = this.#title.replace(/\s+/g, " ").trim() || this.#out.firstHeading;
    const { text, blocks, lines } = this.#out;
    return { title, text, blocks, lines: lines.marks };
  }
}

function headingLevel(name: string): number {
  return name.length === 2 && name[0] === "h" && name >= "h1" && name <= "h6" ? Number(name[1]) : 0;
}
