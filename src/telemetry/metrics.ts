/** Every metric this server exports: declared once in a table, from which the registry and the documentation are made. */
import { createRequire } from "node:module";
import type * as Prom from "prom-client";

export interface MetricSpec {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  /** Label values must come from closed lists of this code, never from users' data. */
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in the metric's unit. */
  readonly buckets?: readonly number[];
}

export const METRICS = {
  embedding_latency_seconds: {
    type: "histogram",
    help: "Time to embed one batch of texts, waiting included, by role (query or passage).",
    labels: ["role"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  },
  embedding_batch_size: {
    type: "histogram",
    help: "Texts in one inference job.",
    labels: [],
    buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256],
  },
  reranker_latency_seconds: {
    type: "histogram",
    help: "Time to re-rank the candidates of one query, waiting included.",
    labels: [],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5],
  },
  reranker_score_distribution: {
    type: "histogram",
    help: "Re-rank scores, 0 to 1.",
    labels: [],
    buckets: [0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1],
  },
  reranker_candidates_total: { type: "counter", help: "Candidates handed to the re-ranker.", labels: [] },
  query_expansion_variants_total: {
    type: "counter",
    help: "Variants of expanded queries, the query itself among them.",
    labels: [],
  },
  query_expansion_skipped_total: {
    type: "counter",
    help: "Queries that were searched as they are, by reason (identifier, quoted_phrase, nothing_to_add, failed).",
    labels: ["reason"],
  },
  query_expansion_latency_seconds: {
    type: "histogram",
    help: "Time to expand one query, skipped ones included.",
    labels: [],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1],
  },
  retrieval_feature_enabled: {
    type: "gauge",
    help: "1 when the feature is part of the running configuration, else 0.",
    labels: ["feature"],
  },
  retrieval_latency_seconds: {
    type: "histogram",
    help: 'Time of a retrieve call by stage; stage "total" is end to end.',
    labels: ["stage"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20],
  },
  retrieval_requests_total: {
    type: "counter",
    help: "Tool calls by tool and how they ended (ok, error, cancelled, rejected).",
    labels: ["tool", "status"],
  },
  retrieval_degraded_total: {
    type: "counter",
    help: "Answers that were not the best this server could give, by stage and reason.",
    labels: ["stage", "reason"],
  },
  retrieval_empty_total: { type: "counter", help: "Answers without results, by reason.", labels: ["reason"] },
  reindex_chunks_total: { type: "counter", help: "Chunks written by re-indexing.", labels: [] },
  reindex_jobs: { type: "gauge", help: "Recent re-index jobs by state.", labels: ["state"] },
  cache_hits_total: { type: "counter", help: "Answers taken from a cache, by cache.", labels: ["cache"] },
  rate_limited_total: { type: "counter", help: "Calls refused by the rate limit.", labels: [] },
  spans_dropped_total: { type: "counter", help: "Span lines that could not be written.", labels: [] },
  qdrant_requests_total: {
    type: "counter",
    help: "Requests to Qdrant, repetitions counted as one, by operation, how they ended (ok, error) and the HTTP status of a refusal.",
    labels: ["operation", "status", "code"],
  },
  qdrant_request_latency_seconds: {
    type: "histogram",
    help: "Time of a request to Qdrant with its wait for the pool and its repetitions, by operation.",
    labels: ["operation"],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30],
  },
  qdrant_retry_attempts_total: { type: "counter", help: "Requests to Qdrant that were repeated.", labels: [] },
  qdrant_pool_size: { type: "gauge", help: "Requests to Qdrant that may be in flight.", labels: [] },
  qdrant_pool_active: { type: "gauge", help: "Requests to Qdrant in flight.", labels: [] },
  qdrant_pool_waiting: { type: "gauge", help: "Requests to Qdrant that wait for a place in the pool.", labels: [] },
  qdrant_circuit_breaker_open: {
    type: "gauge",
    help: "1 while nothing is asked of Qdrant, 0.5 while one request tries whether it answers, else 0.",
    labels: [],
  },
  config_reloads_total: {
    type: "counter",
    help: "Changes of the settings that were read while the server runs, by outcome (ok, failed).",
    labels: ["status"],
  },
  config_last_reload_success_timestamp_seconds: {
    type: "gauge",
    help: "When the settings in force were read, in seconds since 1970.",
    labels: [],
  },
  inference_restarts_total: { type: "counter", help: "Inference processes started again after an exit.", labels: [] },
} as const satisfies Record<string, MetricSpec>;

type Table = typeof METRICS;
export type MetricName = keyof Table;
type Named<T extends MetricSpec["type"]> = { [N in MetricName]: Table[N]["type"] extends T ? N : never }[MetricName];
type LabelOf<N extends MetricName> = Table[N]["labels"][number];
export type Labels<N extends MetricName> = [LabelOf<N>] extends [never]
  ? Readonly<Record<string, never>>
  : Readonly<Record<LabelOf<N>, string>>;

/** One series of a gauge, read at scrape. */
export interface Reading<N extends MetricName> {
  readonly labels: Labels<N>;
  readonly value: number;
}
export type ReadGauge<N extends MetricName> = () => readonly Reading<N>[] | Promise<readonly Reading<N>[]>;

export interface Exposition {
  readonly contentType: string;
  readonly body: string;
}

export interface Metrics {
  /** @throws Error for a label that the table does not declare */
  add<N extends Named<"counter">>(name: N, labels: Labels<N>, by?: number): void;
  /** `value` in the metric's unit (seconds, texts). @throws Error for a label that the table does not declare */
  observe<N extends Named<"histogram">>(name: N, labels: Labels<N>, value: number): void;
  /** Names who is asked for the gauge's series at every scrape; the latest wins. One that fails leaves the gauge out. */
  read<N extends Named<"gauge">>(name: N, readings: ReadGauge<N>): void;
  /** Builds the registry now, so that no call waits for it. */
  warmUp(): void;
  /** Prometheus text format. */
  expose(): Promise<Exposition>;
}

export interface MetricsOptions {
  /** Whether the `process_*` and `nodejs_*` metrics are part of it; default true. */
  readonly defaultMetrics?: boolean;
}

/** How long a scrape waits for a gauge's reader. */
const READ_TIMEOUT_MS = 1_000;

type AnyReader = () =>
  | readonly { labels: object; value: number }[]
  | Promise<readonly { labels: object; value: number }[]>;

/** Costs nothing until the first metric is recorded or scraped: then prom-client is loaded (35 ms measured). */
export function createMetrics(options: MetricsOptions = {}): Metrics {
  const readers = new Map<string, AnyReader>();
  let built: Prom.Registry | undefined;
  const registry = () => {
    built ??= buildRegistry(readers, options.defaultMetrics ?? true);
    return built;
  };
  const metric = <M>(name: string) => registry().getSingleMetric(name) as M;
  return {
    add: (name, labels, by = 1) => metric<Prom.Counter>(name).inc(labels, by),
    observe: (name, labels, value) => metric<Prom.Histogram>(name).observe(labels, value),
    read: (name, readings) => void readers.set(name, readings),
    warmUp: () => void registry(),
    expose: async () => ({ contentType: registry().contentType, body: spellNaN(await registry().metrics()) }),
  };
}

/** prom-client writes "Nan" (the event-loop lag before its first sample has it), which strict readers refuse. */
function spellNaN(body: string): string {
  return body.replace(/ Nan$/gm, " NaN");
}

function buildRegistry(readers: ReadonlyMap<string, AnyReader>, defaultMetrics: boolean): Prom.Registry {
  const prom = createRequire(import.meta.url)("prom-client") as typeof Prom;
  const registry = new prom.Registry();
  const specs: [string, MetricSpec][] = Object.entries(METRICS);
  for (const [name, { type, help, labels, buckets }] of specs) {
    const config = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === "counter") new prom.Counter(config);
    else if (type === "histogram") new prom.Histogram({ ...config, ...(buckets ? { buckets: [...buckets] } : {}) });
    else {
      const gauge: Prom.Gauge = new prom.Gauge({ ...config, collect: () => collect(gauge, readers.get(name)) });
    }
  }
  // Its event-loop timer and its GC observer do not hold the event loop; a test keeps that true.
  if (defaultMetrics) prom.collectDefaultMetrics({ register: registry });
  return registry;
}

async function collect(gauge: Prom.Gauge, reader: AnyReader | undefined): Promise<void> {
  if (reader === undefined) return;
  // Series that are gone must not keep their last value, nor a failed reader its old ones.
  gauge.reset();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<[]>((resolve) => {
    timer = setTimeout(() => resolve([]), READ_TIMEOUT_MS).unref();
  });
  try {
    for (const { labels, value } of await Promise.race([reader(), late])) gauge.set({ ...labels }, value);
  } catch {
    // A gauge that cannot be read is absent from this scrape; the other metrics are served.
  } finally {
    clearTimeout(timer);
  }
}
