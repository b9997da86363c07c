/** Whether each part works, and what to do about it when not. Answers while models load and when the store is down. */
import { setTimeout as wait } from "node:timers/promises";
import { AppError, raceAbort, throwIfAborted, toAppError } from "../core/errors.js";
import { fingerprintLabel, fitsSpec } from "../core/fingerprint.js";
import type { Job } from "../core/job.js";
import type {
  Embedder,
  EmbedderStatus,
  Expander,
  ExpanderStatus,
  Reranker,
  RerankerStatus,
  StoreStatus,
  VectorStore,
} from "../core/ports.js";
import type { CollectionInfo, Fingerprint } from "../core/types.js";
import { looksAlike } from "../retrieve/serving.js";

/** How long a first call waits for the model, so that a healthy start reads as such. */
const LOAD_WAIT_MS = 1_500;
const JOBS_SHOWN = 10;
/** A store that takes longer is as good as down, and the answer must come before its caller gives up. */
const PROBE_MS = 5_000;

export type HealthState = "ok" | "degraded" | "down";

export interface CollectionHealth {
  readonly info: CollectionInfo;
  readonly fingerprint?: string;
  /** Whether the configured model can search it; absent when there is no model to say so. */
  readonly matches?: boolean;
}

export interface HealthParts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  readonly analyser: string;
  /** Names that configuration serves: told of whoever made them, where a store lists what we made only. */
  readonly names: readonly string[];
  readonly expander?: Expander | undefined;
  readonly reranker?: Reranker | undefined;
}

export interface PipelineHealth {
  readonly state: HealthState;
  readonly embedder: EmbedderStatus;
  /** Absent when the part is off. */
  readonly expander?: ExpanderStatus;
  readonly reranker?: RerankerStatus;
  readonly store:
    | ({ readonly state: "ok" } & StoreStatus)
    | { readonly state: "down"; readonly error: string; readonly remedy: string };
  readonly collections: readonly CollectionHealth[];
  readonly jobs: readonly Job[];
}

export async function health(parts: HealthParts, signal: AbortSignal): Promise<PipelineHealth> {
  const { embedder, store, analyser } = parts;
  const optional = [parts.expander, parts.reranker].filter((part) => part !== undefined);
  // A part that fails to load says so in its status.
  const loading = Promise.allSettled([embedder, ...optional].map((part) => part.warmUp()));
  const probed = await probe(store, parts.names, signal);
  await raceAbort(Promise.race([loading, wait(LOAD_WAIT_MS, undefined, { ref: false })]), signal);
  const ours = await embedder.fingerprint().catch(() => undefined);
  const collections = probed.collections.map((info) => describe(info, ours, analyser));
  const status = embedder.status();
  const optionalFailed = optional.some((part) => part.status().state === "failed");
  return {
    state: overall(status, probed.store.state, optionalFailed || embedder.degraded !== undefined, collections),
    embedder: status,
    ...(parts.expander && { expander: parts.expander.status() }),
    ...(parts.reranker && { reranker: parts.reranker.status() }),
    store: probed.store,
    collections,
    jobs: probed.jobs,
  };
}

async function probe(store: VectorStore, names: readonly string[], caller: AbortSignal) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(silent()), PROBE_MS);
  const signal = AbortSignal.any([caller, limit.signal]);
  try {
    const status = await store.probe(signal);
    const [listed, jobs] = await raceAbort(Promise.all([store.list(), store.jobs(JOBS_SHOWN)]), signal);
    const others = names.filter((each) => !listed.some(({ name, alias }) => each === name || each === alias));
    const found = await raceAbort(Promise.all(others.map((each) => store.describe(each, signal))), signal);
    const collections = [...listed, ...found.filter((info) => info !== undefined)];
    return { store: { state: "ok" as const, ...status }, collections, jobs };
  } catch (thrown) {
    throwIfAborted(caller);
    const { message, remedy } = toAppError(thrown);
    return { store: { state: "down" as const, error: message, remedy }, collections: [], jobs: [] };
  } finally {
    clearTimeout(timer);
  }
}

function silent(): AppError {
  return new AppError("timeout", `The store did not answer within ${PROBE_MS / 1_000} s.`, {
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

function overall(
  embedder: EmbedderStatus,
  store: "ok" | "down",
  degraded: boolean,
  collections: readonly CollectionHealth[],
): HealthState {
  if (store === "down" || embedder.state === "failed") return "down";
  const isAsked = ({ serving, spec }: CollectionInfo) => serving || spec === undefined;
  const mismatch = collections.some(({ info, matches }) => isAsked(info) && matches === false);
  const damaged = collections.some(({ info }) => info.state === "damaged");
  return mismatch || damaged || degraded ? "degraded" : "ok";
}
