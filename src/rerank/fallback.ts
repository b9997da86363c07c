/** Reranker with another one behind it, for when its model is missing or fails. */
import type { Reranker } from "../core/ports.js";
import type { DegradedReason } from "../core/types.js";
import { attempt, reasonOf } from "./attempt.js";

/** Scores of `second` carry the reason why they are not those of `first`. @throws AppError of `first` when both fail */
export function withFallback(first: Reranker, second: Reranker): Reranker {
  return {
    readsTokens: Boolean(first.readsTokens || second.readsTokens),
    async score(call, query, passages, budgetMs) {
      const started = performance.now();
      const tried = await attempt(() => first.score(call, query, passages, budgetMs));
      if (tried.scores !== undefined) return { ...tried, scores: tried.scores };
      const left = Math.max(0, budgetMs - (performance.now() - started));
      const { scores } = await attempt(() => second.score(call, query, passages, left));
      if (scores === undefined) throw tried.failure;
      return { scores, degraded: reasonOf(tried) as DegradedReason };
    },
    warmUp: (call) => first.warmUp(call),
    status: () => first.status(),
    async close() {
      await Promise.all([first.close(), second.close()]);
    },
  };
}
