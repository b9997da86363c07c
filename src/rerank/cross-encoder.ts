/** Relevance by a cross-encoder in the inference processes: each passage read together with the query. */
import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { throwIfAborted } from "../core/errors.js";
import type { Reranker, RerankPassage } from "../core/ports.js";
import type { InferencePool } from "../inference/pool.js";
import type { ModelHandle, ModelRunner } from "../models/model-handle.js";
import { type Budget, createBudget } from "./budget.js";

/** Scores kept, about 200 bytes each. */
const CACHED_SCORES = 20_000;
/** Of a call's time for loading a model that failed before; the rest is for what stands in for it. */
const RELOAD_SHARE = 1 / 2;

export interface CrossEncoderOptions {
  readonly handle: ModelHandle<ModelRunner & Pick<InferencePool, "score">>;
  /** A call in which scores were remembered. */
  readonly onCacheHit?: (() => void) | undefined;
}

export function createCrossEncoder({ handle, onCacheHit }: CrossEncoderOptions): Reranker {
  const cache = new LRUCache<string, number>({ max: CACHED_SCORES });

  /** Hands over each score as it comes; what has none when the budget ends is left. @throws AppError */
  async function scoreWithin(
    budget: Budget,
    query: string,
    texts: readonly string[],
    take: (index: number, score: number) => void,
  ): Promise<void> {
    try {
      // Loading is part of the time: the first call is answered in fused order rather than late.
      const pool = await handle.use(budget.call, budget.ms * RELOAD_SHARE);
      const logits = pool.score(budget.call, query, texts);
      await Promise.all(logits.map(async (logit, i) => take(i, sigmoid(await logit))));
    } catch (error) {
      if (!budget.over) throw error;
    } finally {
      budget.end(); // after a failure the others are not worth their time
    }
  }

  return {
    async score(call, query, passages, budgetMs) {
      throwIfAborted(call.signal);
      const keys = cacheKeys(query, passages);
      const scores = keys.map((key) => cache.get(key));
      const open = scores.flatMap((score, i) => (score === undefined ? [i] : []));
      if (open.length < passages.length) onCacheHit?.();
      if (open.length > 0 && budgetMs > 0) {
        const texts = open.map((i) => (passages[i] as RerankPassage).text);
        await scoreWithin(createBudget(call, budgetMs), query, texts, (n, score) => {
          const at = open[n] as number;
          scores[at] = score;
          cache.set(keys[at] as string, score);
        });
        throwIfAborted(call.signal);
      }
      return { scores, degraded: handle.degraded };
    },
    async warmUp(call) {
      await handle.use(call);
    },
    status: () => handle.status(),
    close: () => handle.close(),
  };
}

/** One model's scores are remembered by what it read: query and text. */
function cacheKeys(query: string, passages: readonly RerankPassage[]): string[] {
  const asked = createHash("sha256").update(query).digest("hex");
  return passages.map(({ textHash }) => asked + textHash);
}

/** From a logit to 0..1, as the cross-encoders of MS MARCO are trained. */
function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}
