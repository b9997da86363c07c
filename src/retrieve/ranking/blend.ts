/** Fused and re-rank score made one, so that neither alone decides. */
import type { StoredPoint } from "../../core/types.js";
import { withExact } from "./exact.js";
import type { Scored } from "./fuse.js";
import type { RankingParams } from "./ranking-params.js";

/** A passage with its text and its place in the answer. */
export interface Ranked extends Scored {
  readonly point: StoredPoint;
  /** Of the re-ranker, 0..1; absent when it had no time for the passage, or was not asked. */
  readonly rerank?: number;
  /** 0..1, what the answer is ordered by: the fused score or its blend with the re-rank score, at the end its relevance. */
  readonly score: number;
}

/** `(1 - share) * fused + share * rerank`. */
export function blendScore(fused: number, rerank: number, share: number): number {
  return (1 - share) * fused + share * Math.min(1, Math.max(0, rerank));
}

/**
 * Passages best first, ties by fused score, then by id. Unchanged when not one was scored. A passage without a re-rank
 * score counts as the lowest that was given: so those that were not reached keep their fused order behind those that
 * were, which are the best by fused score, and fall no further behind than the worst of them.
 * @param scores one for each of the first passages, in order
 */
export function blend(
  passages: readonly Ranked[],
  scores: readonly (number | undefined)[],
  { rerankBlend: share, exactShare }: Pick<RankingParams, "rerankBlend" | "exactShare">,
): Ranked[] {
  const known = scores.filter((score) => score !== undefined);
  if (known.length === 0) return [...passages];
  const lowest = Math.min(...known);
  const blended = passages
    .map((passage, i) => {
      const rerank = scores[i];
      const score = blendScore(passage.fused, rerank ?? lowest, share);
      return { ...passage, rerank, score };
    })
    .sort((a, b) => b.score - a.score || b.fused - a.fused || (a.candidate.id < b.candidate.id ? -1 : 1));
  return withExact(blended, exactShare);
}
