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
const GUESSED_BLANK = 0.12;
const MARK_SIZE = 0.8;
/** Some fonts draw blanks that they take back. */
const DRAWN_BLANK = 0.05;
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
/** Accents that stand alone, and as they stand on letters. */
const ACCENTS: ReadonlyMap<string, string> = new Map([
  ["`", "\u0300"],
  ["\u00b4", "\u0301"],
  ["\u02c6", "\u0302"],
  ["\u02dc", "\u0303"],
  ["\u00af", "\u0304"],
  ["\u02d8", "\u0306"],
  ["\u02d9", "\u0307"],
  ["\u00a8", "\u0308"],
  ["\u02da", "\u030a"],
  ["\u02dd", "\u030b"],
  ["\u02c7", "\u030c"],
  ["\u00b8", "\u0327"],
]);

const FIRST_RIGHT_TO_LEFT = "\u0590";
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

/** Made glyph by glyph, in the order in which they are drawn. */
export class Drawing {
  readonly #pieces: Piece[] = [];
  #open: OpenPiece | undefined;

  add(glyph: Glyph): void {
    if (glyph.text <= " " || glyph.text.trim() === "") this.#open?.blank();
    else if (this.#open === undefined || !this.#open.add(glyph)) {
      this.#close();
      this.#open = new OpenPiece(glyph);
    }
  }

  /** From top to bottom; first those of the direction that most of the text has, then those of the others. */
  rows(): Row[] {
    this.#close();
    const byTurn = new Map<number, Piece[]>();
    for (const piece of this.#pieces) {
      const same = byTurn.get(piece.turn) ?? [];
      byTurn.set(piece.turn, same);
      same.push(piece);
    }
    const letters = (of: readonly Piece[]) => of.reduce((sum, { text }) => sum + text.length, 0);
    return [...byTurn.values()].sort((a, b) => letters(b) - letters(a)).flatMap(inRows);
  }

  #close(): void {
    if (this.#open !== undefined) this.#pieces.push(this.#open.closed(this.#pieces.length));
    this.#open = undefined;
  }
}

class OpenPiece {
  /** Glyph by glyph, with the blanks between them. */
  readonly #text: string[];
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
    this.#text = [text];
    this.#left = left;
    this.#right = right;
    this.#y = y;
    this.#size = style.size;
    this.#turn = style.turn;
    this.#boldLetters = style.isBold ? 1 : 0;
    this.#isBackwards = isRightToLeft(text);
  }

  blank(): void {
    this.#isBlankDue = true;
  }

  /** @returns false for a glyph that is no part of it */
  add(glyph: Glyph): boolean {
    const { text, style, left, right, y } = glyph;
    const size = Math.max(this.#size, style.size);
    const isBackwards = isRightToLeft(text) || (this.#isBackwards && right <= this.#left + OVERLAP * size);
    // The letters of a ligature stand in one place.
    const isLigature = left === this.#last.left && right === this.#last.right;
    const gap = isLigature ? 0 : isBackwards ? this.#left - right : left - this.#right;
    if (style.turn !== this.#turn || Math.abs(y - this.#y) > SAME_LINE * size) return false;
    if (gap > WIDE_GAP * size || gap < -OVERLAP * size) return false;
    const isBlank = gap > this.#leastBlank(glyph) * size || this.#isAfterMark(glyph);
    if (isBlank) this.#text.push(" ");
    this.#text.push(isBlank ? text : this.#withAccent(glyph));
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

  /** Older fonts draw an accent and its letter one over the other. */
  #withAccent(glyph: Glyph): string {
    const mark = ACCENTS.get(this.#last.text);
    if (mark !== undefined && isOver(this.#last, glyph) && /\p{L}/u.test(glyph.text)) {
      this.#text.pop();
      return glyph.text + mark;
    }
    const after = ACCENTS.get(glyph.text);
    return after !== undefined && isOver(glyph, this.#last) ? after : glyph.text;
  }

  #leastBlank({ text, isBlankGuessed }: Glyph): number {
    if (this.#isBlankDue) return DRAWN_BLANK;
    if (ACCENTS.has(text)) return WIDE_GAP;
    return isBlankGuessed ? GUESSED_BLANK : BLANK;
  }

  /** A small raised number or letter that begins a note or an address is no part of the word behind it. */
  #isAfterMark({ style, y }: Glyph): boolean {
    return this.#letters === 1 && this.#last.style.size < style.size * MARK_SIZE && this.#last.y > y;
  }

  closed(drawn: number): Piece {
    return {
      text: this.#text
        .join("")
        .normalize("NFC")
        .replace(NO_LETTER, "\ufffd")
        .replace(PRESENTATION_FORM, (form) => form.normalize("NFKC")),
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

function isRightToLeft(letter: string): boolean {
  return letter >= FIRST_RIGHT_TO_LEFT && RIGHT_TO_LEFT.test(letter);
}

function isOver({ left, right }: Place, on: Place): boolean {
  const middle = (left + right) / 2;
  return middle > on.left && middle < on.right;
}

interface Place {
  readonly left: number;
  readonly right: number;
}

function overlap(a: Place, b: Place): boolean {
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
