/** Tables as text (CSV, TSV): groups of lines, each under the row that names the columns. */
import type { Span } from "../../core/types.js";
import { lineStarts, paragraphBlocks, type TextFormat } from "./format.js";
import { isHeaderRow } from "./header-row.js";

const DELIMITERS = [",", ";", "\t", "|"];
/** Rows and characters that the header is looked for in. */
const MOST_ROWS = 20;
const MOST_LENGTH = 65_536;

export const csv: TextFormat = {
  kind: "text",
  name: "csv",
  version: "csv-1",
  parse(text) {
    const header = headerOf(text);
    const blocks = paragraphBlocks(text, "lines");
    return {
      text,
      blocks: header === undefined ? blocks : blocks.map((block) => ({ ...block, header })),
      lines: lineStarts(text),
    };
  },
};

/** The first row that is not blank, when it names the columns. */
function headerOf(text: string): Span | undefined {
  const start = text.search(/\S/);
  if (start === -1) return undefined;
  const head = text.slice(start, start + MOST_LENGTH);
  const rows = rowsOf(head, delimiterOf(head));
  const [first] = rows;
  return first !== undefined && isHeaderRow(rows.map(({ cells }) => cells))
    ? { start, end: start + first.end }
    : undefined;
}

/** The one that the first line has most of. */
function delimiterOf(text: string): string {
  const [line = ""] = text.split("\n", 1);
  const counted = DELIMITERS.map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counted.reduce((best, each) => (each.count > best.count ? each : best)).delimiter;
}

interface Row {
  readonly cells: readonly string[];
  /** Offset behind its last visible character. */
  readonly end: number;
}

/** A quotation mark at the beginning of a cell holds delimiters and line ends until the next that is not doubled (RFC 4180). */
function rowsOf(text: string, delimiter: string): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < text.length && rows.length < MOST_ROWS; ) {
    const cells: string[] = [];
    const begin = at;
    for (let more = true; more; at++) {
      const end = endOfCell(text, at, delimiter);
      cells.push(text.slice(at, end).replace(/^"|"\s*$/g, ""));
      more = text[end] === delimiter;
      at = end;
    }
    const end = begin + text.slice(begin, at).trimEnd().length;
    if (end > begin) rows.push({ cells, end });
  }
  return rows;
}

function endOfCell(text: string, start: number, delimiter: string): number {
  let at = start;
  if (text[at] === '"') {
    const closing = closingQuote(text, at + 1);
    if (closing !== -1) at = closing + 1;
  }
  while (at < text.length && text[at] !== delimiter && text[at] !== "\n") at++;
  return at;
}

/** -1: the mark is one of the text. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at;
}
