/** Keeps near-identical chunks of one document, and copies of one passage, from crowding out others. */
import type { Scored } from "./fuse.js";

/** Chunks of one document before other documents get their turn. */
const MAX_PER_DOCUMENT = 3;

/**
 * Order is kept within two groups: first each document's best chunks without repeated text, then, when `limit` is not
 * yet reached, what was held back. Identical passages (equal `textHash`) of one document are dropped.
 */
export function diversify(ranked: readonly Scored[], limit: number): Scored[] {
  const first: Scored[] = [];
  const heldBack: Scored[] = [];
  const perDocument = new Map<string, { count: number; hashes: Set<string> }>();
  const seenText = new Set<string>();
  for (const scored of ranked) {
    const { source, document, textHash } = scored.candidate;
    const key = `${source}\n${document}`;
    const taken = perDocument.get(key) ?? { count: 0, hashes: new Set<string>() };
    perDocument.set(key, taken);
    if (taken.hashes.has(textHash)) continue;
    taken.hashes.add(textHash);
    taken.count++;
    if (taken.count > MAX_PER_DOCUMENT || seenText.has(textHash)) heldBack.push(scored);
    else first.push(scored);
    seenText.add(textHash);
    if (first.length === limit) break;
  }
  return [...first, ...heldBack].slice(0, limit);
}
