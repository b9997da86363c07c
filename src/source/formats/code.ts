/** Source code: a block for each top-level definition with the comments above it, under its signature. */
import type { Block } from "../../core/types.js";
import { DEFINITIONS } from "./definitions.js";
import { lineSpans, lineStarts, paragraphBlocks, type TextFormat } from "./format.js";
import { longStrings } from "./long-strings.js";

const MAX_SIGNATURE_LENGTH = 120;
/** Longer lines are data or minified: matching a pattern against them would only cost time. */
const MAX_MATCHED_LENGTH = 200;
/** Decorators, attributes and comments that stand directly above a definition belong to it. */
const LEAD_IN = /^\s*(?:@|#|\/\/|\/\*|\*|--|"""|''')/;
const CLOSING = /^[)\]}]|^end\b|^else\b|^elif\b|^except\b|^finally\b|^catch\b/;

/** The format of one language, by its extension without the dot; unknown ones are cut at blank lines. */
export function code(extension: string): TextFormat {
  const definition = DEFINITIONS.get(extension);
  return {
    kind: "text",
    isHandwritten: true,
    name: "code",
    version: "code-3",
    parse: (text) => ({
      text,
      blocks: definition === undefined ? paragraphBlocks(text, "lines") : definitionBlocks(text, definition, extension),
      lines: lineStarts(text),
    }),
  };
}

interface Row {
  readonly first: number;
  readonly last: number;
  /** Visible text of a line of code that starts in column 1, cut to `MAX_MATCHED_LENGTH`; "" for all others. */
  readonly flush: string;
  readonly leadIn: boolean;
}

function definitionBlocks(text: string, definition: RegExp, extension: string): Block[] {
  const strings = longStrings(text, extension, definition);
  let string = 0;
  const blocks: Block[] = [];
  let rows: Row[] = [];
  let headings: readonly string[] = [];
  const close = (kept: Row[]) => {
    const start = rows[0]?.first;
    const end = rows.at(-1)?.last;
    if (start !== undefined && end !== undefined) blocks.push({ start, end, headings, kind: "lines" });
    rows = kept;
  };
  let afterBlank = false;
  for (const line of lineSpans(text, 0, text.length)) {
    if (line.first === line.last) {
      afterBlank = true;
      continue;
    }
    while ((strings[string]?.end ?? Number.POSITIVE_INFINITY) <= line.start) string++;
    const isQuoted = line.start > (strings[string]?.start ?? Number.POSITIVE_INFINITY);
    const row = isQuoted ? { ...toRow(text, line), flush: "" } : toRow(text, line);
    const isDefinition = row.flush !== "" && definition.test(row.flush);
    if (isDefinition) {
      close(takeLeadIn(text, rows));
      headings = [row.flush.slice(0, MAX_SIGNATURE_LENGTH).trim()];
    } else if (afterBlank && row.flush !== "" && headings.length > 0 && !CLOSING.test(row.flush)) {
      // A statement of its own after a definition's end: the signature above does not describe it.
      close([]);
      headings = [];
    }
    // `#main {` looks like a comment of another language: what is a definition leads into none.
    rows.push(isDefinition ? { ...row, leadIn: false } : row);
    afterBlank = false;
  }
  close([]);
  return blocks;
}

function toRow(text: string, line: { start: number; first: number; last: number }): Row {
  const head = text.slice(line.first, Math.min(line.last, line.first + MAX_MATCHED_LENGTH));
  return {
    first: line.first,
    last: line.last,
    flush: line.first === line.start ? head : "",
    leadIn: LEAD_IN.test(head),
  };
}

/** Moves the comment and decorator lines at the end of `rows`, without a blank line in between, to the next block. */
function takeLeadIn(text: string, rows: Row[]): Row[] {
  let from = rows.length;
  while (from > 0 && rows[from - 1]?.leadIn && !blankLineAfter(text, rows, from - 1)) from--;
  return rows.splice(from);
}

function blankLineAfter(text: string, rows: readonly Row[], index: number): boolean {
  const row = rows[index] as Row;
  const next = rows[index + 1];
  const feed = text.indexOf("\n", row.last);
  return feed !== -1 && text.slice(feed + 1, next?.first ?? nextVisible(text, feed + 1)).includes("\n");
}

function nextVisible(text: string, from: number): number {
  const found = text.slice(from, from + 4096).search(/\S/);
  return found === -1 ? from : from + found;
}
