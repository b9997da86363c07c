/** What search tells of a collection's chunks: remembered, because an id of a chunk is never used again. */
import { LRUCache } from "lru-cache";
import type { Database } from "./database.js";

/** About 250 bytes each. */
const KEPT = 20_000;

export class CandidateRows {
  readonly #rows = new LRUCache<number, string>({ max: KEPT });

  /** JSON: `[uuid, source, document, ordinal, text hash]` of each id in order; `null` for one that is not there. */
  of(db: Database, ids: readonly number[]): string {
    const unknown = ids.filter((id) => !this.#rows.has(id));
    if (unknown.length > 0) this.#read(db, unknown);
    return `[${ids.map((id) => this.#rows.get(id) ?? "null").join(",")}]`;
  }

  #read(db: Database, ids: readonly number[]): void {
    const rows = db.all<{ id: number; row: string }>(
      `SELECT c.id, json_array(c.uuid, d.source, d.document, c.ordinal, c.text_hash) AS row
       FROM json_each(?) wanted JOIN chunks c ON c.id = wanted.value JOIN documents d ON d.id = c.document_id`,
      JSON.stringify(ids),
    );
    for (const { id, row } of rows) this.#rows.set(id, row);
  }
}
