/** A re-ranker whose model is not on this machine yet. */
import type { Reranker } from "../core/ports.js";
import { FirstUse, type FirstUseOptions } from "../inference/first-use.js";

export interface DownloadingRerankerOptions extends FirstUseOptions<Reranker> {
  readonly device: string;
  readonly revision?: string | undefined;
}

export function createDownloadingReranker(options: DownloadingRerankerOptions): Reranker {
  const { model, device, revision } = options;
  const download = new FirstUse(options);
  return {
    score: async (query, passages, budgetMs, signal) => download.ready().score(query, passages, budgetMs, signal),
    warmUp: async () => download.ready().warmUp(),
    status: () =>
      download.part?.status() ?? {
        model,
        device,
        ...(revision === undefined ? {} : { revision }),
        ...download.status(),
      },
    close: () => download.close(),
  };
}
