/** Configuration → parts → App. The only file that picks adapters; nothing is opened here before it is used. */

import { rebuildText } from "../chunk/document-text.js";
import type { Config } from "../config/load.js";
import { type Ctx, createCtx } from "../core/context.js";
import { AppError, cancelledError } from "../core/errors.js";
import type { JobState } from "../core/job.js";
import type { VectorStore } from "../core/ports.js";
import type { DocumentRecord, StoredPoint } from "../core/types.js";
import type { Ask } from "../reindex/golden.js";
import { type ReindexRequest, type RunningJob, startReindex } from "../reindex/reindex.js";
import { TokenBuckets } from "../resilience/token-bucket.js";
import { RANKING_PARAMS, withDenseWeight } from "../retrieve/ranking/ranking-params.js";
import { type Retrieved, type RetrieveParts, type RetrieveRequest, retrieve } from "../retrieve/retrieve.js";
import { ParserProcess } from "../source/parser-process.js";
import { createContent } from "../telemetry/content.js";
import { createLogger, type Logger } from "../telemetry/log.js";
import { createMetrics } from "../telemetry/metrics.js";
import { type CallRecord, recordCall } from "../telemetry/record.js";
import { type SidePort, startSidePort } from "../telemetry/side-port.js";
import { createSpanSink, resolveSpansPath } from "../telemetry/spans.js";
import { ANALYSER_VERSION } from "../text/analyser.js";
import { type Admin, createAdmin } from "./admin.js";
import { createEmbedder } from "./embedder.js";
import { expanderOf } from "./expander.js";
import { type AppHealth, appHealth, type Flags } from "./health.js";
import { measuredEmbedder, measuredExpander, measuredReranker } from "./instrument.js";
import { health } from "./pipeline-health.js";
import { createReranker } from "./reranker.js";
import { createStore } from "./store.js";
import type { WatchRequest } from "./watch.js";

export type { Passage, Retrieved } from "../retrieve/retrieve.js";

export interface WholeDocument {
  readonly record: DocumentRecord;
  readonly text: string;
}

export interface App extends Admin {
  readonly config: Config;
  readonly log: Logger;
  readonly flags: Flags;
  retrieve(request: RetrieveRequest, ctx: Ctx): Promise<Retrieved>;
  /** Starts a job that lives until it ends or the app closes; `cancel` stops it. */
  reindex(request: ReindexRequest, ctx: Pick<Ctx, "onProgress" | "trusted">): RunningJob & { cancel(): void };
  /** Indexes a folder or file at once and again after every burst of changes, until closed. */
  watch(request: WatchRequest): Promise<{ close(): Promise<void> }>;
  /** None when there is no such collection. */
  documents(collection: string): AsyncIterable<DocumentRecord>;
  /** undefined when the collection has no such document. */
  readDocument(collection: string, document: string, signal: AbortSignal): Promise<WholeDocument | undefined>;
  health(signal: AbortSignal): Promise<AppHealth>;
  /** @throws AppError `rate_limited` */
  admit(user: string): void;
  /** Ends a call: its span line and its metrics. */
  record(call: Omit<CallRecord, "flags" | "version">): void;
  /** Opens the metrics port in the background; never throws. */
  openSidePort(): void;
  /** Cancels jobs, waits for children, flushes spans. */
  close(): Promise<void>;
}

export function compose(config: Config): App {
  const { values } = config;
  const log = createLogger(values.LOG_LEVEL);
  const metrics = createMetrics();
  const store = createStore(config, metrics, log);
  const unmeasured = createEmbedder(config, config.embedder, metrics);
  const embedder = measuredEmbedder(unmeasured, metrics);
  const expander = whenPresent(expanderOf(config), (part) => measuredExpander(part, metrics));
  // What a re-ranker embeds is part of its own time.
  const reranker = whenPresent(createReranker(config, unmeasured, metrics), (part) => measuredReranker(part, metrics));
  const flags: Flags = {
    hybrid: values.HYBRID_ENABLED,
    rerank: reranker !== undefined,
    expansion: expander !== undefined,
    pseudo_embeddings: config.embedder === undefined,
  };
  const spansPath = resolveSpansPath({
    configured: values.TOOL_SPANS_PATH,
    cwd: process.cwd(),
    dataDir: config.dataFolder,
  });
  const sink = createSpanSink({
    path: spansPath,
    onDrop: () => metrics.add("spans_dropped_total", {}),
    warn: (message) => log.warn(message),
  });
  const content = createContent({ dataDir: config.dataFolder, show: values.SPAN_CONTENT });
  const buckets = new TokenBuckets(values.RATE_LIMIT_QPS);
  const jobs = new Map<RunningJob, AbortController>();
  const ended = new Map<JobState, number>();
  let sidePort: Promise<SidePort> | undefined;
  let openedPort: SidePort | undefined;
  metrics.read("retrieval_feature_enabled", () =>
    Object.entries(flags).map(([feature, on]) => ({ labels: { feature }, value: on ? 1 : 0 })),
  );
  metrics.read("reindex_jobs", () =>
    [...ended, ["running", jobs.size] as const].map(([state, value]) => ({ labels: { state }, value })),
  );

  const parser = new ParserProcess();
  const openSource = async (location: string, options: { trusted: boolean }) => {
    const { createOpenSource } = await import("../source/index.js");
    return createOpenSource({ roots: config.roots, dataFolder: config.dataFolder, parser })(location, options);
  };

  const ask: Ask = async (query, collection, topK, signal) => {
    const mode = flags.hybrid ? "hybrid" : "dense";
    const { passages } = await app.retrieve({ query, collection, topK, mode }, createCtx({ signal }));
    return passages.map(({ point }) => point.record.document);
  };

  const retrieveParts: RetrieveParts = {
    embedder,
    store,
    analyser: ANALYSER_VERSION,
    candidates: values.CANDIDATES,
    // A weight that the operator chose wins over the tuned one.
    ranking: withDenseWeight(RANKING_PARAMS, values.FUSION_DENSE_WEIGHT),
    expander,
    reranking: whenPresent(reranker, (part) => ({
      reranker: part,
      topK: values.RERANK_TOP_K,
      budgetMs: values.RERANK_BUDGET_MS,
    })),
  };

  const watched = new Set<{ close(): Promise<void> }>();
  const app: App = {
    ...createAdmin(store, embedder),
    config,
    log,
    flags,
    retrieve: (request, ctx) => retrieve(retrieveParts, request, ctx),
    reindex(request, ctx) {
      const abort = new AbortController();
      const parts = {
        embedder,
        store,
        openSource,
        analyser: ANALYSER_VERSION,
        ask,
        onChunks: (chunks: number) => metrics.add("reindex_chunks_total", {}, chunks),
      };
      const running = startReindex(parts, request, { ...ctx, signal: abort.signal });
      jobs.set(running, abort);
      running.done
        .catch(() => undefined)
        .finally(() => {
          jobs.delete(running);
          const { state } = running.tracker.job;
          ended.set(state, (ended.get(state) ?? 0) + 1);
        });
      return { ...running, cancel: () => abort.abort(cancelledError()) };
    },
    async watch(request) {
      const { watch } = await import("./watch.js");
      const watching = await watch({ openSource, dataFolder: config.dataFolder, reindex: app.reindex }, request);
      watched.add(watching);
      return watching;
    },
    async *documents(collection) {
      const info = await store.describe(collection);
      if (info !== undefined) yield* store.documents(info.name);
    },
    readDocument: (collection, document, signal) => readDocument(store, collection, document, signal),
    async health(signal) {
      const names = config.collections;
      const pipeline = await health({ embedder, store, names, expander, reranker, analyser: ANALYSER_VERSION }, signal);
      const running = [...jobs.keys()].map(({ tracker }) => tracker);
      return appHealth(pipeline, running, openedPort, { embedderDegraded: embedder.degraded, spansPath, flags });
    },
    admit(user) {
      const retryAfterMs = buckets.take(user);
      if (retryAfterMs === 0) return;
      metrics.add("rate_limited_total", {});
      throw new AppError("rate_limited", `More than ${values.RATE_LIMIT_QPS} calls a second.`, {
        remedy: `Wait ${retryAfterMs} ms, or raise RATE_LIMIT_QPS.`,
        retryAfterMs,
      });
    },
    record: (call) => recordCall({ ...call, flags, version: config.version }, { metrics, sink, content }),
    openSidePort() {
      sidePort ??= startSidePort({
        host: values.METRICS_HOST,
        port: values.METRICS_PORT,
        metrics: () => metrics.expose(),
        warn: (message) => log.warn(message),
      });
      void sidePort.then((port) => {
        openedPort = port;
      });
    },
    async close() {
      for (const abort of jobs.values()) abort.abort(cancelledError());
      await Promise.allSettled([...watched].map((watching) => watching.close()));
      await Promise.allSettled([...jobs.keys()].map(({ done }) => done));
      await Promise.allSettled([
        embedder.close(),
        reranker?.close(),
        store.close(),
        parser.close(),
        sidePort?.then((port) => port.close()),
        sink.flush(),
      ]);
    },
  };
  return app;
}

/** What an optional part becomes; nothing when it is absent. */
function whenPresent<T, R>(part: T | undefined, become: (part: T) => R): R | undefined {
  return part === undefined ? undefined : become(part);
}

async function readDocument(
  store: VectorStore,
  collection: string,
  document: string,
  signal: AbortSignal,
): Promise<WholeDocument | undefined> {
  const info = await store.describe(collection);
  if (info === undefined) return undefined;
  const chunks: StoredPoint[] = [];
  for await (const point of store.scroll(info.name, { document })) {
    signal.throwIfAborted();
    // Two sources may have a document of this name; the first one is meant.
    if (chunks[0] !== undefined && chunks[0].record.source !== point.record.source) break;
    chunks.push(point);
  }
  const record = chunks[0]?.record;
  return record === undefined ? undefined : { record, text: rebuildText(chunks) };
}
