/** Rows as text, each column as wide as its widest cell; numbers to the right. */
import { oneLine } from "../core/sanitize.js";

export function table(cells: readonly (readonly (string | number)[])[]): string {
  // A name that holds a line end makes no row of its own.
  const rows = cells.map((row) => row.map((cell) => (typeof cell === "number" ? cell : oneLine(cell))));
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => String(row[i] ?? "").length)));
  const line = (row: readonly (string | number)[]) =>
    row
      .map((cell, i) => (typeof cell === "number" ? `${cell}`.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}
