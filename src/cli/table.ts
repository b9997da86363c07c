/** Rows as text, each column as wide as its widest cell; numbers to the right. */
export function table(rows: readonly (readonly (string | number)[])[]): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => String(row[i] ?? "").length)));
  const line = (row: readonly (string | number)[]) =>
    row
      .map((cell, i) => (typeof cell === "number" ? `${cell}`.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}
