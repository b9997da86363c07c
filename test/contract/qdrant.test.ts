/** The same contract on a real Qdrant, whose collections are all deleted: only a server for tests may be named. */
import { describe, it } from "vitest";
import { createQdrantStore } from "#src/store/qdrant/index.js";
import type { ClusterOptions } from "#src/store/qdrant/requests.js";
import { Stub } from "../store/qdrant/stub.js";
import { vectorStoreContract } from "./vector-store.js";

const KEY = process.env.QDRANT_TEST_KEY;

vectorStoreContract("the Qdrant store on the stub", async () => {
  const stub = await Stub.start();
  const store = create(stub.url, { ordering: "medium" });
  const dispose = async () => {
    await store.close();
    await stub.close();
  };
  return { store, dispose, stall: async () => stub.hold() };
});

onServers("the Qdrant store", "QDRANT_TEST_URL", { ordering: "medium" }, "whole");
onServers("the Qdrant store on a cluster", "QDRANT_TEST_URLS", { ordering: "medium", shards: 3, replicas: 2 }, "part");

function onServers(name: string, variable: string, cluster: ClusterOptions, snapshots: "whole" | "part"): void {
  const urls = process.env[variable];
  if (urls === undefined) {
    describe(name, () => {
      it.skip(`keeps the contract (skipped: ${variable} names no server)`);
    });
    return;
  }
  vectorStoreContract(
    name,
    async () => {
      await deleteAll(urls);
      const store = create(urls, cluster);
      return { store, dispose: () => store.close() };
    },
    snapshots,
  );
}

function create(urls: string, cluster: ClusterOptions) {
  return createQdrantStore({
    textField: "text",
    cluster,
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
  const headers: Record<string, string> = KEY === undefined ? {} : { "api-key": KEY };
  const [base = ""] = urls.split(",");
  const answer = await fetch(`${base}/collections`, { headers });
  const { result } = (await answer.json()) as { result: { collections: { name: string }[] } };
  for (const { name } of result.collections) await fetch(`${base}/collections/${name}`, { method: "DELETE", headers });
}
