/** An embedder whose model is not on this machine yet. */
import type { Embedder } from "../core/ports.js";
import type { DegradedReason, Fingerprint } from "../core/types.js";
import { FirstUse, type FirstUseOptions } from "../inference/first-use.js";

export interface DownloadingEmbedderOptions extends Omit<FirstUseOptions<Embedder>, "model"> {
  readonly fingerprint: Fingerprint;
  /** Whether the model has a projection for token vectors. */
  readonly tokens?: boolean;
  /** Known before the download: on which device it will run. */
  readonly degraded?: DegradedReason;
}

export function createDownloadingEmbedder(options: DownloadingEmbedderOptions): Embedder {
  const { fingerprint, degraded } = options;
  const { model, maxTokens } = fingerprint;
  const download = new FirstUse({ ...options, model });
  return {
    maxTokens,
    degraded,
    fingerprint: async () => fingerprint,
    embed: async (texts, role, signal) => download.ready().embed(texts, role, signal),
    ...(options.tokens && {
      embedTokens: async (texts, role, signal) =>
        (download.ready() as Required<Embedder>).embedTokens(texts, role, signal),
    }),
    countTokens: async (texts, signal) => download.ready().countTokens(texts, signal),
    warmUp: async () => download.ready().warmUp(),
    status: () => download.status(),
    close: () => download.close(),
  };
}
