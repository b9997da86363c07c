/** Jupyter notebooks, formats 2 to 4, as Markdown: cells in order, code and what it wrote in fences. */
import { withoutEncodedData } from "../encoded-data.js";
import { decodeUtf8 } from "../encoding/decode.js";
import { wellFormed } from "./characters.js";
import type { BinaryFormat } from "./format.js";
import { readFrontMatter } from "./front-matter.js";
import { MarkdownSections, readMarkdown } from "./markdown.js";
import { linesOf, outputText } from "./notebook-output.js";

/** https://nbformat.readthedocs.io/en/latest/format_description.html: what is not there, or of another type, is passed over. */
interface Notebook {
  readonly cells?: unknown;
  /** Before format 4. */
  readonly worksheets?: unknown;
  readonly metadata?: {
    readonly title?: unknown;
    readonly language_info?: { readonly name?: unknown };
    readonly kernelspec?: { readonly language?: unknown };
  };
}

interface Cell {
  readonly cell_type?: unknown;
  readonly source?: unknown;
  /** Before format 4: the source of a code cell, and the level of a heading. */
  readonly input?: unknown;
  readonly language?: unknown;
  readonly level?: unknown;
  readonly outputs?: unknown;
}

interface Piece {
  readonly text: string;
  readonly isMarkdown: boolean;
}

/** Read like a container: the size of one is that of the pictures in it. */
export const notebook: BinaryFormat = {
  kind: "binary",
  name: "notebook",
  version: "notebook-1",
  async parse(bytes) {
    const book = bookOf(decodeUtf8(bytes) ?? "");
    const language = languageOf(book);
    const pieces = cellsOf(book).flatMap((cell) => piecesOf(cell, language));
    const text = pieces.map((piece) => piece.text).join("\n\n");
    const front = readFrontMatter(text);
    const sections = new MarkdownSections(text, front.end);
    let end = 0;
    for (const piece of pieces) {
      end += piece.text.length;
      // A front matter's end is that of its last line.
      if (piece.isMarkdown && end > sections.at) readMarkdown(sections, end);
      else if (end > sections.at) sections.addCode(end);
      end += 2;
    }
    const title = front.title ?? (linesOf(book?.metadata?.title) || sections.title);
    return {
      title,
      metadata: { ...(language !== "" && { language }), ...front.metadata },
      text,
      blocks: sections.blocks,
      unread: sections.unread,
    };
  },
};

/** @throws without a piece of what is in it, which JSON's own error has */
function bookOf(json: string): Notebook | null {
  try {
    return JSON.parse(json) as Notebook | null;
  } catch {
    throw new Error("it is not valid JSON");
  }
}

function languageOf(book: Notebook | null): string {
  const { language_info: info, kernelspec: kernel } = book?.metadata ?? {};
  return linesOf(info?.name) || linesOf(kernel?.language);
}

function cellsOf(book: Notebook | null): Cell[] {
  const worksheets = objectsOf(book?.worksheets) as Notebook[];
  const cells = [book?.cells, ...worksheets.map((sheet) => sheet.cells)].flatMap(objectsOf) as Cell[];
  if (cells.length === 0 && !Array.isArray(book?.cells)) throw new Error("it has no cells");
  return cells;
}

function piecesOf(cell: Cell, language: string): Piece[] {
  const source = sourceOf(cell.source ?? cell.input);
  if (cell.cell_type === "code") {
    const output = outputText(objectsOf(cell.outputs));
    const label = linesOf(cell.language) || language;
    return [fenced(source, label), fenced(output, "")].filter(({ text }) => text !== "");
  }
  if (source === "") return [];
  const level = cell.cell_type === "heading" ? Math.min(6, Math.max(1, Number(cell.level) || 1)) : 0;
  return [{ text: level > 0 ? `${"#".repeat(level)} ${source}` : source, isMarkdown: cell.cell_type !== "raw" }];
}

/** In a fence that nothing in it ends. */
function fenced(code: string, label: string): Piece {
  if (code === "") return { text: "", isMarkdown: false };
  const longest = code.match(/`{3,}/g)?.reduce((most, { length }) => Math.max(most, length), 0) ?? 2;
  const fence = "`".repeat(longest + 1);
  return { text: `${fence}${label}\n${code}\n${fence}`, isMarkdown: false };
}

/** Without blank lines around it. */
function sourceOf(value: unknown): string {
  const text = wellFormed(withoutEncodedData(linesOf(value)))
    .replaceAll("\r\n", "\n")
    .trimEnd();
  const blank = text.length - text.trimStart().length;
  return text.slice(text.lastIndexOf("\n", blank - 1) + 1);
}

function objectsOf(value: unknown): object[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "object" && each !== null) : [];
}
