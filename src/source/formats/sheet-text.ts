/** The rows of a sheet as text: a heading, then tables under the rows that name their columns. */
import type { Block, ParsedDocument, Span } from "../../core/types.js";
import type { SheetCell, SheetRow } from "./container/sheet.js";
import { isHeaderRow } from "./header-row.js";
import { CELL_GAP } from "./html-table.js";

/** Rows that a header is compared with. */
const COMPARED = 20;

/** @param limit of characters. @throws beyond it */
export function sheetText(
  name: string,
  rows: readonly SheetRow[],
  limit: number,
): Pick<ParsedDocument, "text" | "blocks"> {
  const writer = new Writer([name], limit);
  writer.add([name], "prose");
  for (const table of tablesOf(rows)) {
    const columns = columnsOf(table);
    const lines = linesOf(table, columns, limit);
    const at = headerAt(table);
    const titles = lines.slice(0, Math.max(0, at));
    if (titles.length > 0) writer.add(titles, "prose");
    writer.add(lines.slice(titles.length), "lines", at === -1 ? undefined : lines[at]);
  }
  return writer;
}

class Writer {
  readonly blocks: Block[] = [];
  text = "";
  readonly #headings: readonly string[];
  readonly #limit: number;

  constructor(headings: readonly string[], limit: number) {
    this.#headings = headings;
    this.#limit = limit;
  }

  /** @param header the first line, where it names the columns */
  add(lines: readonly string[], kind: Block["kind"], header?: string): void {
    const text = lines.join("\n");
    if (this.text.length + text.length > this.#limit) throw tooLong(this.#limit);
    if (this.text !== "") this.text += "\n\n";
    const start = this.text.length;
    this.text += text;
    const span: Span | undefined = header === undefined ? undefined : { start, end: start + header.length };
    this.blocks.push({ start, end: this.text.length, kind, headings: this.#headings, header: span });
  }
}

function tooLong(limit: number): Error {
  return new Error(`it has more than ${limit / 1e6} MB of text`);
}

/** Rows without an empty one between them. */
function tablesOf(rows: readonly SheetRow[]): SheetRow[][] {
  const tables: SheetRow[][] = [];
  let last = -1;
  for (const row of rows) {
    if (row.number === last + 1) tables.at(-1)?.push(row);
    else tables.push([row]);
    last = row.number;
  }
  return tables;
}

/** Those that some row has. */
function columnsOf(rows: readonly SheetRow[]): number[] {
  return [...new Set(rows.flatMap(({ cells }) => cells.map(({ column }) => column)))].sort((a, b) => a - b);
}

/** Empty cells at the end of a row are left out, those before keep their place. */
function linesOf(rows: readonly SheetRow[], columns: readonly number[], limit: number): string[] {
  const place = new Map(columns.map((column, i) => [column, i]));
  let length = 0;
  return rows.map(({ cells }) => {
    let line = "";
    let at = 0;
    for (const { column, text } of cells) {
      const to = place.get(column) ?? at;
      line += CELL_GAP.repeat(to - at) + text;
      at = to;
      if (length + line.length > limit) throw tooLong(limit);
    }
    length += line.length;
    return line.trimStart();
  });
}

/** Of the row that names the columns: the first of several cells, where a title of one cell may stand above. -1: none. */
function headerAt(rows: readonly SheetRow[]): number {
  const at = rows.findIndex(({ cells }) => cells.length > 1);
  const header = rows[at];
  if (header === undefined) return -1;
  const columns = header.cells.map(({ column }) => column);
  const compared = rows.slice(at, at + COMPARED).map(({ cells }) => {
    const texts = new Map(cells.map(({ column, text }: SheetCell) => [column, text]));
    return columns.map((column) => texts.get(column) ?? "");
  });
  return isHeaderRow(compared) ? at : -1;
}
