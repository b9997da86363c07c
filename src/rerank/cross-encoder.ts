/** Relevance by a cross-encoder in the inference processes: each passage read together with the query. */
import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { type AppError, raceAbort, throwIfAborted } from "../core/errors.js";
import type { Reranker, RerankerStatus, RerankPassage } from "../core/ports.js";
import type { DegradedReason } from "../core/types.js";
import type { InferencePool } from "../inference/pool.js";
import { WarmUp } from "../inference/warm-up.js";
import { type Budget, createBudget } from "./budget.js";

/** Scores kept, about 200 bytes each. */
const CACHED_SCORES = 20_000;
/** Of a call's time for loading a model that failed before; the rest is for what stands in for it. */
const RELOAD_SHARE = 1 / 2;
const RELOAD_PAUSE_MS = 1_000;

export interface CrossEncoderOptions {
  /** Catalogue id. */
  readonly model: string;
  readonly revision?: string | undefined;
  readonly device: string;
  readonly pool: Pick<InferencePool, "score" | "load" | "loaded" | "processes" | "close">;
  /** Carried by every answer. */
  readonly degraded?: DegradedReason;
  /** A call in which scores were remembered. */
  readonly onCacheHit?: () => void;
}

export function createCrossEncoder(options: CrossEncoderOptions): Reranker {
  const { pool, model, device, revision, degraded } = options;
  const cache = new LRUCache<string, number>({ max: CACHED_SCORES });
  const warmUp = new WarmUp(pool, RELOAD_PAUSE_MS);

  /** @throws AppError why it does not load, known or new */
  function loaded(budgetMs: number): Promise<void> {
    const { failure } = warmUp;
    const loading = warmUp.run();
    if (failure === undefined) return loading;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(failure), budgetMs * RELOAD_SHARE);
      loading.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }

  /** Hands over each score as it comes; what has none when the budget ends is left. @throws AppError */
  async function scoreWithin(
    budget: Budget,
    budgetMs: number,
    query: string,
    texts: readonly string[],
    take: (index: number, score: number) => void,
  ): Promise<void> {
    try {
      // Loading is part of the time: the first call is answered in fused order rather than late.
      await raceAbort(loaded(budgetMs), budget.signal);
      const logits = pool.score(query, texts, budget.signal);
      await Promise.all(logits.map(async (logit, i) => take(i, sigmoid(await logit))));
    } catch (error) {
      if (!budget.over) throw error;
    } finally {
      budget.end(); // after a failure the others are not worth their time
    }
  }

  return {
    async score(query, passages, budgetMs, signal) {
      throwIfAborted(signal);
      const keys = cacheKeys(query, passages);
      const scores = keys.map((key) => cache.get(key));
      const open = scores.flatMap((score, i) => (score === undefined ? [i] : []));
      if (open.length < passages.length) options.onCacheHit?.();
      if (open.length > 0 && budgetMs > 0) {
        const texts = open.map((i) => (passages[i] as RerankPassage).text);
        await scoreWithin(createBudget(budgetMs, signal), budgetMs, query, texts, (n, score) => {
          const at = open[n] as number;
          scores[at] = score;
          cache.set(keys[at] as string, score);
        });
        throwIfAborted(signal);
      }
      return { scores, degraded };
    },
    warmUp: () => warmUp.run(),
    status: (): RerankerStatus => ({
      model,
      revision,
      device,
      ...warmUp.status(),
    }),
    close: () => pool.close(),
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

/** A re-ranker that cannot work, and says why when it is used: the server still starts and answers `health`. */
export function createBrokenReranker(model: string, device: string, why: AppError): Reranker {
  const fail = () => Promise.reject(why);
  return {
    score: fail,
    warmUp: fail,
    status: () => ({ state: "failed", model, device, error: why.message, remedy: why.remedy }),
    close: async () => undefined,
  };
}
