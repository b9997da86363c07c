/** Configuration → the store: the embedded one, or a Qdrant with its pool, retries and breaker counted. */
import { join } from "node:path";
import type { Config } from "../config/load.js";
import type { VectorStore } from "../core/ports.js";
import { createQdrantStore } from "../store/qdrant/index.js";
import { createSqliteStore } from "../store/sqlite/index.js";
import type { Logger } from "../telemetry/log.js";
import type { Metrics } from "../telemetry/metrics.js";

const SECOND = 1_000;

export function createStore({ values, dataFolder }: Config, metrics: Metrics, log: Logger): VectorStore {
  if (values.QDRANT_URL === undefined) {
    return createSqliteStore({ folder: join(dataFolder, "store"), vectorMemoryMb: values.SQLITE_VECTOR_MEMORY_MB });
  }
  const store = createQdrantStore({
    urls: values.QDRANT_URL,
    apiKey: values.QDRANT_API_KEY,
    vectorName: values.QDRANT_VECTOR_NAME,
    textField: values.QDRANT_TEXT_FIELD,
    cluster: {
      shards: values.QDRANT_SHARD_NUMBER,
      replicas: values.QDRANT_REPLICATION_FACTOR,
      writeConsistency: values.QDRANT_WRITE_CONSISTENCY_FACTOR,
      ordering: values.QDRANT_WRITE_ORDERING,
      readConsistency: values.QDRANT_READ_CONSISTENCY,
    },
    poolSize: values.QDRANT_POOL_SIZE,
    timeoutMs: values.QDRANT_POOL_TIMEOUT * SECOND,
    maxRetries: values.QDRANT_POOL_RETRY_ENABLED ? values.QDRANT_POOL_MAX_RETRIES : 0,
    retryDelayMs: values.QDRANT_POOL_RETRY_DELAY * SECOND,
    failureThreshold: values.QDRANT_CIRCUIT_FAILURE_THRESHOLD,
    resetMs: values.QDRANT_CIRCUIT_RESET_TIMEOUT * SECOND,
    onRequest: (operation, status) => metrics.add("qdrant_requests_total", { operation, status }),
    onRetry: () => metrics.add("qdrant_retry_attempts_total", {}),
    onBreaker: (state) => log.warn(`qdrant: circuit breaker ${state}`),
  });
  const gauge = (value: number) => [{ labels: {}, value }];
  metrics.read("qdrant_pool_size", () => gauge(store.guard.size));
  metrics.read("qdrant_pool_active", () => gauge(store.guard.active));
  metrics.read("qdrant_pool_waiting", () => gauge(store.guard.waiting));
  metrics.read("qdrant_circuit_breaker_open", () => gauge(store.guard.breaker === "open" ? 1 : 0));
  return store;
}
