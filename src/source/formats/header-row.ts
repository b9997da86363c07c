/** Whether the first row of a table names its columns. */

const LONGEST_NAME = 80;
/** Numbers with units or signs, dates, times, addresses: a value, no name of a column. */
const VALUE = /^[-+(~<>≤≥$€£¥]*\.?\d|^\S+@\S+\.\S+$|^https?:|^(?:true|false|null|none|n\/a|nan|-+)$/i;

/**
 * By what speaks against it: a cell that is a value, too long for a name, empty (the first may be, above an index), twice
 * there, or found again below in its own column. A single column has nothing to be told apart.
 * @param rows cells of the first rows, the one in question first
 */
export function isHeaderRow([first = [], ...below]: readonly (readonly string[])[]): boolean {
  const names = first.map((cell) => cell.trim());
  if (names.length < 2 || below.length === 0 || new Set(names).size < names.length) return false;
  return names.every((name, column) => {
    if (name === "") return column === 0;
    const isRepeated = below.some((row) => row[column]?.trim() === name);
    return name.length <= LONGEST_NAME && !VALUE.test(name) && !isRepeated;
  });
}
