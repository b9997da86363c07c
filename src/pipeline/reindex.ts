/**
 * Brings a collection in line with a source. Incremental: the serving version is changed document by document. Full,
 * or when no version fits the model: a new version is built, verified, and the alias repointed in one step.
 */
import { randomBytes } from "node:crypto";
import type { Ctx } from "../core/context.js";
import { AppError, abortReason, throwIfAborted, toAppError } from "../core/errors.js";
import { sameFingerprint } from "../core/fingerprint.js";
import type { Embedder, OpenSource, Source, VectorStore } from "../core/ports.js";
import type { CollectionInfo, CollectionSpec, DocumentKey, Job } from "../core/types.js";
import { type Indexed, type IndexParts, indexDocuments, keyOf, versionOf } from "./index-documents.js";
import { fromCollection, fromSource, type InputItem } from "./inputs.js";
import { JobTracker } from "./job.js";
import { verifyCollection } from "./verify.js";

/** Complete versions kept for rollback, the serving one included. */
export const VERSIONS_KEPT = 3;
/** An incremental run that would remove more than this share of its source is taken for a mistake. */
const MAX_PRUNED_SHARE = 0.5;
const COLLECTION_SOURCE = /^collection:(.+)$/;

export interface ReindexParts extends IndexParts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  readonly openSource: OpenSource;
  readonly analyser: string;
}

export interface ReindexRequest {
  readonly source: string;
  readonly collection: string;
  readonly mode: "incremental" | "full";
  readonly dryRun: boolean;
}

/** What is read, whose documents it may prune, and how each becomes chunks. */
interface Input {
  readonly name: string;
  /** undefined = every source: the input is a whole collection. */
  readonly source: string | undefined;
  count(signal: AbortSignal): Promise<number | undefined>;
  items(signal: AbortSignal): AsyncIterable<InputItem>;
}

export interface RunningJob {
  readonly tracker: JobTracker;
  /** Resolves when the job is done. @throws AppError why it failed or was cancelled */
  readonly done: Promise<Job>;
}

/** Starts the job; nothing is awaited here, so that its id is known at once. */
export function startReindex(
  parts: ReindexParts,
  request: ReindexRequest,
  ctx: Pick<Ctx, "signal" | "onProgress" | "trusted">,
): RunningJob {
  const { collection, source, mode, dryRun } = request;
  const tracker = new JobTracker({ collection, source, mode, dryRun }, parts.store, ctx.onProgress);
  const done = run(parts, request, tracker, ctx).then(
    async () => {
      await tracker.end();
      return tracker.job;
    },
    async (thrown: unknown) => {
      const error = ctx.signal.aborted ? abortReason(ctx.signal) : toAppError(thrown);
      tracker.fail(error);
      await tracker.end();
      throw error;
    },
  );
  return { tracker, done };
}

async function run(
  parts: ReindexParts,
  request: ReindexRequest,
  tracker: JobTracker,
  ctx: Pick<Ctx, "signal" | "trusted">,
): Promise<void> {
  const { store, embedder } = parts;
  const alias = request.collection;
  const spec: CollectionSpec = { alias, fingerprint: await embedder.fingerprint(), analyser: parts.analyser };
  const input = await openInput(parts, request, spec, ctx.trusted);
  if (request.dryRun) return dryRun(parts, request, spec, input, tracker, ctx.signal);

  const lease = await store.lease(alias);
  const signal = AbortSignal.any([ctx.signal, lease.lost]);
  try {
    tracker.phase("reading");
    const current = await store.describe(alias);
    const live = request.mode === "full" ? undefined : await newestFitting(store, alias, spec);
    const target = live?.name ?? (await resumeOrCreate(store, alias, spec, current));
    tracker.set({ target });
    const { documents, sample } = await fill(parts, input, target, live !== undefined, current, spec, tracker, signal);

    tracker.phase("verifying");
    const info = await verifyCollection(store, target, { spec, documents, sample }, signal);
    tracker.phase("switching");
    throwIfAborted(signal);
    await store.markReady(target);
    const { previous } = await store.repoint(alias, target);
    await dropOldVersions(store, alias, target, previous);
    tracker.set({
      state: "done",
      phase: "finished",
      points: info.points,
      vectorSize: info.dimension,
      ...(previous !== undefined && previous !== target ? { previousCollection: previous } : {}),
    });
  } finally {
    await lease.release().catch(() => undefined);
  }
}

/**
 * Indexes the input, prunes what its source no longer has, and carries over what other sources brought.
 * `documents` is how many the collection must hold now: counted from what was read, never from the store.
 */
async function fill(
  parts: ReindexParts,
  input: Input,
  target: string,
  isLive: boolean,
  current: CollectionInfo | undefined,
  spec: CollectionSpec,
  tracker: JobTracker,
  signal: AbortSignal,
): Promise<{ documents: number; sample: readonly string[] }> {
  const all = await knownDocuments(parts.store, target, undefined);
  const known = input.source === undefined ? all : await knownDocuments(parts.store, target, input.source);
  const total = await input.count(signal);
  if (total !== undefined) tracker.counts.total = total;
  tracker.phase("indexing");
  const indexed = await indexDocuments(parts, target, input.items(signal), known, tracker, { signal }, false);
  if (indexed.present.size === 0) throw noDocument(input.name, tracker.job);

  tracker.phase("pruning");
  const gone = [...known.keys()].filter((key) => !indexed.present.has(key) && !indexed.failed.has(key));
  if (isLive) refuseLargePrune(gone.length, known.size);
  await parts.store.remove(target, gone.map(splitKey));
  tracker.counts.removed = gone.length;

  const expected = new Set(all.keys());
  for (const key of indexed.present) if (!indexed.failed.has(key)) expected.add(key);
  for (const key of gone) expected.delete(key);
  if (isLive || current === undefined) return { documents: expected.size, sample: indexed.sample };
  const carried = await carryOver(parts, input, indexed, current, target, spec, tracker, signal);
  for (const key of carried.present) expected.add(key);
  return { documents: expected.size, sample: [...indexed.sample, ...carried.sample] };
}

/** A new version keeps the documents of other sources, and of ours those that could not be read now. */
async function carryOver(
  parts: ReindexParts,
  input: Input,
  indexed: Indexed,
  current: CollectionInfo,
  target: string,
  spec: CollectionSpec,
  tracker: JobTracker,
  signal: AbortSignal,
): Promise<Indexed> {
  const vectors = current.spec !== undefined && sameFingerprint(current.spec.fingerprint, spec.fingerprint);
  const wanted = (record: DocumentKey) =>
    input.source === undefined
      ? indexed.failed.has(keyOf(record))
      : record.source !== input.source || indexed.failed.has(keyOf(record));
  const { store } = parts;
  const others = async function* (): AsyncIterable<InputItem> {
    for await (const document of fromCollection(store, current.name, { vectors, wanted }))
      yield { kind: "document", document };
  };
  return indexDocuments(
    parts,
    target,
    others(),
    await knownDocuments(store, target, undefined),
    tracker,
    { signal },
    false,
  );
}

async function openInput(
  parts: ReindexParts,
  request: ReindexRequest,
  spec: CollectionSpec,
  trusted: boolean,
): Promise<Input> {
  const from = COLLECTION_SOURCE.exec(request.source)?.[1];
  return from === undefined
    ? sourceInput(await parts.openSource(request.source, { trusted }), parts.embedder)
    : collectionInput(parts.store, from, spec);
}

function sourceInput(source: Source, embedder: Embedder): Input {
  return {
    name: source.name,
    source: source.name,
    count: (signal) => source.count(signal),
    async *items(signal) {
      for await (const item of source.read(signal)) {
        if (item.kind === "document")
          yield { kind: "document", document: fromSource(item.document, source.version, embedder) };
        else yield { ...item, source: source.name };
      }
    },
  };
}

async function collectionInput(store: VectorStore, name: string, spec: CollectionSpec): Promise<Input> {
  const info = await store.describe(name);
  if (info === undefined) {
    throw new AppError("not_found", `There is no collection "${name}" to re-embed.`, {
      remedy: "Name one that `aura-retrieval collections` lists.",
    });
  }
  const vectors = info.spec !== undefined && sameFingerprint(info.spec.fingerprint, spec.fingerprint);
  return {
    name: `collection:${name}`,
    source: undefined,
    count: async () => info.documents,
    async *items() {
      for await (const document of fromCollection(store, info.name, { vectors })) yield { kind: "document", document };
    },
  };
}

async function dryRun(
  parts: ReindexParts,
  request: ReindexRequest,
  spec: CollectionSpec,
  input: Input,
  tracker: JobTracker,
  signal: AbortSignal,
): Promise<void> {
  const live = request.mode === "full" ? undefined : await newestFitting(parts.store, request.collection, spec);
  const known =
    live === undefined ? new Map<string, string>() : await knownDocuments(parts.store, live.name, input.source);
  tracker.phase("reading");
  const { present, failed } = await indexDocuments(
    parts,
    live?.name ?? "",
    input.items(signal),
    known,
    tracker,
    { signal },
    true,
  );
  if (present.size === 0) throw noDocument(input.name, tracker.job);
  tracker.counts.removed = [...known.keys()].filter((key) => !present.has(key) && !failed.has(key)).length;
  tracker.set({ state: "done", phase: "finished" });
}

/** The version an incremental run changes: the serving one, else the newest complete one that fits the model. */
async function newestFitting(
  store: VectorStore,
  alias: string,
  spec: CollectionSpec,
): Promise<CollectionInfo | undefined> {
  const fitting = (await store.list(alias)).filter((info) => info.state === "ready" && fits(info, spec));
  return fitting.find((info) => info.serving) ?? fitting[0];
}

/** An interrupted build for the same model goes on where it stopped; others of this alias are abandoned. */
async function resumeOrCreate(
  store: VectorStore,
  alias: string,
  spec: CollectionSpec,
  current: CollectionInfo | undefined,
): Promise<string> {
  const building = (await store.list(alias)).filter((info) => info.state === "building" && info.name !== current?.name);
  const resumable = building.find((info) => fits(info, spec));
  for (const info of building) if (info !== resumable) await store.drop(info.name);
  if (resumable !== undefined) return resumable.name;
  const stamp = new Date().toISOString().replace(/[-:]|\..*$/g, "");
  const name = `${alias}_${stamp}_${randomBytes(3).toString("hex")}`;
  await store.create(name, spec);
  return name;
}

function fits(info: CollectionInfo, spec: CollectionSpec): boolean {
  return (
    info.spec !== undefined &&
    sameFingerprint(info.spec.fingerprint, spec.fingerprint) &&
    info.spec.analyser === spec.analyser
  );
}

async function knownDocuments(
  store: VectorStore,
  collection: string,
  source: string | undefined,
): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for await (const record of store.documents(collection, source)) known.set(keyOf(record), versionOf(record));
  return known;
}

/** Keeps the newest versions, what serves and what served before it. */
async function dropOldVersions(
  store: VectorStore,
  alias: string,
  target: string,
  previous: string | undefined,
): Promise<void> {
  const ready = (await store.list(alias)).filter((info) => info.state === "ready");
  const old = ready.slice(VERSIONS_KEPT).filter((info) => info.name !== target && info.name !== previous);
  for (const info of old) await store.drop(info.name);
}

function refuseLargePrune(gone: number, known: number): void {
  if (gone <= known * MAX_PRUNED_SHARE) return;
  throw new AppError(
    "conflict",
    `${gone} of ${known} indexed documents are no longer in the source; nothing was removed.`,
    {
      remedy: "Check that the source is complete; if they are really gone, run reindex again with mode full.",
    },
  );
}

function noDocument(name: string, job: Job): AppError {
  const first = [...job.failed, ...job.skipped][0];
  const why =
    first === undefined
      ? "it is empty"
      : `${job.skippedTotal + job.failedTotal} left out, for example ${first.document}: ${first.reason}`;
  return new AppError("not_found", `No document was found in ${name}: ${why}.`, {
    remedy: "Name a folder or file with Markdown, text, source code, HTML or JSONL; the collection was not changed.",
  });
}

function splitKey(key: string): DocumentKey {
  const at = key.indexOf("\n");
  return { source: key.slice(0, at), document: key.slice(at + 1) };
}
