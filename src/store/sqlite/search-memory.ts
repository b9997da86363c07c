/** What searches of a collection read again and again: lengths of chunks for good, the rest until something changes. */
import { LRUCache } from "lru-cache";
import type { Database } from "./database.js";
import type { Fragment } from "./filter.js";

/** Ids that are remembered of all filters together. */
const SELECTED_IDS = 200_000;

interface About {
  readonly points: number;
  readonly lastId: number;
  readonly lastRemoval: number;
}

export class SearchMemory {
  #about: About = { points: 0, lastId: 0, lastRemoval: 0 };
  /** Terms of each chunk, by its id; ids are never used again. */
  #lengths = new Uint32Array(1);
  #lengthsTo = 0;
  /** By filter: callers and hosts ask with few filters, again and again. */
  readonly #selected = new LRUCache<string, readonly number[]>({
    maxSize: SELECTED_IDS,
    sizeCalculation: (ids) => ids.length + 1,
  });

  /** To be called in the transaction of each search: what follows is what that transaction sees. */
  follow(db: Database): void {
    const about = db.get<About>(
      `SELECT points, last_id AS lastId, ifnull((SELECT max(seq) FROM removed), 0) AS lastRemoval FROM about`,
    ) as About;
    if (about.lastId !== this.#about.lastId || about.lastRemoval !== this.#about.lastRemoval) this.#selected.clear();
    this.#about = about;
  }

  /** Chunks in the collection. */
  get points(): number {
    return this.#about.points;
  }

  /** Terms of each chunk, by its id. */
  lengths(db: Database): Uint32Array {
    const { lastId } = this.#about;
    if (lastId <= this.#lengthsTo) return this.#lengths;
    const { ids, counts } = db.get<{ ids: string; counts: string }>(
      `SELECT json_group_array(id) AS ids, json_group_array(term_count) AS counts
       FROM chunks INDEXED BY chunk_lengths WHERE id > ?`,
      this.#lengthsTo,
    ) as { ids: string; counts: string };
    if (lastId >= this.#lengths.length) {
      const grown = new Uint32Array(Math.max(lastId + 1, 2 * this.#lengths.length));
      grown.set(this.#lengths);
      this.#lengths = grown;
    }
    const lengths = JSON.parse(counts) as number[];
    for (const [i, id] of (JSON.parse(ids) as number[]).entries()) this.#lengths[id] = lengths[i] as number;
    this.#lengthsTo = lastId;
    return this.#lengths;
  }

  /** Ids of the chunks that a filter selects. @param filter a SELECT of them */
  selected(db: Database, filter: Fragment): readonly number[] {
    const key = JSON.stringify([filter.sql, filter.values]);
    const known = this.#selected.get(key);
    if (known !== undefined) return known;
    // As one JSON text: many times faster to fetch than a row for each id.
    const row = db.get<{ ids: string }>(`SELECT json_group_array(id) AS ids FROM (${filter.sql})`, ...filter.values);
    const ids = JSON.parse(row?.ids ?? "[]") as number[];
    this.#selected.set(key, ids);
    return ids;
  }
}
