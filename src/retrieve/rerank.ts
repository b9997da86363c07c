/** The best passages scored again, by reading each together with the question. */
import { createHash } from "node:crypto";
import type { Call } from "../core/call.js";
import type { Reranker, RerankPassage } from "../core/ports.js";
import { blend, type Ranked } from "./ranking/blend.js";
import type { RankingParams } from "./ranking/ranking-params.js";
import { stage } from "./stage.js";

export interface Reranking {
  readonly reranker: Reranker;
  /** Passages to score; what follows keeps its fused order. */
  readonly topK: number;
  readonly budgetMs: number;
}

export interface Reranked {
  readonly passages: readonly Ranked[];
  /** Passages handed to the re-ranker, and those it scored in time. */
  readonly candidates: number;
  readonly scored: number;
}

/**
 * @param passages best first; they stay as they are when the re-ranker fails
 */
export function rerank(
  call: Call,
  { reranker, topK, budgetMs }: Reranking,
  passages: readonly Ranked[],
  { query, ranking }: { readonly query: string; readonly ranking: RankingParams },
): Promise<Reranked> {
  const candidates = passages.slice(0, topK);
  return stage(
    call,
    "rerank",
    async ({ attrs, degrade }) => {
      attrs.candidates = candidates.length;
      const { scores, degraded } = await reranker.score(call, query, candidates.map(asked), budgetMs);
      const scored = scores.filter((score) => score !== undefined).length;
      attrs.scored = scored;
      if (degraded !== undefined) degrade(degraded);
      // When nothing at all was scored, a reason that was given says why.
      if (scored < candidates.length && (scored > 0 || degraded === undefined)) degrade("rerank_budget");
      return { passages: blend(passages, scores, ranking), candidates: candidates.length, scored };
    },
    ({ code }, { attrs, degrade }) => {
      attrs.scored = 0;
      degrade(code === "model_missing" ? "rerank_model_missing" : "rerank_failed");
      return { passages, candidates: candidates.length, scored: 0 };
    },
  );
}

function asked({ candidate, point, fused }: Ranked): RerankPassage {
  const text = point.embedText;
  // The store's hash is of the passage alone; under another title the same passage scores differently.
  const textHash = createHash("sha256").update(text).digest("hex");
  return { id: candidate.id, textHash, text, fused, tokens: point.tokens };
}
