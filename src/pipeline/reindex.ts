/**
 * Brings a collection in line with a source. Incremental: the serving version is changed document by document. Full,
 * or when no version fits the model: a new version is built, verified, and the alias repointed in one step.
 */
import { setMaxListeners } from "node:events";
import type { Ctx } from "../core/context.js";
import { AppError, abortReason, throwIfAborted, toAppError } from "../core/errors.js";
import { hasVectorsOf } from "../core/fingerprint.js";
import type { Embedder, OpenSource, VectorStore } from "../core/ports.js";
import type { CollectionInfo, CollectionSpec, DocumentKey, Job } from "../core/types.js";
import { type Asked, aimAt } from "./aim.js";
import { catchUp } from "./catch-up.js";
import { type Indexed, type IndexParts, indexDocuments, keyOf } from "./index-documents.js";
import { fromCollection, type Input, type InputItem, openInput } from "./inputs.js";
import { JobTracker } from "./job.js";
import { couldNotBeRead, goneFrom, knownDocuments, splitKey } from "./known.js";
import { verifyCollection } from "./verify.js";
import { dropOldVersions, newestFitting, resumeOrCreate } from "./versions.js";

/** An incremental run that would remove more than this share of its source is taken for a mistake. */
const MAX_PRUNED_SHARE = 0.5;

export interface ReindexParts extends IndexParts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  readonly openSource: OpenSource;
  readonly analyser: string;
}

export interface ReindexRequest extends Asked {
  readonly mode: "incremental" | "full";
  readonly dryRun: boolean;
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
  const { alias, takesName } = await aimAt(store, request);
  tracker.aim(alias);
  const spec: CollectionSpec = { alias, fingerprint: await embedder.fingerprint(), analyser: parts.analyser };
  const input = await openInput(parts, request.source, spec, ctx.trusted);
  if (request.dryRun) return dryRun(parts, request, spec, input, tracker, ctx.signal);

  const lease = await store.lease(alias);
  const signal = AbortSignal.any([ctx.signal, lease.lost]);
  setMaxListeners(0, signal); // many steps listen at once
  try {
    tracker.phase("reading");
    const current = await store.describe(alias);
    const live = request.mode === "full" ? undefined : await newestFitting(store, alias, spec);
    const target = live?.name ?? (await resumeOrCreate(store, alias, spec, current));
    tracker.set({ target });
    const { documents, sample } = await fill(parts, input, target, live !== undefined, current, spec, tracker, signal);

    tracker.phase("verifying");
    let info = await verifyCollection(store, target, { spec, documents, sample }, signal);
    const late = await catchUp(parts, input, target, tracker, signal);
    if (late !== undefined) {
      const expected = { spec, documents: documents + late.grown, sample: late.sample };
      info = await verifyCollection(store, target, expected, signal);
    }
    tracker.phase("switching");
    throwIfAborted(signal);
    const previous = await publish(parts, input, target, tracker, signal, alias, takesName);
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

/** One step for everyone who asks. @returns what served before */
async function publish(
  parts: ReindexParts,
  input: Input,
  target: string,
  tracker: JobTracker,
  signal: AbortSignal,
  alias: string,
  takesName: boolean,
): Promise<string | undefined> {
  const { store } = parts;
  if (!takesName || store.takeName === undefined) return (await store.publish(alias, target)).previous;
  const taken = await store.takeName(alias, target, async () => {
    await catchUp(parts, input, target, tracker, signal);
  });
  tracker.set({ nameTaken: taken });
  return undefined;
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
  const known = new Map(
    [...all].filter(([key]) => input.source === undefined || splitKey(key).source === input.source),
  );
  const total = await input.count(signal);
  if (total !== undefined) tracker.counts.total = total;
  tracker.phase("indexing");
  const indexed = await indexDocuments(parts, target, input.items(signal), known, tracker, signal, false);
  if (indexed.present.size === 0) throw noDocument(input.name, tracker.job);

  tracker.phase("pruning");
  const gone = goneFrom(known, indexed);
  if (isLive) refuseLargePrune(gone.length, known.size);
  await parts.store.remove(target, gone.map(splitKey));
  tracker.counts.removed = gone.length;

  const expected = new Set(all.keys());
  for (const key of indexed.present) if (!indexed.failed.has(key)) expected.add(key);
  for (const key of gone) expected.delete(key);
  if (isLive || current === undefined) return { documents: expected.size, sample: indexed.sample };
  if (current.state === "damaged") {
    tracker.leaveOut(
      "failed",
      current.name,
      "the version that served is damaged: what other sources brought is lost, index them again",
    );
    return { documents: expected.size, sample: indexed.sample };
  }
  const carried = await carryOver(parts, input, indexed, current, target, all, spec, tracker, signal);
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
  known: ReadonlyMap<string, string>,
  spec: CollectionSpec,
  tracker: JobTracker,
  signal: AbortSignal,
): Promise<Indexed> {
  const vectors = hasVectorsOf(current.spec, spec.fingerprint);
  const wanted = (record: DocumentKey) => {
    const isOurs = input.source === undefined || record.source === input.source;
    return !isOurs || couldNotBeRead(keyOf(record), indexed.failed);
  };
  const others = async function* (): AsyncIterable<InputItem> {
    for await (const document of fromCollection(parts, current, { vectors, wanted }))
      yield { kind: "document", document };
  };
  return indexDocuments(parts, target, others(), known, tracker, signal, false);
}

async function dryRun(
  parts: ReindexParts,
  request: ReindexRequest,
  spec: CollectionSpec,
  input: Input,
  tracker: JobTracker,
  signal: AbortSignal,
): Promise<void> {
  const live = request.mode === "full" ? undefined : await newestFitting(parts.store, spec.alias, spec);
  const known =
    live === undefined ? new Map<string, string>() : await knownDocuments(parts.store, live.name, input.source);
  tracker.phase("reading");
  const indexed = await indexDocuments(parts, live?.name ?? "", input.items(signal), known, tracker, signal, true);
  if (indexed.present.size === 0) throw noDocument(input.name, tracker.job);
  tracker.counts.removed = goneFrom(known, indexed).length;
  tracker.set({ state: "done", phase: "finished" });
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
