/** The best passages scored again, by reading each together with the question. */
import { createHash } from "node:crypto";
import type { Ctx } from "../core/context.js";
import type { Reranker, RerankPassage } from "../core/ports.js";
import { blend, type Ranked } from "./ranking/blend.js";
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

/** @param passages best first; they stay as they are when the re-ranker fails */
export function rerank(
  { reranker, topK, budgetMs }: Reranking,
  query: string,
  passages: readonly Ranked[],
  share: number,
  ctx: Ctx,
): Promise<Reranked> {
  const candidates = passages.slice(0, topK);
  return stage(
    ctx,
    "rerank",
    async ({ attrs, degrade }) => {
      attrs.candidates = candidates.length;
      const { scores, degraded } = await reranker.score(query, candidates.map(asked), budgetMs, ctx.signal);
      const scored = scores.filter((score) => score !== undefined).length;
      attrs.scored = scored;
      if (degraded !== undefined) degrade(degraded);
      // When nothing at all was scored, a reason that was given says why.
      if (scored < candidates.length && (scored > 0 || degraded === undefined)) degrade("rerank_budget");
      return { passages: blend(passages, scores, share), candidates: candidates.length, scored };
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
