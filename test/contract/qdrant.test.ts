/** The same contract on a real Qdrant, whose collections are all deleted: only a server for tests may be named. */
import { describe, it } from "vitest";
import { createQdrantStore } from "#src/store/qdrant/index.js";
import { vectorStoreContract } from "./vector-store.js";

const url = process.env.QDRANT_TEST_URL;
const KEY = process.env.QDRANT_TEST_KEY;

if (url === undefined) {
  describe("the Qdrant store", () => {
    it.skip("keeps the contract (skipped: QDRANT_TEST_URL names no server)");
  });
} else vectorStoreContract("the Qdrant store", () => create(url));

async function create(urls: string) {
  await deleteAll(urls);
  const store = createQdrantStore({
    textField: "text",
    cluster: { ordering: "medium" },
    urls,
    apiKey: KEY,
    poolSize: 3,
    timeoutMs: 30_000,
    maxRetries: 3,
    retryDelayMs: 100,
    failureThreshold: 5,
    resetMs: 1_000,
  });
  return { store, dispose: () => store.close() };
}

async function deleteAll(urls: string): Promise<void> {
  const headers = KEY === undefined ? {} : { "api-key": KEY };
  const [base = ""] = urls.split(",");
  const answer = await fetch(`${base}/collections`, { headers });
  const { result } = (await answer.json()) as { result: { collections: { name: string }[] } };
  for (const { name } of result.collections) await fetch(`${base}/collections/${name}`, { method: "DELETE", headers });
}
