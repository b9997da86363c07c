/** A store whose searches and passages are remembered: configurations of one run ask for the same ones again and again. */
import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { VectorStore } from "../core/ports.js";
import type { ReadOptions } from "../core/store-options.js";
import type { Candidate, Leg, StoredPoint } from "../core/types.js";

/** About 50 KB each with two legs. */
const SEARCHES = 4_000;
/** About 4 KB each with token vectors. */
const POINTS = 50_000;

/** For versions that nobody writes to meanwhile. */
export function rememberedStore(store: VectorStore): VectorStore {
  const searches = new LRUCache<string, Promise<Candidate[]>>({ max: SEARCHES });
  const points = new LRUCache<string, StoredPoint>({ max: POINTS });
  return {
    ...store,
    search(call, collection, legs, ask) {
      const key = `${collection} ${ask.limit} ${JSON.stringify([ask.filter, ask.scope])} ${legs.map(keyOf).join(" ")}`;
      const known = searches.get(key);
      if (known !== undefined) return known;
      const found = store.search(call, collection, legs, ask);
      searches.set(key, found);
      found.catch(() => searches.delete(key));
      return found;
    },
    async read(call, collection, ids, options: ReadOptions = {}) {
      const prefix = `${collection} ${options.tokens ?? false} ${options.vectors ?? false} `;
      const missing = ids.filter((id) => !points.has(prefix + id));
      for (const point of await store.read(call, collection, missing, options)) points.set(prefix + point.id, point);
      return ids.flatMap((id) => points.get(prefix + id) ?? []);
    },
  };
}

function keyOf(leg: Leg): string {
  if (leg.kind === "lexical") return JSON.stringify(leg.text);
  if (leg.kind === "exact") return `exact ${leg.term}`;
  const { buffer, byteOffset, byteLength } = leg.vector;
  return createHash("sha1")
    .update(Buffer.from(buffer, byteOffset, byteLength))
    .digest("base64");
}
