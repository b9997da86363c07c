/** Configuration → the use cases, over one engine and one live configuration at a time. */
import type { BootConfig } from "../config/boot.js";
import type { Config, LiveConfig } from "../config/load.js";
import { Access, type CollectionPass } from "../core/access.js";
import type { Call, Principal } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { Job } from "../core/job.js";
import type { VectorStore } from "../core/ports.js";
import { type Flags, flagsOf, type RetrievalProfile } from "../core/profile.js";
import type { DocumentRecord, SourceInfo, Stale } from "../core/types.js";
import type { Ask } from "../reindex/golden.js";
import type { ReindexParts, ReindexRequest } from "../reindex/reindex.js";
import { TokenBuckets } from "../resilience/token-bucket.js";
import type { RetrievalEngine } from "../retrieve/engine.js";
import { type Retrieved, type RetrieveRequest, retrieve } from "../retrieve/retrieve.js";
import { createLogger, type Logger } from "../telemetry/log.js";
import { createMetrics } from "../telemetry/metrics.js";
import { type CallRecord, recordCall } from "../telemetry/record.js";
import { ANALYSER_VERSION } from "../text/analyser.js";
import { type Admin, createAdmin } from "./admin.js";
import { dataFolderStatus, keepPrivate } from "./data-folder.js";
import { type DocumentList, type ListAsked, listDocuments } from "./document-list.js";
import {
  allDocuments,
  countDocuments,
  type DocumentPart,
  listSources,
  type ReadAsked,
  readDocument,
  type SourceDocuments,
} from "./documents.js";
import { createEngine } from "./engine.js";
import { explainAbsence, type Indexing, indexingNow } from "./first-build.js";
import { Freshness } from "./freshness.js";
import { type AppHealth, appHealth } from "./health.js";
import { type CancellableJob, Jobs } from "./jobs.js";
import { cancelJob, findJob, listJobs } from "./known-jobs.js";
import { LiveState } from "./live-state.js";
import { openSpans } from "./open-spans.js";
import { Reloads } from "./reload.js";
import { SidePortHolder } from "./side-port-holder.js";
import { warmUp } from "./warm-up.js";
import type { WatchRequest } from "./watch.js";
import type { Watches } from "./watches.js";

export type { Passage, Retrieved } from "../retrieve/retrieve.js";
export type { SourceDocuments } from "./documents.js";

/**
 * @property indexing what may not be found yet
 * @property stale by passage id: those whose files are no longer what was indexed
 */
export type Answered = Retrieved & {
  readonly indexing?: readonly Indexing[];
  readonly stale?: ReadonlyMap<string, Stale>;
};

/** @property profile a name, or a whole one; absent: the default */
interface Profiled {
  readonly profile?: string | RetrievalProfile | undefined;
}

export interface App extends Admin {
  readonly boot: BootConfig;
  /** As it is now; a call keeps what it began with. */
  readonly live: LiveConfig;
  /** Of the default profile. */
  readonly flags: Flags;
  readonly log: Logger;
  /** @throws AppError `bad_request` for a profile that is not there */
  profile(name?: string): RetrievalProfile;
  retrieve(call: Call, request: RetrieveRequest & Profiled): Promise<Answered>;
  /** Retrieval over another view of the store. */
  over(view: (store: VectorStore) => VectorStore): Pick<App, "retrieve">;
  /** Starts a job that lives until it ends or the app closes. */
  reindex(call: Call, request: ReindexRequest & Profiled): CancellableJob;
  /** Of every process, newest first. */
  jobs(call: Call): Promise<Job[]>;
  /** @throws AppError `not_found` */
  job(call: Call, id: string): Promise<Job>;
  /** Ends a job of any process. @throws AppError `not_found`, `conflict` for one that has ended */
  cancelJob(call: Call, id: string): Promise<Job>;
  /** Indexes a folder or file at once and again after every burst of changes, until closed. */
  watch(call: Call, request: WatchRequest): Promise<{ close(): Promise<void> }>;
  /** Watches the folders that clients may index, whichever they are from now on. Never rejects. */
  keepFresh(): Promise<void>;
  /** Of the version that serves; none when there is no such collection. */
  sources(call: Call, collection: CollectionPass): Promise<readonly SourceInfo[]>;
  /** The same with the number of their documents, by name: every document is looked at. @throws AppError `not_found` */
  countDocuments(call: Call, collection: CollectionPass): Promise<readonly SourceDocuments[]>;
  /** None when there is no such collection. */
  documents(call: Call, collection: CollectionPass): AsyncIterable<DocumentRecord>;
  /** A page of them. @throws AppError `not_found`; `bad_request` for a cursor of another list */
  listDocuments(call: Call, collection: CollectionPass, asked: ListAsked): Promise<DocumentList>;
  /** @throws AppError `not_found`; `bad_request` naming the candidates, or the lines there are */
  readDocument(call: Call, collection: CollectionPass, asked: ReadAsked): Promise<DocumentPart>;
  health(call: Call): Promise<AppHealth>;
  /** Whether the store answers. */
  isStoreUp(call: Call): Promise<boolean>;
  /** What a caller may reach who has no access of its own. */
  access(): Access;
  /** @throws AppError `rate_limited` */
  admit(principal: Principal): void;
  /** Ends a call: its span line and its metrics. */
  record(call: Omit<CallRecord, "names" | "version">): void;
  /** Reads the settings anew and applies what is live. Never rejects. */
  reload(): Promise<void>;
  /** Loads what a first question would wait for, as far as it is on this machine. Never rejects. */
  warmUp(): Promise<void>;
  /** Opens the metrics port in the background; never throws. */
  openSidePort(): void;
  /** Cancels jobs, waits for children, flushes spans. */
  close(): Promise<void>;
}

/** @param load reads the settings anew; absent: they never change */
export function createApp(config: Config, load: () => Config = () => config): App {
  const { boot } = config;
  const log = createLogger(() => state.config.logLevel);
  const metrics = createMetrics();
  const engine = createEngine(boot, metrics, log);
  let state = new LiveState(config.live, engine.session(config.live.models));
  const { store } = engine;
  const jobs = new Jobs(metrics);
  const watched = new Set<{ close(): Promise<void> }>();
  let watches: Watches | undefined;
  const buckets = new TokenBuckets();
  const freshness = new Freshness({
    stale: engine.stale,
    mayRead: (call, path) => engine.mayLookAt(call, state.config.roots, path),
  });
  const spans = openSpans(boot, metrics, log);
  for (const line of keepPrivate(boot)) log.warn(line);
  const own = { dataFolder: boot.dataFolder, files: [spans.sink.path] };
  const sidePort = new SidePortHolder(boot, metrics, log);
  const reloads = new Reloads({
    started: config,
    engine,
    metrics,
    log,
    load,
    current: () => state,
    swap(next) {
      const before = state;
      state = next;
      before.leave();
      watches?.follow();
    },
  });
  metrics.read("retrieval_feature_enabled", () =>
    Object.entries(app.flags).map(([feature, on]) => ({ labels: { feature }, value: on ? 1 : 0 })),
  );

  /** @throws what the answer does, or for a collection that is not there what to do about it */
  const explained = <T>(call: Call, pass: CollectionPass, answer: Promise<T>): Promise<T> =>
    answer.catch(async (error: unknown) => {
      if (!(error instanceof AppError && error.code === "not_found")) throw error;
      const { roots, collection: usual } = state.config;
      throw (await explainAbsence(call, store, pass, { roots, jobs: jobs.current, usual })) ?? error;
    });

  const app: App = {
    ...createAdmin(store, () => state.session.embedder(state.profile.embedder)),
    boot,
    get live() {
      return state.config;
    },
    get flags() {
      return flagsOf(state.profile);
    },
    log,
    profile: (name) => state.named(name),
    async retrieve(call, { profile, ...request }) {
      const answer = state.use((now) => retrieve(call, now.session, chosen(now, profile), request));
      const retrieved = await explained(call, request.collection, answer);
      const answered = { ...retrieved, stale: await freshness.of(call, retrieved) };
      return { ...answered, indexing: await indexingNow(call, store, retrieved.collection, jobs.current) };
    },
    over(view) {
      const viewed = view(store);
      return {
        retrieve: (call, { profile, ...request }) =>
          state.use((now) => retrieve(call, now.session.over(viewed), chosen(now, profile), request)),
      };
    },
    reindex(call, { profile, ...request }) {
      const { session, config: live } = state;
      const answering = chosen(state, profile);
      const parts: ReindexParts = {
        embedder: session.embedder(answering.embedder),
        store,
        openSource: engine.openSource(live, own.files),
        isGone: engine.isGone,
        analyser: ANALYSER_VERSION,
        ask: asking(session, answering),
        outageMs: boot.store.kind === "qdrant" ? boot.store.outageMs : undefined,
        onChunks: (chunks) => metrics.add("reindex_chunks_total", {}, chunks),
      };
      const job = jobs.start(call, parts, request);
      state.use(() => job.done).catch(() => undefined); // its parts stay until it ends
      return job;
    },
    jobs: (call) => listJobs(call, { store, jobs }),
    job: (call, id) => findJob(call, { store, jobs }, id),
    cancelJob: (call, id) => cancelJob(call, { store, jobs }, id),
    async watch(call, request) {
      const { watch } = await import("./watch.js");
      const parts = {
        openSource: engine.openSource(state.config, own.files),
        own,
        reindex: app.reindex,
      };
      const watching = await watch(call, parts, request);
      watched.add(watching);
      return {
        close() {
          watched.delete(watching);
          return watching.close();
        },
      };
    },
    async keepFresh() {
      const { Watches } = await import("./watches.js");
      watches ??= new Watches(app);
      watches.follow();
    },
    sources: (call, collection) => listSources(call, store, collection),
    countDocuments: (call, collection) => countDocuments(call, store, collection),
    documents: (call, collection) => allDocuments(call, store, collection),
    listDocuments: (call, collection, asked) =>
      explained(call, collection, listDocuments(call, store, collection, asked)),
    readDocument: (call, collection, asked) =>
      explained(call, collection, readDocument(call, store, collection, asked)),
    health: (call) =>
      state.use((now) =>
        appHealth(call, {
          state: now,
          store,
          jobs: jobs.current,
          metrics: sidePort.status,
          spansPath: spans.sink.path,
          dataFolder: dataFolderStatus(boot),
          config: reloads.status,
          realPath: engine.realPath,
        }),
      ),
    isStoreUp: (call) =>
      store.probe(call).then(
        () => true,
        () => false,
      ),
    access: () => Access.to(state.config.collections, engine.scope(state.config)),
    admit(principal) {
      const { callsPerSecond } = state.config;
      const retryAfterMs = buckets.take(principal.id, callsPerSecond);
      if (retryAfterMs === 0) return;
      metrics.add("rate_limited_total", {});
      throw new AppError("rate_limited", `More than ${callsPerSecond} calls a second.`, {
        remedy: `Wait ${retryAfterMs} ms, or raise RATE_LIMIT_QPS.`,
        retryAfterMs,
      });
    },
    record: (call) =>
      recordCall({ ...call, names: namesOf(state.config), version: boot.version }, { metrics, ...spans }),
    reload: () => reloads.reload(),
    warmUp: () => state.use((now) => warmUp(now, boot.store.kind === "sqlite")),
    openSidePort: () => sidePort.open(),
    async close() {
      await reloads.close();
      // Together: a run that waits for its turn ends when it is cancelled only.
      await Promise.allSettled([...[...watched].map((watching) => watching.close()), jobs.close()]);
      await Promise.allSettled([engine.close(), sidePort.close(), spans.sink.flush()]);
    },
  };
  return app;
}

/** Golden questions, asked by what the job began with. */
function asking(engine: RetrievalEngine, profile: RetrievalProfile): Ask {
  return async (call, query, collection, topK) => {
    const access = Access.full("golden questions judge a version, whoever sees what of it");
    const own = { ...call, access, stages: [], degraded: [] };
    const { passages } = await retrieve(own, engine, profile, { query, collection, topK });
    return passages.map(({ point }) => point.record.document);
  };
}

function chosen(state: LiveState, profile: string | RetrievalProfile | undefined): RetrievalProfile {
  return typeof profile === "object" ? profile : state.named(profile);
}

/** What callers may write for a collection or profile, and a source. */
function namesOf({ collections, profiles }: LiveConfig): ReadonlySet<string> {
  return new Set([...collections, ...collections.map((name) => `collection:${name}`), ...profiles.keys()]);
}
