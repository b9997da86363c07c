/** Choice → store: the embedded one, or a Qdrant with its pool, retries and breaker counted. */
import type { StoreChoice } from "../config/boot.js";
import type { VectorStore } from "../core/ports.js";
import { createQdrantStore } from "../store/qdrant/index.js";
import { createSqliteStore } from "../store/sqlite/index.js";
import type { Logger } from "../telemetry/log.js";
import type { Metrics } from "../telemetry/metrics.js";

export function createStore(choice: StoreChoice, metrics: Metrics, log: Logger): VectorStore {
  if (choice.kind === "sqlite") return createSqliteStore(choice);
  const store = createQdrantStore({
    ...choice,
    onRequest: ({ operation, status, code, seconds }) => {
      metrics.add("qdrant_requests_total", { operation, status, code });
      metrics.observe("qdrant_request_latency_seconds", { operation }, seconds);
    },
    onRetry: () => metrics.add("qdrant_retry_attempts_total", {}),
    onBreaker: (state) => log.warn(`qdrant: circuit breaker ${state}`),
  });
  const gauge = (value: number) => [{ labels: {}, value }];
  metrics.read("qdrant_pool_size", () => gauge(store.guard.size));
  metrics.read("qdrant_pool_active", () => gauge(store.guard.active));
  metrics.read("qdrant_pool_waiting", () => gauge(store.guard.waiting));
  metrics.read("qdrant_circuit_breaker_open", () => gauge(OPEN[store.guard.breaker]));
  return store;
}

/** Half-open, all calls but one are refused. */
const OPEN = { closed: 0, "half-open": 0.5, open: 1 } as const;
