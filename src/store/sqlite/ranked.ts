/** A chunk, by its row id, with its score on one leg. */
import type { Database } from "./database.js";

export interface Ranked {
  readonly id: number;
  readonly score: number;
}

/** Which of a leg's chunks are wanted: the best `limit`, best first. */
export interface Cut {
  readonly limit: number;
  /** Equals by uuid, which is slower. */
  readonly stable: boolean;
}

/** Of chunks with equal scores, those with the first uuids. */
export function firstByUuid(db: Database, equals: readonly Ranked[], limit: number): Ranked[] {
  const ids = db.all<{ id: number }>(
    "SELECT id FROM chunks WHERE id IN (SELECT value FROM json_each(?)) ORDER BY uuid LIMIT ?",
    JSON.stringify(equals.map(({ id }) => id)),
    limit,
  );
  return ids.map(({ id }) => ({ id, score: (equals[0] as Ranked).score }));
}
