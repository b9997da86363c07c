/** What a search found, as it crosses the process boundary: text and numbers take half the time of as many objects. */
import type { Candidate } from "../../core/types.js";

export interface Found {
  /** JSON: `[its place in scores, uuid, source, document, ordinal, text hash]` of each candidate. */
  readonly rows: string;
  /** Of each leg. */
  readonly scores: readonly Float64Array[];
}

export function candidatesOf({ rows, scores }: Found): Candidate[] {
  const parsed = JSON.parse(rows) as [number, string, string, string, number, string][];
  return parsed.map(([place, id, source, document, ordinal, textHash]) => ({
    id,
    source,
    document,
    ordinal,
    textHash,
    scores: scores.map((leg) => leg[place] as number),
  }));
}
