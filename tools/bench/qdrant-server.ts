/** The Qdrant that the measurements may use. */
import { setTimeout as sleep } from "node:timers/promises";
import { createQdrantStore } from "../../src/store/qdrant/index.js";

export const POOL_SIZE = 10;

export async function benchServer(): Promise<{ readonly url: string } | { readonly notMeasured: string }> {
  const url = process.env.AURA_BENCH_QDRANT ?? process.env.QDRANT_TEST_URL?.split(",")[0];
  if (url === undefined) return { notMeasured: "neither AURA_BENCH_QDRANT nor QDRANT_TEST_URL names one" };
  const answer = await fetch(url).catch((error: Error) => error);
  return answer instanceof Error ? { notMeasured: `nothing answers at ${url}: ${answer.message}` } : { url };
}

export const storeAt = (urls: string) =>
  createQdrantStore({
    urls,
    textField: "text",
    cluster: { ordering: "medium" },
    poolSize: POOL_SIZE,
    timeoutMs: 60_000,
    maxRetries: 3,
    retryDelayMs: 100,
    failureThreshold: 5,
    resetMs: 1_000,
  });

/** Merging segments takes all cores: measured is what comes after. */
export async function settle(url: string, collection: string, withinMs = 240_000): Promise<void> {
  const until = Date.now() + withinMs;
  while (Date.now() < until) {
    const answer = await fetch(`${url}/collections/${collection}`);
    const { result } = (await answer.json()) as { result: { status: string } };
    if (result.status !== "yellow") return;
    await sleep(1_000);
  }
}
