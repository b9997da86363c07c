/** What a search found, as it crosses the process boundary: text and numbers take half the time of as many objects. */
import type { Candidate } from "../../core/types.js";

export interface Found {
  /** JSON, as `CandidateRows` makes it. */
  readonly rows: string;
  /** Of each leg, one for each row. */
  readonly scores: readonly Float64Array[];
}

export function candidatesOf({ rows, scores }: Found): Candidate[] {
  const parsed = JSON.parse(rows) as ([string, string, string, number, string] | null)[];
  return parsed.flatMap((row, place) => {
    if (row === null) return [];
    const [id, source, document, ordinal, textHash] = row;
    return [{ id, source, document, ordinal, textHash, scores: scores.map((leg) => leg[place] as number) }];
  });
}
