/** The numbers that ranking is tuned by, as data; where each comes from stands beside it in the file. */
import type { RetrieveMode } from "../../core/types.js";
import type { QueryForm } from "./query-form.js";
import tuned from "./ranking-params.json" with { type: "json" };
import type { RelevanceParams } from "./relevance.js";

export interface RankingParams {
  /** Share of the dense score in the fused one, 0..1, by the question's form; the lexical score has the rest. */
  readonly denseWeight: Readonly<Record<QueryForm, number>>;
  /** What a variant's own weight is multiplied by on each leg, 0..1. The question itself always weighs 1. */
  readonly variantWeights: { readonly dense: number; readonly lexical: number };
  /**
   * Share of the re-rank score in the final one, 0..0.5: a passage that leads by more than
   * `rerankBlend / (1 - rerankBlend)` in fused score stays ahead, whatever the re-ranker says.
   */
  readonly rerankBlend: number;
  /** What it is worth to have what the question names exactly: see `withExact`. */
  readonly exactShare: number;
  /** How a score becomes a relevance, by the legs that it is made of. */
  readonly relevance: Readonly<Record<RetrieveMode, RelevanceParams>>;
}

export const RANKING_PARAMS: RankingParams = tuned;

/** One weight for every form of question; `auto` leaves the tuned ones. */
export function withDenseWeight(params: RankingParams, weight: number | "auto"): RankingParams {
  if (weight === "auto") return params;
  return { ...params, denseWeight: { plain: weight, question: weight, quoted: weight } };
}
