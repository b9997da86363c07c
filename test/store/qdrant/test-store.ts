/** The store of a test on a Qdrant that answers, or fails, at once: nothing is tried again. */
import { Credentials } from "#src/store/qdrant/credentials.js";
import { createQdrantStore, type QdrantOptions, type QdrantStore } from "#src/store/qdrant/index.js";
import { Transport } from "#src/store/qdrant/transport.js";

const ONCE = { poolSize: 3, timeoutMs: 5_000, maxRetries: 0, retryDelayMs: 1, failureThreshold: 100, resetMs: 1_000 };

export function testStore(urls: string, options: Partial<QdrantOptions> = {}): QdrantStore {
  return createQdrantStore({ urls, textField: "text", cluster: { ordering: "medium" }, ...ONCE, ...options });
}

/** What the store asks through. */
export function testTransport(urls: string): Transport {
  return new Transport({ urls, ...ONCE }, new Credentials({}));
}
