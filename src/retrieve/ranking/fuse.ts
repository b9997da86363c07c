/**
 * Convex fusion of absolute scores: the same arithmetic for every store and every query, so that a score's value
 * means the same everywhere. Measured against reciprocal rank fusion and per-query normalisation in docs/decisions.md.
 */
import type { Candidate, ExactTerm, Variant } from "../../core/types.js";
import type { AskedByLeg } from "../legs.js";
import type { RankingParams } from "./ranking-params.js";

export interface Scored {
  readonly candidate: Candidate;
  /** 0..1: the weighted mean of the legs' scores; the lexical one alone where the model does not read the passage. */
  readonly fused: number;
  /** The best variant's, as `bestVariant` says; absent when the leg was not asked. */
  readonly dense?: number;
  readonly lexical?: number;
  /** How much of what the question names exactly the passage has, 0..1; absent when it names nothing. */
  readonly exact?: number;
}

interface FusionParams extends Pick<RankingParams, "variantWeights"> {
  /** For this question's form. */
  readonly denseWeight: number;
}

/**
 * Candidates best first, ties by id. Their `scores` are those of the dense variants, of the lexical ones, then of the exact terms.
 * An absolute score: other candidates do not change it.
 */
export function fuse(candidates: readonly Candidate[], asked: AskedByLeg, params: FusionParams): Scored[] {
  const share = denseShare(asked, params);
  return candidates
    .map((candidate) => score(candidate, asked, params, share))
    .sort((a, b) => b.fused - a.fused || (a.candidate.id < b.candidate.id ? -1 : 1));
}

/** Share of the dense score in the fused one: all or nothing with one leg. */
export function denseShare({ dense, lexical }: AskedByLeg, params: FusionParams): number {
  if (dense.length === 0) return 0;
  return lexical.length === 0 ? 1 : params.denseWeight;
}

/**
 * One score for a leg that was asked in several ways: the best of them, each times its weight. A maximum, because then a
 * variant takes nothing from what the question itself found, and a question without variants scores on the same scale;
 * a mean would lower every passage that some variant does not fit.
 * @param scores one for each variant, in order: absolute, at most 1
 * @param scale what the weight of every variant but the question itself is multiplied by, 0..1
 */
export function bestVariant(scores: readonly number[], variants: readonly Variant[], scale: number): number {
  return variants.reduce((best, { leg, weight }, i) => {
    const factor = leg === "both" ? weight : weight * scale;
    return Math.max(best, factor * (scores[i] as number));
  }, Number.NEGATIVE_INFINITY);
}

function score(candidate: Candidate, asked: AskedByLeg, params: FusionParams, share: number): Scored {
  const { dense: denseVariants, lexical: lexicalVariants, exact: exactTerms } = asked;
  const { variantWeights } = params;
  const denseScores = candidate.scores.slice(0, denseVariants.length);
  const exactFrom = denseVariants.length + lexicalVariants.length;
  const lexicalScores = candidate.scores.slice(denseVariants.length, exactFrom);
  const dense = bestVariant(denseScores, denseVariants, variantWeights.dense);
  const lexical = bestVariant(lexicalScores, lexicalVariants, variantWeights.lexical);
  const isRead = lexicalVariants.length === 0 || denseScores[0] !== 0;
  return {
    candidate,
    dense: denseVariants.length === 0 ? undefined : dense,
    lexical: lexicalVariants.length === 0 ? undefined : lexical,
    exact: exactTerms.length === 0 ? undefined : exactScore(candidate.scores.slice(exactFrom), exactTerms),
    fused: isRead ? share * clamp(dense) + (1 - share) * clamp(lexical) : clamp(lexical),
  };
}

/**
 * Whether the words alone made the best score: a cosine of exactly 0 is that of a passage in a script that the model does
 * not read. @param fused best first
 */
export function isUnread([best]: readonly Scored[]): boolean {
  return best?.dense === 0 && best.fused > 0;
}

/** The mean over the terms, each the less the more passages have it. @param scores as `Candidate.scores` has them */
function exactScore(scores: readonly number[], terms: readonly ExactTerm[]): number {
  const sum = terms.reduce((total, { mostOften }, i) => {
    const score = scores[i] as number;
    return score === 0 ? total : total + Math.max(0, 1 - (1 - score) / mostOften);
  }, 0);
  return sum / terms.length;
}

/** A negative cosine is no relevance. */
function clamp(value: number): number {
  return Math.min(1, Math.max(0, value));
}
