/** Health of the parts, and what to do about those that fail. Answers while models load and when the store is down. */
import { setTimeout as wait } from "node:timers/promises";
import { branch, type Call } from "../core/call.js";
import { AppError, raceAbort, throwIfAborted, toAppError } from "../core/errors.js";
import { fingerprintLabel, fitsSpec } from "../core/fingerprint.js";
import type { Job } from "../core/job.js";
import type { StoreStatus } from "../core/passage-index.js";
import type {
  Embedder,
  EmbedderStatus,
  Expander,
  ExpanderStatus,
  Reranker,
  RerankerStatus,
  VectorStore,
} from "../core/ports.js";
import type { CollectionInfo, Fingerprint, SourceInfo } from "../core/types.js";
import { looksAlike } from "../retrieve/serving.js";
import { asSeen, seenBy, visibleTo } from "../versions/visible.js";

/** How long a first call waits for the model at most, so that a healthy start reads as such. */
const LOAD_WAIT_MS = 1_500;
const JOBS_SHOWN = 10;
/** A store that takes longer is as good as down, and the answer must come before its caller gives up. */
const PROBE_MS = 5_000;

/** `down`: no question is answered, as the store is down or the model is and no collection can be searched by words. */
export type HealthState = "ok" | "degraded" | "down";

export interface CollectionHealth {
  readonly info: CollectionInfo;
  readonly fingerprint?: string;
  /** Whether the configured model can search it; absent when there is no model to say so. */
  readonly matches?: boolean;
  /** Of what serves; absent where looking would take long: an earlier version indexed it. */
  readonly sources?: readonly SourceInfo[] | undefined;
}

export interface Parts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  readonly analyser: string;
  /** Names that configuration serves: reported whoever made them, where a store lists what we made only. */
  readonly names: readonly string[];
  /** Whether the caller may see it. */
  readonly isShown: (job: Job) => boolean;
  readonly expander?: Expander | undefined;
  readonly reranker?: Reranker | undefined;
}

export interface PartsHealth {
  readonly state: HealthState;
  readonly embedder: EmbedderStatus;
  /** Absent when the part is off. */
  readonly expander?: ExpanderStatus | undefined;
  readonly reranker?: RerankerStatus | undefined;
  readonly store:
    | ({ readonly state: "ok" } & StoreStatus)
    | { readonly state: "down"; readonly error: string; readonly remedy: string };
  readonly collections: readonly CollectionHealth[];
  readonly jobs: readonly Job[];
}

export async function partsHealth(call: Call, parts: Parts): Promise<PartsHealth> {
  const { embedder, analyser } = parts;
  const optional = [parts.expander, parts.reranker].filter((part) => part !== undefined);
  // A part that fails to load says so in its status.
  const loading = Promise.allSettled([embedder, ...optional].map((part) => part.warmUp(call)));
  const probed = await probe(call, parts);
  await raceAbort(Promise.race([loading, pause(atMost(call, LOAD_WAIT_MS))]), call.signal);
  const ours = await fingerprintOf(call, embedder);
  const collections = probed.collections.map(({ info, sources }) => ({ ...describe(info, ours, analyser), sources }));
  const status = embedder.status();
  const isUp = probed.store.state === "ok" && (status.state !== "failed" || collections.some(hasWords(analyser)));
  const isReduced =
    status.state === "failed" ||
    embedder.degraded !== undefined ||
    optional.some((part) => part.status().state === "failed");
  return {
    state: isUp ? overall(collections, isReduced) : "down",
    embedder: status,
    expander: parts.expander?.status(),
    reranker: parts.reranker?.status(),
    store: probed.store,
    collections,
    jobs: probed.jobs,
  };
}

async function probe(caller: Call, { store, names, isShown }: Parts) {
  const { call, abort, end } = branch(caller);
  const patience = atMost(caller, PROBE_MS);
  const timer = setTimeout(() => abort(silent(patience)), patience);
  try {
    const status = await store.probe(call);
    const [listed, jobs] = await Promise.all([store.list(call), store.jobs(call, JOBS_SHOWN, isShown)]);
    const others = names.filter((each) => !listed.some(({ name, alias }) => each === name || each === alias));
    const passes = others.filter((each) => call.access.allows(each)).map((each) => call.access.collection(each));
    const found = await Promise.all(passes.map((pass) => store.describe(call, pass)));
    const collections = [...listed, ...found.filter((info) => info !== undefined)];
    const visible = collections.filter(({ alias, spec }) => call.access.allows(alias) && spec?.purpose === undefined);
    const seen = await Promise.all(visible.map((info) => withSources(call, store, info)));
    return { store: { state: "ok" as const, ...status }, collections: seen, jobs };
  } catch (thrown) {
    throwIfAborted(caller.signal);
    const { message, remedy } = toAppError(thrown);
    return { store: { state: "down" as const, error: message, remedy }, collections: [], jobs: [] };
  } finally {
    clearTimeout(timer);
    end();
  }
}

/** Its sources only where they are kept: to look through all documents for them would take too long here. */
async function withSources(call: Call, store: VectorStore, info: CollectionInfo) {
  const isKept = info.serving && (info.sources !== undefined || info.spec === undefined);
  if (!isKept) return { info: await seenBy(call, store, info), sources: undefined };
  const visible = await visibleTo(call, store, info);
  return { info: await asSeen(call, store, info, visible), sources: visible.sources };
}

/** Half of what the call has left, so that what is waited for in vain leaves time to say so. */
function atMost({ deadline }: Call, ms: number): number {
  return deadline === undefined ? ms : Math.max(0, Math.min(ms, (deadline - performance.now()) / 2));
}

function pause(ms: number): Promise<void> {
  return wait(ms, undefined, { ref: false });
}

/** undefined: there is none, or it does not come in time. */
function fingerprintOf(call: Call, embedder: Embedder): Promise<Fingerprint | undefined> {
  const fingerprint = embedder.fingerprint(call).catch(() => undefined);
  if (call.deadline === undefined) return fingerprint;
  return Promise.race([fingerprint, pause(atMost(call, Number.POSITIVE_INFINITY)).then(() => undefined)]);
}

function silent(patienceMs: number): AppError {
  return new AppError("timeout", `The store did not answer within ${(patienceMs / 1_000).toFixed(1)} s.`, {
    remedy: "Check that it runs and can be reached.",
  });
}

function describe(info: CollectionInfo, ours: Fingerprint | undefined, analyser: string): CollectionHealth {
  const { spec } = info;
  const fingerprint = spec && { fingerprint: fingerprintLabel(spec.fingerprint) };
  if (ours === undefined) return { info, ...fingerprint };
  const matches = fitsSpec(spec, { fingerprint: ours, analyser }) || looksAlike(info, ours);
  return { info, ...fingerprint, matches };
}

/** Whether questions about it are answered by their words while no model can be asked. */
function hasWords(analyser: string) {
  return ({ info: { serving, state, spec, unsearchable, denseOnly } }: CollectionHealth) =>
    serving && state !== "damaged" && spec?.analyser === analyser && unsearchable === undefined && denseOnly !== true;
}

function overall(collections: readonly CollectionHealth[], isReduced: boolean): HealthState {
  const isAsked = ({ serving, spec }: CollectionInfo) => serving || spec === undefined;
  const mismatch = collections.some(({ info, matches }) => isAsked(info) && matches === false);
  const isPart = ({ state, serving }: CollectionInfo) => state === "damaged" || (state === "embedding" && serving);
  return mismatch || collections.some(({ info }) => isPart(info)) || isReduced ? "degraded" : "ok";
}
