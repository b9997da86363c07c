/** The rows of an HTML table, to find those that name its columns. */
import type { Span } from "../../core/types.js";
import { isHeaderRow } from "./header-row.js";

/** What is separated by this in the text of a row. */
export const CELL_GAP = " | ";
const MOST_ROWS = 20;

interface Row {
  /** Where its text begins, blank space in front included. */
  readonly start: number;
  readonly inHead: boolean;
  headCells: number;
  cells: number;
}

export class TableRows {
  /** `<thead>` is open. */
  inHead = false;
  readonly #rows: Row[] = [];

  openRow(start: number): void {
    if (this.#rows.length <= MOST_ROWS) this.#rows.push({ start, inHead: this.inHead, headCells: 0, cells: 0 });
  }

  openCell(name: "td" | "th"): void {
    const row = this.#rows.at(-1);
    if (row === undefined) return;
    row.cells++;
    if (name === "th") row.headCells++;
  }

  /**
   * Everything down to the last of the rows that are marked as head or hold `<th>` only; else the first row, when it
   * reads as names. Undefined where nothing stands below. `block`: the table's text and where it begins.
   */
  header({ start, text }: { readonly start: number; readonly text: string }): Span | undefined {
    const rows = this.#rows;
    // A heading in a cell ended the block that the table began with; two line ends stand between two blocks.
    if ((rows[0]?.start ?? 0) < start - 2) return undefined;
    const texts = rows.map((row, i) =>
      text.slice(Math.max(0, row.start - start), (rows[i + 1]?.start ?? Infinity) - start),
    );
    const below = rows.findIndex(({ inHead, headCells, cells }) => !inHead && headCells < Math.max(1, cells));
    const isNamed =
      below === 0 && rows[0]?.headCells === 0 && isHeaderRow(texts.map((row) => row.trim().split(CELL_GAP)));
    const last = isNamed ? 0 : below - 1;
    const row = rows[last];
    if (row === undefined) return undefined;
    const end = Math.max(start, row.start) + (texts[last] as string).trimEnd().length;
    return end > start ? { start, end } : undefined;
  }
}
