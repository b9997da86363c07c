/**
 * Brings a collection in line with a source. Incremental: the serving version is changed document by document. Full,
 * or when no version fits the model: a new version is built, verified, and the alias repointed in one step.
 */
import { setTimeout as wait } from "node:timers/promises";
import { branch, type Call } from "../core/call.js";
import { AppError, abortReason, throwIfAborted, toAppError } from "../core/errors.js";
import type { GoldenQuestion, Job } from "../core/job.js";
import type { Embedder, VectorStore } from "../core/ports.js";
import type { CollectionInfo } from "../core/types.js";
import { recordServing } from "../versions/history.js";
import { underLease } from "../versions/under-lease.js";
import { verifyCollection } from "../versions/verify.js";
import { dropOldVersions, newestFitting, resumeOrCreate } from "../versions/versions.js";
import { seenBy } from "../versions/visible.js";
import type { Build } from "./build.js";
import { fill, noDocument } from "./build-version.js";
import { catchUp } from "./catch-up.js";
import { type Ask, checkGolden } from "./golden.js";
import { type IndexParts, indexDocuments } from "./index-documents.js";
import { knownDocuments, ownOf } from "./indexed-documents.js";
import { type InputParts, inputOf, type Opened, openLocation } from "./input.js";
import { JobTracker } from "./job-tracker.js";
import { patientStore } from "./patient-store.js";
import { holdBack, judgedBy, removeAll } from "./removals.js";
import { type Asked, targetAlias } from "./target-alias.js";
import { mayServeEarly, wordsThenVectors } from "./words-first.js";

export interface ReindexParts extends IndexParts, InputParts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  readonly analyser: string;
  readonly ask: Ask;
  /** How long a job waits for a store that does not answer; absent: not at all. */
  readonly outageMs?: number | undefined;
}

export interface ReindexRequest extends Asked {
  readonly mode: "incremental" | "full";
  readonly dryRun: boolean;
  /** What the source is to be called; absent: as it is called, or by its place. */
  readonly name?: string | undefined;
  /** Keep a snapshot of what serves: taken before the switch, or before a live version is changed. */
  readonly snapshot?: boolean | undefined;
  /** What a new version has to answer before it serves; a live one is asked after its changes. */
  readonly golden?: readonly GoldenQuestion[] | undefined;
  /** A version that is built and kept, but never serves. */
  readonly purpose?: "evaluation" | undefined;
  /** Wait for another writer to end instead of failing. */
  readonly waitsItsTurn?: boolean | undefined;
}

/** Between two looks whether another writer has ended. */
const TURN_EVERY_MS = 500;

export interface RunningJob {
  readonly tracker: JobTracker;
  /** Resolves when the job is done. @throws AppError why it failed or was cancelled */
  readonly done: Promise<Job>;
}

/** Starts the job; nothing is awaited here, so that its id is known at once. */
export function startReindex(caller: Call, parts: ReindexParts, request: ReindexRequest): RunningJob {
  const { target, source, mode, dryRun } = request;
  const { call, abort, end } = branch(caller);
  const tracker = new JobTracker({ collection: target.name, source, mode, dryRun }, parts.store, call.onProgress);
  tracker.follow(abort);
  const done = run(call, parts, request, tracker).then(
    async () => {
      await tracker.end();
      return tracker.job;
    },
    async (thrown: unknown) => {
      const error = call.signal.aborted ? abortReason(call.signal) : toAppError(thrown);
      tracker.fail(error);
      await tracker.end();
      throw error;
    },
  );
  done.finally(end).catch(() => undefined);
  return { tracker, done };
}

async function run(call: Call, parts: ReindexParts, request: ReindexRequest, tracker: JobTracker): Promise<void> {
  const { alias, takesName } = await targetAlias(call, parts.store, request);
  tracker.aim(alias.name);
  const fingerprint = await parts.embedder.fingerprint(call);
  const spec = { alias: alias.name, fingerprint, analyser: parts.analyser, purpose: request.purpose };
  const opened = await openLocation(call, parts, request.source);
  if (opened.kind === "place") tracker.foundAt(opened.place.name);
  const planned = { parts, opened, alias, spec, tracker };
  if (request.dryRun) return dryRun(call, request, planned);
  const asked = request.waitsItsTurn ? waitingForTurn(parts.store) : parts.store;
  const patience = { forMs: parts.outageMs ?? 0, onWait: (outage?: AppError) => tracker.waitsFor(outage) };
  await underLease(call, asked, alias, (held, store) =>
    build(held, request, {
      ...planned,
      parts: { ...parts, store: patientStore(store, patience) },
      takesName,
      ask: parts.ask,
    }),
  );
}

/** The store, whose leases are waited for. */
function waitingForTurn(store: VectorStore): VectorStore {
  const lease: VectorStore["lease"] = async (call, alias, options) => {
    // Not a retry: nothing failed, another's end is awaited.
    for (;;) {
      try {
        return await store.lease(call, alias, options);
      } catch (error) {
        if (!(error instanceof AppError && error.code === "conflict" && error.retryAfterMs !== undefined)) throw error;
        await wait(TURN_EVERY_MS, undefined, { signal: call.signal }).catch(() => throwIfAborted(call.signal));
      }
    }
  };
  return { ...store, lease };
}

type Planned = Pick<Build, "parts" | "alias" | "spec" | "tracker"> & { readonly opened: Opened };

async function build(
  call: Call,
  request: ReindexRequest,
  { takesName, ask, opened, ...planned }: Planned & { readonly takesName: boolean; readonly ask: Ask },
): Promise<void> {
  const { parts, alias, spec, tracker } = planned;
  const { store } = parts;
  tracker.phase("reading");
  // Known to be running before it sees what serves: whoever switches later can stop it.
  await tracker.recorded();
  const current = await store.describe(call, alias);
  const live = request.mode === "full" ? undefined : await newestFitting(call, store, alias, spec);
  const base = live ?? (current?.state === "damaged" ? undefined : current);
  const input = await inputOf(call, parts, opened, { spec, base, name: request.name, isAnew: live === undefined });
  const target = live?.name ?? (await resumeOrCreate(call, store, { alias, spec, current }));
  tracker.set({ target });
  const wordsFirst = live?.state === "embedding" || (!takesName && mayServeEarly(request, { input, live, current }));
  const version: Build = { ...planned, call, input, target, live, current, wordsFirst };
  if (live !== undefined) await keepSnapshot(version, request);
  const filled = await fill(version);
  const { documents } = filled;
  const sample = wordsFirst ? await wordsThenVectors(version, documents) : filled.sample;

  tracker.phase("verifying");
  let info = await verifyCollection(call, store, { alias, name: target, spec, documents, sample });
  const late = await catchUp(version);
  if (late !== undefined) {
    const expected = { alias, name: target, spec, documents: documents + late.grown, sample: late.sample };
    info = await verifyCollection(call, store, expected);
  }
  const candidate = alias.reaching(target, "a version answers golden questions before it serves");
  await checkGolden(call, ask, candidate, request.golden ?? []);
  if (live === undefined) await keepSnapshot(version, request);
  const seen = await seenBy(call, store, info, { exact: true });
  if (request.purpose === "evaluation") return finish(tracker, seen);
  tracker.phase("switching");
  throwIfAborted(call.signal);
  const previous = await publish(version, takesName);
  // It serves: what cannot be dropped now is listed, and dropped by the next run.
  await dropOldVersions(call, store, alias).catch(() => undefined);
  finish(tracker, seen, previous === target ? undefined : previous);
}

function finish(tracker: JobTracker, { points, dimension }: CollectionInfo, previousCollection?: string): void {
  tracker.set({ state: "done", phase: "finished", points, vectorSize: dimension, previousCollection });
}

/**
 * One step for everyone who asks. @returns what served before
 * @throws AppError `conflict` when something else serves than when the job began
 */
async function publish(version: Build, takesName: boolean): Promise<string | undefined> {
  const { call, alias, target, current, tracker, wordsFirst } = version;
  const { store } = version.parts;
  if (!takesName || store.takeName === undefined) {
    const from = wordsFirst ? target : (current?.name ?? null);
    const { previous } = await store.publish(call, alias, target, { from });
    if (previous !== target) await recordServing(call, store, alias.name, { version: target, previous, why: "index" });
    return previous;
  }
  const taken = await store.takeName(call, alias, target, async () => {
    await catchUp(version);
  });
  tracker.set({ nameTaken: taken });
  await recordServing(call, store, alias.name, { version: target, why: "index" });
  return undefined;
}

/** Of what serves, when that is asked for: before it is changed, or before another takes its place. */
async function keepSnapshot({ call, parts, current, tracker }: Build, request: ReindexRequest): Promise<void> {
  if (!request.snapshot || current?.state !== "ready" || current.spec === undefined) return;
  const { name } = await parts.store.snapshot(call, current.name);
  tracker.set({ snapshot: name });
}

async function dryRun(call: Call, request: ReindexRequest, planned: Planned): Promise<void> {
  const { parts, opened, alias, spec, tracker } = planned;
  const { store } = parts;
  const live = request.mode === "full" ? undefined : await newestFitting(call, store, alias, spec);
  const known =
    live === undefined
      ? new Map<string, string>()
      : await knownDocuments(call, store, live.name, { wordsOnly: live.state === "embedding" });
  const base = live ?? (await store.describe(call, alias));
  const input = await inputOf(call, parts, opened, { spec, base, name: request.name });
  tracker.phase("reading");
  const reading = { target: live?.name ?? "", items: input.items(call), known, tracker, dryRun: true };
  const indexed = await indexDocuments(call, parts, reading);
  if (indexed.present.size === 0 && ownOf(known, input).length === 0) throw noDocument(input.name, tracker.job);
  const judged = await judgedBy({ call, parts, input, live }, known);
  const { removed, held } = live ? holdBack(judged, indexed) : removeAll(judged, indexed);
  tracker.counts.removed = removed.length;
  if (held > 0) tracker.counts.held = held;
  tracker.placed(input.placement, input.takenOver());
  tracker.set({ state: "done", phase: "finished" });
}
