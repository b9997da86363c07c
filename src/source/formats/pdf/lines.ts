/** Lines of a document as they are read. */
import { type Piece, type Row, textOf } from "./rows.js";

export interface Line {
  readonly text: string;
  /** Of the type that most of it has, in points. */
  readonly size: number;
  readonly isBold: boolean;
  readonly left: number;
  readonly right: number;
  /** Height of the base line above the page's lower edge. */
  readonly y: number;
  /** How it is turned, in degrees. */
  readonly turn: number;
  /** It has wide gaps, as rows of tables have. */
  readonly isTableRow: boolean;
  /** From 1. */
  readonly page: number;
}

export function lineOf(row: Row, page: number): Line {
  const main = row.reduce((most, piece) => (piece.text.length > most.text.length ? piece : most));
  return {
    text: textOf(row).replace(/\s+/g, " "),
    size: main.size,
    isBold: row.every((piece) => piece.isBold),
    left: (row[0] as Piece).left,
    right: (row.at(-1) as Piece).right,
    y: main.y,
    turn: main.turn,
    isTableRow: row.length > 1,
    page,
  };
}
