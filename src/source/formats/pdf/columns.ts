/** Rows of a page in the order in which they are read: column after column, where a gutter parts columns. */
import type { Piece, Row } from "./rows.js";

/** In sizes of the type. */
const GUTTER = 0.75;
/** How many gutters are followed at once, and how deep columns have columns. */
const MAX_OPEN = 24;
const MAX_DEPTH = 8;
/** What stands further down than this many times its size belongs to no column above it. */
const NEAR = 2.5;

const SHORTEST_TABLE = 3;
const LEVEL = 0.1;
const MOST_LEVEL = 0.8;
/** In sizes of the type: the next line is drawn so far above the last; and how often, for each row, at most. */
const CLIMB = 4;
const MOST_CLIMBS = 0.1;

/** An empty strip beside text on both sides. */
interface Gutter {
  readonly left: number;
  readonly right: number;
  /** Rows with text on both sides. */
  readonly first: number;
  readonly last: number;
  readonly pairs: number;
}

/** @param rows those of one direction, then those of the next */
export function inReadingOrder(rows: readonly Row[]): Row[] {
  const turns = new Set(rows.map((row) => row[0]?.turn));
  return [...turns].flatMap((turn) =>
    ordered(
      rows.filter((row) => row[0]?.turn === turn),
      0,
    ),
  );
}

function ordered(rows: readonly Row[], depth: number): Row[] {
  const found = depth < MAX_DEPTH ? parting(rows) : [];
  const drawn = found.every(({ parts }) => parts === "drawn columns") ? asDrawn(rows) : undefined;
  const [first] = found;
  if (drawn !== undefined || first === undefined) return drawn ?? [...rows];
  const { from, to } = extent(rows, first.gutter);
  const within = rows.slice(from, to);
  return [
    ...ordered(rows.slice(0, from), depth + 1),
    ...(first.parts === "table" ? within : sides(within, first.gutter).flatMap((side) => ordered(side, depth + 1))),
    ...ordered(rows.slice(to), depth + 1),
  ];
}

/** Gutters that the drawing may not follow, the longest first. */
function parting(rows: readonly Row[]): { gutter: Gutter; parts: Parts }[] {
  return gutters(rows)
    .sort((a, b) => b.pairs - a.pairs || a.left - b.left)
    .flatMap((gutter) => {
      const parts = partsOf(gutter, rows.slice(gutter.first, gutter.last + 1));
      return parts === undefined ? [] : [{ gutter, parts }];
    });
}

function gutters(rows: readonly Row[]): Gutter[] {
  const found: Gutter[] = [];
  let open: Gutter[] = [];
  rows.forEach((row, index) => {
    const gaps = row.slice(1, MAX_OPEN).map((piece, i) => ({ left: (row[i] as Piece).right, right: piece.left }));
    const next: Gutter[] = [];
    for (const gutter of open) {
      const narrowed = narrow(gutter, row, index);
      if (narrowed === undefined) found.push(gutter);
      else next.push(narrowed);
    }
    for (const gap of gaps) {
      const isNew = !next.some((each) => each.last === index && each.left < gap.right && gap.left < each.right);
      if (isNew && gap.right - gap.left >= width(row)) next.push({ ...gap, first: index, last: index, pairs: 1 });
    }
    open = next.slice(-MAX_OPEN);
    found.push(...next.slice(0, -MAX_OPEN));
  });
  return [...found, ...open];
}

/** The strip that a row leaves of a gutter; undefined when it leaves none. */
function narrow(gutter: Gutter, row: Row, index: number): Gutter | undefined {
  const middle = (gutter.left + gutter.right) / 2;
  let { left, right } = gutter;
  let hasLeft = false;
  let hasRight = false;
  for (const piece of row) {
    if (piece.right <= gutter.left) hasLeft = true;
    else if (piece.left >= gutter.right) hasRight = true;
    else if (piece.right < middle || (piece.left < gutter.left && piece.right < gutter.right)) {
      left = Math.max(left, piece.right);
      hasLeft = true;
    } else {
      right = Math.min(right, piece.left);
      hasRight = true;
    }
  }
  if (right - left < width(row)) return undefined;
  const isPair = hasLeft && hasRight;
  return {
    left,
    right,
    first: gutter.first,
    last: isPair ? index : gutter.last,
    pairs: gutter.pairs + (isPair ? 1 : 0),
  };
}

function width(row: Row): number {
  return GUTTER * row.reduce((least, { size }) => Math.min(least, size), Number.POSITIVE_INFINITY);
}

/** The gutter's rows and those next to them that stand on one side of it: columns seldom begin and end together. */
function extent(rows: readonly Row[], gutter: Gutter): { from: number; to: number } {
  const isBeside = (row: Row) => row.every((piece) => piece.right <= gutter.left || piece.left >= gutter.right);
  const isNear = (above: Row, below: Row) =>
    heightOf(above) - heightOf(below) <= NEAR * above.reduce((most, { size }) => Math.max(most, size), 0);
  let from = gutter.first;
  while (from > 0 && isBeside(rows[from - 1] as Row) && isNear(rows[from - 1] as Row, rows[from] as Row)) from--;
  let to = gutter.last + 1;
  while (to < rows.length && isBeside(rows[to] as Row) && isNear(rows[to - 1] as Row, rows[to] as Row)) to++;
  return { from, to };
}

function heightOf(row: Row): number {
  return (row[0] as Piece).y;
}

function sides(rows: readonly Row[], gutter: Gutter): [left: Row[], right: Row[]] {
  const middle = (gutter.left + gutter.right) / 2;
  const part = (isLeft: boolean) =>
    rows.map((row) => row.filter((piece) => piece.right <= middle === isLeft)).filter((row) => row.length > 0);
  return [part(true), part(false)];
}

/** At how many heights a gutter parts lines, and what these are like, from which it is one between columns of text. */
interface Prose {
  readonly lines: number;
  /** Of the column's width. */
  readonly fill: number;
  /** In a line. */
  readonly letters: number;
  readonly words: number;
}
/** Where the text is drawn column after column, and where it is drawn row after row, as tables are. */
const DRAWN_APART: Prose = { lines: 2, fill: 0.35, letters: 12, words: 2 };
const DRAWN_IN_ROWS: Prose = { lines: 3, fill: 0.6, letters: 14, words: 3 };

/** Columns of text, drawn one after the other or row by row, or columns of a table that are drawn one after the other. */
type Parts = "drawn columns" | "columns" | "table";

/** Undefined for a table that is drawn row by row or cell by cell. */
function partsOf(gutter: Gutter, rows: readonly Row[]): Parts | undefined {
  const [left, right] = sides(rows, gutter);
  const isApart = changesOfSide(left, right) <= 1 + Math.min(left.length, right.length) / 8;
  const least = isApart ? DRAWN_APART : DRAWN_IN_ROWS;
  if (gutter.pairs < least.lines) return undefined;
  if (isProse(left, least) && isProse(right, least)) return isApart ? "drawn columns" : "columns";
  const isTable = isApart && gutter.pairs >= SHORTEST_TABLE && areLevel(rows);
  return isTable && !isDrawnInRows(left) && !isDrawnInRows(right) ? "table" : undefined;
}

/** Such a side of a gutter is a table of its own. */
function isDrawnInRows(rows: readonly Row[]): boolean {
  const inRows = rows.filter((row) => row.some((piece, i) => i > 0 && piece.drawn === (row[i - 1] as Piece).drawn + 1));
  return inRows.length > rows.length / 2;
}

/** Whether nearly every row has its text at one height, as in a table. */
function areLevel(rows: readonly Row[]): boolean {
  const level = rows.filter((row) => {
    const [first] = row as [Piece];
    return row.length > 1 && row.every(({ y, size }) => Math.abs(y - first.y) < LEVEL * size);
  });
  return level.length >= rows.length * MOST_LEVEL;
}

/** How often the drawing goes from one side to the other. */
function changesOfSide(left: readonly Row[], right: readonly Row[]): number {
  const order = [left, right]
    .flatMap((side, i) => side.flat().map(({ drawn }) => ({ drawn, side: i })))
    .sort((a, b) => a.drawn - b.drawn);
  return order.filter(({ side }, i) => i > 0 && side !== order[i - 1]?.side).length;
}

/** Rows in the order in which they are drawn; undefined when that goes up and down. */
function asDrawn(rows: readonly Row[]): Row[] | undefined {
  const found: Piece[][] = [];
  let climbs = 0;
  for (const piece of rows.flat().sort((a, b) => a.drawn - b.drawn)) {
    const last = found.at(-1)?.at(-1);
    const up = last === undefined ? 0 : (piece.y - last.y) / piece.size;
    if (up > CLIMB) climbs++;
    if (last !== undefined && Math.abs(up) < 0.5 && last.right <= piece.left) found.at(-1)?.push(piece);
    else found.push([piece]);
  }
  return climbs <= 1 + rows.length * MOST_CLIMBS ? found : undefined;
}

function isProse(rows: readonly Row[], least: Prose): boolean {
  const all = rows.flat();
  const right = all.reduce((most, piece) => Math.max(most, piece.right), Number.NEGATIVE_INFINITY);
  const left = all.reduce((least, piece) => Math.min(least, piece.left), Number.POSITIVE_INFINITY);
  const sum = (of: (piece: Piece) => number) => all.reduce((total, piece) => total + of(piece), 0) / rows.length;
  return (
    sum((piece) => piece.right - piece.left) >= least.fill * (right - left) &&
    sum(({ text }) => text.match(/\p{L}/gu)?.length ?? 0) >= least.letters &&
    sum(({ text }) => text.match(/\p{L}+/gu)?.length ?? 0) >= least.words
  );
}
