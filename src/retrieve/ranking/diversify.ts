/** Keeps near-identical chunks of one document, and copies of one passage, from crowding out others. */
import type { Candidate } from "../../core/types.js";

/** Chunks of one document before other documents get their turn. */
const MAX_PER_DOCUMENT = 3;

/**
 * Order is kept within two groups: first each document's best chunks without repeated text, then, when `limit` is not
 * yet reached, what was held back. Identical passages (equal `textHash`) of one document are dropped. What it gives back
 * comes out the same when it goes in again.
 */
export function diversify<T extends { readonly candidate: Candidate }>(ranked: readonly T[], limit: number): T[] {
  const first: T[] = [];
  const heldBack: T[] = [];
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
