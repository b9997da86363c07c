/** A re-ranker whose model is not on this machine yet. */
import type { Reranker } from "../core/ports.js";
import { FirstUse, type FirstUseOptions } from "../inference/first-use.js";

export function createDownloadingReranker(options: FirstUseOptions<Reranker>): Reranker {
  const download = new FirstUse(options);
  return {
    score: async (query, passages, budgetMs, signal) => download.ready().score(query, passages, budgetMs, signal),
    warmUp: async () => download.ready().warmUp(),
    status: () => download.status(),
    close: () => download.close(),
  };
}
