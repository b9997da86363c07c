/** A question's quoted phrases, looked for in the texts of the passages that have their words. */
import type { Call } from "../core/call.js";
import type { Phrase } from "../core/phrase.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo } from "../core/types.js";
import type { Fused } from "./rank.js";

export interface Quoted {
  readonly collection: CollectionInfo;
  readonly phrases: readonly Phrase[];
  /** How many terms `exact` is the mean of. */
  readonly terms: number;
}

/** The same passages in the same order: each phrase counts in `exact` like a term, all of it or nothing. */
export async function withPhrases(
  call: Call,
  store: VectorStore,
  passages: readonly Fused[],
  { collection, phrases, terms }: Quoted,
): Promise<readonly Fused[]> {
  if (phrases.length === 0) return passages;
  const ids = passages.flatMap(({ candidate, lexical = 0 }) => (lexical > 0 ? [candidate.id] : []));
  const points = await store.read(call, collection.name, ids, { tokens: false });
  const found = new Map(
    points.map(({ id, embedText }) => [id, phrases.filter((phrase) => phrase.isIn(embedText)).length]),
  );
  return passages.map((passage) => {
    const sum = (passage.exact ?? 0) * terms + (found.get(passage.candidate.id) ?? 0);
    return { ...passage, exact: sum / (terms + phrases.length) };
  });
}
