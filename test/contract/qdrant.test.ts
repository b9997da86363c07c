/** The same contract on a real Qdrant, whose collections are all deleted: only a server for tests may be named. */
import { describe, it } from "vitest";
import { createQdrantStore } from "#src/store/qdrant/index.js";
import { Stub } from "../store/qdrant/stub.js";
import { vectorStoreContract } from "./vector-store.js";

const url = process.env.QDRANT_TEST_URL;
const KEY = process.env.QDRANT_TEST_KEY;

vectorStoreContract("the Qdrant store on the stub", async () => {
  const stub = await Stub.start();
  const store = create(stub.url);
  const dispose = async () => {
    await store.close();
    await stub.close();
  };
  return { store, dispose };
});

if (url === undefined) {
  describe("the Qdrant store", () => {
    it.skip("keeps the contract (skipped: QDRANT_TEST_URL names no server)");
  });
} else {
  vectorStoreContract("the Qdrant store", async () => {
    await deleteAll(url);
    const store = create(url);
    return { store, dispose: () => store.close() };
  });
}

function create(urls: string) {
  return createQdrantStore({
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
}

async function deleteAll(urls: string): Promise<void> {
  const headers = KEY === undefined ? {} : { "api-key": KEY };
  const [base = ""] = urls.split(",");
  const answer = await fetch(`${base}/collections`, { headers });
  const { result } = (await answer.json()) as { result: { collections: { name: string }[] } };
  for (const { name } of result.collections) await fetch(`${base}/collections/${name}`, { method: "DELETE", headers });
}
