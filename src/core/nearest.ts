/** The known name that a misspelt one is nearest to. */

/** And of a short name no more than half. */
const MOST_EDITS = 4;
/** A longer name is nobody's typo, and comparing it costs its length. */
const LONGEST_NAME = 64;

/** undefined where none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const [near] = known.map((each) => ({ each, edits: editDistance(name, each) })).sort((a, b) => a.edits - b.edits);
  return near !== undefined && near.edits <= Math.min(MOST_EDITS, name.length / 2) ? near.each : undefined;
}

/** Levenshtein distance. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replace = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
