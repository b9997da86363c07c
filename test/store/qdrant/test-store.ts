/** The store of a test on a Qdrant that answers, or fails, at once: nothing is tried again. */
import { createQdrantStore, type QdrantOptions, type QdrantStore } from "#src/store/qdrant/index.js";

export function testStore(urls: string, options: Partial<QdrantOptions> = {}): QdrantStore {
  return createQdrantStore({
    urls,
    textField: "text",
    cluster: { ordering: "medium" },
    poolSize: 3,
    timeoutMs: 5_000,
    maxRetries: 0,
    retryDelayMs: 1,
    failureThreshold: 100,
    resetMs: 1_000,
    ...options,
  });
}
