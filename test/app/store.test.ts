/** What is counted of a Qdrant: each request by how it ended and how long it took, and its circuit breaker. */
import { afterEach, beforeEach, expect, it } from "vitest";
import { createStore } from "#src/app/store.js";
import type { VectorStore } from "#src/core/ports.js";
import { createLogger } from "#src/telemetry/log.js";
import { createMetrics } from "#src/telemetry/metrics.js";
import { Stub } from "../store/qdrant/stub.js";
import { passFor, testCall } from "../support/call.js";

const RESET_MS = 200;
const metrics = createMetrics();
let stub: Stub;
let store: VectorStore;

beforeEach(async () => {
  stub = await Stub.start();
  store = createStore(
    {
      kind: "qdrant",
      urls: stub.url,
      apiKey: undefined,
      apiKeyFile: undefined,
      headers: undefined,
      clientCertificate: undefined,
      clientKey: undefined,
      vectorName: undefined,
      textField: "text",
      cluster: {
        shards: undefined,
        replicas: undefined,
        writeConsistency: undefined,
        ordering: "medium",
        readConsistency: undefined,
      },
      poolSize: 1,
      timeoutMs: 5_000,
      maxRetries: 0,
      retryDelayMs: 1,
      failureThreshold: 1,
      resetMs: RESET_MS,
      outageMs: 0,
    },
    metrics,
    createLogger(() => "silent"),
  );
});
afterEach(async () => {
  await store.close();
  await stub.close();
});

const exposed = async () => (await metrics.expose()).body;
const breaker = async () => Number(/^qdrant_circuit_breaker_open (\S+)$/m.exec(await exposed())?.[1]);

it("counts requests by their end and their time, and tells a half-open breaker from a closed one", async () => {
  expect(await store.describe(testCall(), passFor("docs"))).toBeUndefined();
  expect(await breaker()).toBe(0);

  stub.lie = () => ({ status: 503, done: false });
  await expect(store.describe(testCall(), passFor("docs"))).rejects.toMatchObject({ code: "store_down" });
  expect(await breaker()).toBe(1);
  await expect.poll(breaker, { timeout: 5_000 }).toBe(0.5);

  const body = await exposed();
  expect(body).toMatch(/^qdrant_requests_total\{operation="\w+",status="error",code="503"\} 1$/m);
  expect(body).toMatch(/^qdrant_requests_total\{operation="\w+",status="ok",code=""\} \d+$/m);
  expect(body).toMatch(/^qdrant_request_latency_seconds_count\{operation="\w+"\} [1-9]\d*$/m);

  stub.lie = undefined;
  const afterACall = async () => {
    // Beside the request that tries, others are refused.
    await store.describe(testCall(), passFor("docs")).catch(() => undefined);
    return breaker();
  };
  await expect.poll(afterACall, { timeout: 5_000 }).toBe(0);
});
