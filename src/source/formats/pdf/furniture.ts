/** Running heads and feet and page numbers: rows that stand at one height, equal but for digits, on half of the pages. */
import { type Row, textOf } from "./rows.js";

/** They are among so many rows at a page's upper or lower edge. */
const MOST_ROWS = 3;
/** In points. */
const SAME_HEIGHT = 1.5;
/** Books have other heads on their left pages than on their right ones. */
const HARDLY = 0.1;
const FEWEST_PAGES = 2;
const NUMBER = /\d{1,9}/g;
const MOST_NUMBERS = 8;

interface EdgeRow {
  readonly row: Row;
  readonly page: number;
  readonly y: number;
  /** Its text with a sign for each number. */
  readonly key: string;
  readonly numbers: readonly number[];
}

export function withoutFurniture(pages: readonly (readonly Row[])[]): Row[][] {
  const furniture = new Set<Row>();
  for (const rows of atOneHeight(edgeRows(pages))) {
    const alike = [...groupsBy(rows, ({ key }) => [key]).values()].filter(isRepeated);
    for (const group of [...alike, ...groupsBy(rows, pageNumbersOf).values()]) {
      if (isOnHalf(group, pages.length)) for (const { row } of group) furniture.add(row);
    }
  }
  return pages.map((rows) => peeled(rows, furniture));
}

function edgeRows(pages: readonly (readonly Row[])[]): EdgeRow[] {
  return pages.flatMap((rows, page) => {
    const edges = new Set([...rows.slice(0, MOST_ROWS), ...rows.slice(-MOST_ROWS)]);
    return [...edges].map((row) => {
      const text = textOf(row).replace(/\s+/g, " ");
      const numbers = (text.match(NUMBER) ?? []).slice(0, MOST_NUMBERS).map(Number);
      return { row, page, y: row[0]?.y ?? 0, key: text.replace(NUMBER, "#"), numbers };
    });
  });
}

function atOneHeight(rows: readonly EdgeRow[]): EdgeRow[][] {
  const found: EdgeRow[][] = [];
  for (const row of [...rows].sort((a, b) => a.y - b.y)) {
    const last = found.at(-1);
    if (last !== undefined && row.y - (last.at(-1) as EdgeRow).y <= SAME_HEIGHT) last.push(row);
    else found.push([row]);
  }
  return found;
}

/** Numbers that a row begins or ends with, less its page's place. */
function pageNumbersOf({ row, page }: EdgeRow): Set<number> {
  const words = textOf(row).split(" ");
  const bare = [words[0], words.at(-1)].map((word = "") => word.replace(/^[^\p{L}\p{N}.]+|[^\p{L}\p{N}.]+$/gu, ""));
  return new Set(bare.filter((word) => /^\d{1,6}$/.test(word)).map((word) => Number(word) - page));
}

function groupsBy<K>(rows: readonly EdgeRow[], keysOf: (row: EdgeRow) => Iterable<K>): Map<K, EdgeRow[]> {
  const groups = new Map<K, EdgeRow[]>();
  for (const row of rows) {
    for (const key of keysOf(row)) {
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [row]);
      else group.push(row);
    }
  }
  return groups;
}

/** Rows of a table that goes on for pages are equal but for digits too; their numbers do not go with the pages. */
function isRepeated(rows: readonly EdgeRow[]): boolean {
  const inOrder = [...rows].sort((a, b) => a.page - b.page);
  const steps = inOrder.slice(1).map((row, i) => ({ row, before: inOrder[i] as EdgeRow }));
  if (steps.length === 0) return false;
  const [first] = inOrder as [EdgeRow];
  const follows = first.numbers.map((_, place) => {
    const kept = steps.filter(({ row, before }) => {
      const step = (row.numbers[place] ?? 0) - (before.numbers[place] ?? 0);
      return step >= 0 && step <= row.page - before.page;
    });
    return kept.length >= steps.length * 0.8;
  });
  return follows.length === 0 || follows.some(Boolean);
}

/** On half of the pages, or on half of those of one side and hardly on the others. */
function isOnHalf(rows: readonly EdgeRow[], pageCount: number): boolean {
  const pages = [...new Set(rows.map(({ page }) => page))];
  if (pages.length < FEWEST_PAGES) return false;
  if (pages.length >= pageCount / 2) return true;
  const odd = pages.filter((page) => page % 2 === 1).length;
  const [more, less] = odd * 2 > pages.length ? [odd, pages.length - odd] : [pages.length - odd, odd];
  return more >= Math.floor(pageCount / 2) / 2 && less <= more * HARDLY;
}

/** From the edges inwards: what stands between text is text. */
function peeled(rows: readonly Row[], furniture: ReadonlySet<Row>): Row[] {
  const first = rows.findIndex((row) => !furniture.has(row));
  const last = rows.findLastIndex((row) => !furniture.has(row));
  return first === -1 ? [] : rows.slice(first, last + 1);
}
