/** A sheet of a workbook: the cells that hold something, row by row, as they are shown. */
import type { CellFormats } from "./cell-formats.js";
import { readXml, type XmlTag } from "./xml.js";

export interface SheetRow {
  /** From 1. */
  readonly number: number;
  /** By ascending columns. */
  readonly cells: readonly SheetCell[];
}

export interface SheetCell {
  /** From 0. */
  readonly column: number;
  readonly text: string;
}

export interface SheetParts {
  readonly shared: readonly string[];
  readonly formats: CellFormats;
}

const MAX_COLUMN = 16_384;
const LETTERS = 26;

/** Rows without a value are left out. */
export function readSheet(xml: string, parts: SheetParts): SheetRow[] {
  const rows: SheetRow[] = [];
  let row = { number: 0, cells: [] as SheetCell[] };
  let cell = { column: 0, type: "", style: 0 };
  let value = "";
  let isValue = false;
  readXml(xml, {
    open(tag) {
      const { name } = tag;
      isValue = name === "v" || name === "t";
      if (name === "row") row = { number: Number(tag.get("r")) || row.number + 1, cells: [] };
      else if (name === "c") {
        cell = { column: columnOf(tag, row.cells), type: tag.get("t") ?? "n", style: Number(tag.get("s") ?? 0) };
        value = "";
      }
      return name !== "rPh" && name !== "f";
    },
    text(data) {
      if (isValue) value += data;
    },
    close(name) {
      isValue = false;
      if (name === "c") {
        const text = shown(value, cell, parts);
        if (text !== "" && cell.column < MAX_COLUMN) row.cells.push({ column: cell.column, text });
      } else if (name === "row" && row.cells.length > 0) rows.push(row);
    },
  });
  return rows;
}

/** Of `BC12`; without a name it is the next one. */
function columnOf(tag: XmlTag, before: readonly SheetCell[]): number {
  const next = (before.at(-1)?.column ?? -1) + 1;
  const letters = /^[A-Z]{1,3}/.exec(tag.get("r") ?? "")?.[0];
  if (letters === undefined) return next;
  let column = 0;
  for (const letter of letters) column = column * LETTERS + letter.charCodeAt(0) - 64;
  return Math.max(next, column - 1);
}

function shown(
  value: string,
  { type, style }: { type: string; style: number },
  { shared, formats }: SheetParts,
): string {
  if (value === "") return "";
  if (type === "s") return shared[Number(value)] ?? "";
  if (type === "b") return value === "1" ? "TRUE" : "FALSE";
  const number = Number(value);
  return type === "n" && Number.isFinite(number) ? formats.shown(number, style) : oneLine(value);
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

/** @param xml part `sharedStrings` */
export function readSharedStrings(xml: string): string[] {
  const strings: string[] = [];
  let text = "";
  let isText = false;
  readXml(xml, {
    open({ name }) {
      isText = name === "t";
      if (name === "si") text = "";
      return name !== "rPh";
    },
    text(data) {
      if (isText) text += data;
    },
    close(name) {
      isText = false;
      // Once for all cells that have it: together they may hold more than a memory does.
      if (name === "si") strings.push(oneLine(text));
    },
  });
  return strings;
}
