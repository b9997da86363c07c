/**
 * Brings a collection in line with a source. Incremental: the serving version is changed document by document. Full,
 * or when no version fits the model: a new version is built, verified, and the alias repointed in one step.
 */
import { setMaxListeners } from "node:events";
import type { Ctx } from "../core/context.js";
import { abortReason, throwIfAborted, toAppError } from "../core/errors.js";
import type { GoldenQuestion, Job } from "../core/job.js";
import type { Embedder, OpenSource, VectorStore } from "../core/ports.js";
import type { CollectionInfo, CollectionSpec } from "../core/types.js";
import { verifyCollection } from "../versions/verify.js";
import { dropOldVersions, newestFitting, resumeOrCreate } from "../versions/versions.js";
import type { Build } from "./build.js";
import { fill, noDocument } from "./build-version.js";
import { catchUp } from "./catch-up.js";
import { type Ask, checkGolden } from "./golden.js";
import { type IndexParts, indexDocuments } from "./index-documents.js";
import { goneFrom, knownDocuments, ownOf } from "./indexed-documents.js";
import { type Input, openInput } from "./input.js";
import { JobTracker } from "./job-tracker.js";
import { type Asked, aimAt } from "./target-alias.js";

export interface ReindexParts extends IndexParts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  readonly openSource: OpenSource;
  readonly analyser: string;
  readonly ask: Ask;
}

export interface ReindexRequest extends Asked {
  readonly mode: "incremental" | "full";
  readonly dryRun: boolean;
  /** Keep a snapshot of what serves: taken before the switch, or before a live version is changed. */
  readonly snapshot?: boolean;
  /** What a new version has to answer before it serves; a live one is asked after its changes. */
  readonly golden?: readonly GoldenQuestion[];
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
    if (live !== undefined) await keepSnapshot(store, request, current, tracker);
    const build: Build = { parts, input, spec, target, isLive: live !== undefined, current, tracker, signal };
    const { documents, sample } = await fill(build);

    tracker.phase("verifying");
    let info = await verifyCollection(store, target, { spec, documents, sample }, signal);
    const late = await catchUp(build);
    if (late !== undefined) {
      const expected = { spec, documents: documents + late.grown, sample: late.sample };
      info = await verifyCollection(store, target, expected, signal);
    }
    await checkGolden(parts.ask, target, request.golden ?? [], signal);
    if (live === undefined) await keepSnapshot(store, request, current, tracker);
    tracker.phase("switching");
    throwIfAborted(signal);
    const previous = await publish(build, takesName);
    // It serves: what cannot be dropped now is listed, and dropped by the next run.
    await dropOldVersions(store, alias, target, previous).catch(() => undefined);
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
async function publish(build: Build, takesName: boolean): Promise<string | undefined> {
  const { spec, target, tracker } = build;
  const { store } = build.parts;
  if (!takesName || store.takeName === undefined) return (await store.publish(spec.alias, target)).previous;
  const taken = await store.takeName(spec.alias, target, async () => {
    await catchUp(build);
  });
  tracker.set({ nameTaken: taken });
  return undefined;
}

/** Of what serves, when that is asked for: before it is changed, or before another takes its place. */
async function keepSnapshot(
  store: VectorStore,
  request: ReindexRequest,
  current: CollectionInfo | undefined,
  tracker: JobTracker,
): Promise<void> {
  if (!request.snapshot || current?.state !== "ready" || current.spec === undefined) return;
  const { name } = await store.snapshot(current.name);
  tracker.set({ snapshot: name });
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
  const known = live === undefined ? new Map<string, string>() : await knownDocuments(parts.store, live.name);
  tracker.phase("reading");
  const indexed = await indexDocuments(parts, live?.name ?? "", input.items(signal), known, tracker, signal, true);
  if (indexed.present.size === 0) throw noDocument(input.name, tracker.job);
  tracker.counts.removed = goneFrom(ownOf(known, input), indexed).length;
  tracker.set({ state: "done", phase: "finished" });
}
