/** Lines and form fields of pages → the text of a document, with headings and pages. */
import type { Block, ParsedDocument } from "../../../core/types.js";
import { MarkList } from "../format.js";
import { HeadingPath } from "../headings.js";
import type { FormField } from "./document.js";
import type { Line } from "./lines.js";
import { type Paragraph, paragraphsOf } from "./paragraphs.js";
import { Type } from "./type.js";
import { isCut, type Joint, WordEnds } from "./word-ends.js";

const LINE_END: Joint = { taken: 0, between: "\n" };

export async function pdfText(
  pages: readonly (readonly Line[])[],
  fields: readonly (readonly FormField[])[],
): Promise<ParsedDocument> {
  const type = new Type(pages);
  const all = pages.flat().map(({ text }) => text);
  const text = new Text(type, all.some(isCut) ? await WordEnds.of(all) : undefined);
  const values = filled(fields);
  for (const paragraph of paragraphsOf(pages, type)) {
    const { page } = paragraph.at(-1) as Line;
    while ((values[0]?.page ?? page) < page) text.addValues(values.shift() as Values);
    text.addParagraph(paragraph);
  }
  for (const each of values) text.addValues(each);
  return text.parsed();
}

/** What is filled in on a page. */
interface Values {
  readonly page: number;
  readonly lines: readonly string[];
}

/** A field that stands in several places has one value. */
function filled(fields: readonly (readonly FormField[])[]): Values[] {
  const seen = new Set<string>();
  const found = fields.map((onPage, i) => {
    const lines = onPage.map(({ name, value }) => `${name}: ${value}`);
    const fresh = lines.filter((line) => !seen.has(line));
    for (const line of fresh) seen.add(line);
    return { page: i + 1, lines: [...new Set(fresh)] };
  });
  return found.filter(({ lines }) => lines.length > 0);
}

class Text {
  readonly #type: Type;
  /** Undefined where no line cuts a word. */
  readonly #wordEnds: WordEnds | undefined;
  readonly #parts: string[] = [];
  readonly #blocks: Block[] = [];
  readonly #pages = new MarkList();
  readonly #headings = new HeadingPath();
  #firstHeading: string | undefined;
  #length = 0;

  constructor(type: Type, wordEnds: WordEnds | undefined) {
    this.#type = type;
    this.#wordEnds = wordEnds;
  }

  parsed(): ParsedDocument {
    return {
      title: this.#firstHeading,
      text: this.#parts.join(""),
      blocks: this.#blocks,
      pages: this.#pages.marks,
    };
  }

  addParagraph(lines: Paragraph): void {
    const start = this.#begin();
    const parts = lines.map((line, i) => {
      const next = lines[i + 1];
      const { taken, between } = next === undefined ? { taken: 0, between: "" } : this.#joint(line, next);
      return line.text.slice(0, line.text.length - taken) + between;
    });
    lines.forEach(({ page }, i) => {
      this.#pages.add(this.#length, page);
      this.#push(parts[i] as string);
    });
    const level = this.#type.level(lines);
    if (level > 0) {
      this.#headings.enter(level, parts.join(""));
      this.#firstHeading ??= this.#headings.path.at(-1);
    }
    this.#end(start, lines.every(({ isTableRow }) => isTableRow) ? "lines" : "prose");
  }

  addValues({ page, lines }: Values): void {
    const start = this.#begin();
    this.#pages.add(start, page);
    this.#push(lines.join("\n"));
    this.#end(start, "lines");
  }

  #joint(line: Line, next: Line): Joint {
    return this.#wordEnds?.between(line.text, next.text) ?? LINE_END;
  }

  #begin(): number {
    if (this.#length > 0) this.#push("\n\n");
    return this.#length;
  }

  #end(start: number, kind: Block["kind"]): void {
    this.#blocks.push({ start, end: this.#length, headings: this.#headings.path, kind });
  }

  #push(part: string): void {
    this.#parts.push(part);
    this.#length += part.length;
  }
}
