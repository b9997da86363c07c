/** Glyphs of a page → rows: pieces of text at one height, from left to right, as far apart as they are drawn. */
import type { Glyph } from "./glyph.js";

/** Text without a wide gap in it. */
export interface Piece {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly y: number;
  /** Of its largest type, in points. */
  readonly size: number;
  readonly isBold: boolean;
  readonly turn: number;
  /** Its place among what is drawn on the page. */
  readonly drawn: number;
}

export type Row = readonly Piece[];

/** Gaps and heights, in sizes of the type. */
const BLANK = 0.15;
const WIDE_GAP = 0.9;
const OVERLAP = 0.6;
const SAME_LINE = 0.45;
/** Columns beside each other need not have their lines at one height. */
const SAME_ROW = 0.75;
/** A longer row takes in nothing from below it. */
const MAX_COMPARED = 50;

/** From fonts without a map to Unicode. */
const NO_LETTER = /\p{Surrogate}|\0/gu;
/** Letters as they are drawn: ligatures, forms within a word, signs that look like letters. */
const PRESENTATION_FORM = /[\u00b5\u2126\ufb00-\ufdff\ufe70-\ufefc]/g;
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** Rows from top to bottom; first those of the direction that most of the text has, then those of the others. */
export function rowsOf(glyphs: Iterable<Glyph>): Row[] {
  const byTurn = new Map<number, Piece[]>();
  for (const piece of pieces(glyphs)) {
    const same = byTurn.get(piece.turn) ?? [];
    byTurn.set(piece.turn, same);
    same.push(piece);
  }
  const letters = (of: readonly Piece[]) => of.reduce((sum, { text }) => sum + text.length, 0);
  return [...byTurn.values()].sort((a, b) => letters(b) - letters(a)).flatMap(inRows);
}

class OpenPiece {
  #text: string;
  #left: number;
  #right: number;
  #y: number;
  #size: number;
  #letters = 1;
  #boldLetters: number;
  #isBlankDue = false;
  #last: Glyph;
  readonly #turn: number;
  #isBackwards: boolean;

  constructor(glyph: Glyph) {
    const { text, style, left, right, y } = glyph;
    this.#last = glyph;
    this.#text = text;
    this.#left = left;
    this.#right = right;
    this.#y = y;
    this.#size = style.size;
    this.#turn = style.turn;
    this.#boldLetters = style.isBold ? 1 : 0;
    this.#isBackwards = RIGHT_TO_LEFT.test(text);
  }

  blank(): void {
    this.#isBlankDue = true;
  }

  /** @returns false for a glyph that is no part of it */
  add(glyph: Glyph): boolean {
    const { text, style, left, right, y } = glyph;
    const size = Math.max(this.#size, style.size);
    const isBackwards = RIGHT_TO_LEFT.test(text) || (this.#isBackwards && right <= this.#left + OVERLAP * size);
    // The letters of a ligature stand in one place.
    const isLigature = left === this.#last.left && right === this.#last.right;
    const gap = isLigature ? 0 : isBackwards ? this.#left - right : left - this.#right;
    if (style.turn !== this.#turn || Math.abs(y - this.#y) > SAME_LINE * size) return false;
    if (gap > WIDE_GAP * size || gap < -OVERLAP * size) return false;
    this.#text += this.#isBlankDue || gap > BLANK * size ? ` ${text}` : text;
    this.#isBlankDue = false;
    this.#last = glyph;
    this.#isBackwards = isBackwards;
    this.#left = Math.min(this.#left, left);
    this.#right = Math.max(this.#right, right);
    this.#letters++;
    if (style.isBold) this.#boldLetters++;
    if (style.size > this.#size * 1.1) this.#y = y;
    this.#size = size;
    return true;
  }

  closed(drawn: number): Piece {
    return {
      text: this.#text.replace(NO_LETTER, "\ufffd").replace(PRESENTATION_FORM, (form) => form.normalize("NFKC")),
      left: this.#left,
      right: this.#right,
      y: this.#y,
      size: this.#size,
      isBold: this.#boldLetters > this.#letters * 0.9,
      turn: this.#turn,
      drawn,
    };
  }
}

function* pieces(glyphs: Iterable<Glyph>): Generator<Piece> {
  let open: OpenPiece | undefined;
  let drawn = 0;
  for (const glyph of glyphs) {
    if (glyph.text.trim() === "") open?.blank();
    else if (open === undefined || !open.add(glyph)) {
      if (open !== undefined) yield open.closed(drawn++);
      open = new OpenPiece(glyph);
    }
  }
  if (open !== undefined) yield open.closed(drawn);
}

function inRows(pieces: readonly Piece[]): Row[] {
  const rows: Piece[][] = [];
  let top = 0;
  for (const piece of [...pieces].sort((a, b) => b.y - a.y || a.left - b.left)) {
    const row = rows.at(-1);
    const size = Math.max(piece.size, row?.[0]?.size ?? 0);
    const isIn =
      row !== undefined &&
      (top - piece.y <= SAME_LINE * size ||
        (top - piece.y <= SAME_ROW * size && row.length < MAX_COMPARED && !row.some((each) => overlap(each, piece))));
    if (isIn) row.push(piece);
    else {
      rows.push([piece]);
      top = piece.y;
    }
  }
  return rows.map((row) => row.sort((a, b) => a.left - b.left));
}

function overlap(a: Piece, b: Piece): boolean {
  return a.left < b.right && b.left < a.right;
}

/** A row as its reader says it. */
export function textOf(row: Row): string {
  const text = row.map((piece) => piece.text).join(" ");
  if (!RIGHT_TO_LEFT.test(text)) return text;
  return row.filter((piece) => RIGHT_TO_LEFT.test(piece.text)).length * 2 > row.length
    ? row
        .map((piece) => piece.text)
        .reverse()
        .join(" ")
    : text;
}
