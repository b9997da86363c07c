/**
 * Convex fusion of absolute scores: the same arithmetic for every store and every query, so that a score's value
 * means the same everywhere. Measured against reciprocal rank fusion and per-query normalisation in docs/decisions.md.
 */
import type { Candidate, RetrieveMode } from "../core/types.js";

export interface Scored {
  readonly candidate: Candidate;
  /** 0..1: the weighted mean of the legs' scores. */
  readonly fused: number;
  readonly dense?: number;
  readonly lexical?: number;
}

/**
 * Candidates best first, ties by id. Their `scores` are in the order of `legsOf(mode)`.
 * @param denseWeight share of the dense score, 0..1; the lexical leg has the rest
 */
export function fuse(candidates: readonly Candidate[], mode: RetrieveMode, denseWeight: number): Scored[] {
  return candidates
    .map((candidate) => score(candidate, mode, denseWeight))
    .sort((a, b) => b.fused - a.fused || (a.candidate.id < b.candidate.id ? -1 : 1));
}

function score(candidate: Candidate, mode: RetrieveMode, denseWeight: number): Scored {
  const [first = 0, second = 0] = candidate.scores;
  if (mode === "lexical") return { candidate, lexical: first, fused: clamp(first) };
  if (mode === "dense") return { candidate, dense: first, fused: clamp(first) };
  const fused = denseWeight * clamp(first) + (1 - denseWeight) * clamp(second);
  return { candidate, dense: first, lexical: second, fused };
}

/** A negative cosine is no relevance. */
function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
