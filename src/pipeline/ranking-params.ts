/** The numbers that ranking is tuned by, as data; where each comes from stands beside it in the file. */
import tuned from "./ranking-params.json" with { type: "json" };

export interface RankingParams {
  /** Share of the dense score in the fused one, 0..1; the lexical score has the rest. */
  readonly denseWeight: number;
  /** What a variant's own weight is multiplied by on each leg, 0..1. The question itself always weighs 1. */
  readonly variantWeights: { readonly dense: number; readonly lexical: number };
  /**
   * Share of the re-rank score in the final one, 0..0.5: a passage that leads by more than
   * `rerankBlend / (1 - rerankBlend)` in fused score stays ahead, whatever the re-ranker says.
   */
  readonly rerankBlend: number;
}

export const RANKING_PARAMS: RankingParams = tuned;
