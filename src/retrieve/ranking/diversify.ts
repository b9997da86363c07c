/** Keeps the chunks of one document, and the copies and versions of one passage, from crowding out others. */
import type { Candidate, StoredPoint } from "../../core/types.js";
import { Versions } from "./versions.js";

/** Chunks of one document before other documents get their turn. */
const MAX_PER_DOCUMENT = 3;

/** @property point absent before it was read: then its versions are not known */
interface Placed {
  readonly candidate: Candidate;
  readonly point?: StoredPoint;
}

/**
 * Order is kept within two groups: first each document's best chunks without repeated text, then, when `limit` is not
 * yet reached, what was held back. Identical passages (equal `textHash`) of one document are dropped. What it gives back
 * comes out the same when it goes in again.
 */
export function diversify<T extends Placed>(ranked: readonly T[], limit: number): T[] {
  const first: T[] = [];
  const heldBack: T[] = [];
  const perDocument = new Map<string, { count: number; hashes: Set<string> }>();
  const seenText = new Set<string>();
  const versions = new Versions();
  for (const scored of ranked) {
    const { source, document, textHash } = scored.candidate;
    const key = `${source}\n${document}`;
    const taken = perDocument.get(key) ?? { count: 0, hashes: new Set<string>() };
    perDocument.set(key, taken);
    if (taken.hashes.has(textHash)) continue;
    taken.hashes.add(textHash);
    taken.count++;
    const { point } = scored;
    const isRepeated = seenText.has(textHash) || (point !== undefined && versions.has(point));
    if (taken.count > MAX_PER_DOCUMENT || isRepeated) heldBack.push(scored);
    else first.push(scored);
    seenText.add(textHash);
    if (point !== undefined && !isRepeated) versions.add(point);
    if (first.length === limit) break;
  }
  return [...first, ...heldBack].slice(0, limit);
}
