/** Whether each part works, and what to do about it when not. Answers while models load and when the store is down. */
import { setTimeout as wait } from "node:timers/promises";
import { AppError, raceAbort, throwIfAborted, toAppError } from "../core/errors.js";
import { fingerprintLabel, fitsSpec } from "../core/fingerprint.js";
import type { Embedder, EmbedderStatus, StoreStatus, VectorStore } from "../core/ports.js";
import type { CollectionInfo, Fingerprint, Job } from "../core/types.js";

/** How long a first call waits for the model, so that a healthy start reads as such. */
const LOAD_WAIT_MS = 1_500;
const JOBS_SHOWN = 10;
/** A store that takes longer is as good as down, and the answer must come before its caller gives up. */
const PROBE_MS = 5_000;

export type HealthState = "ok" | "degraded" | "down";

export interface CollectionHealth {
  readonly info: CollectionInfo;
  readonly fingerprint?: string;
  /** Whether the configured model can search it. */
  readonly matches: boolean;
}

export interface PipelineHealth {
  readonly state: HealthState;
  readonly embedder: EmbedderStatus;
  readonly store:
    | ({ readonly state: "ok" } & StoreStatus)
    | { readonly state: "down"; readonly error: string; readonly remedy: string };
  readonly collections: readonly CollectionHealth[];
  readonly jobs: readonly Job[];
}

export async function health(
  embedder: Embedder,
  store: VectorStore,
  analyser: string,
  signal: AbortSignal,
): Promise<PipelineHealth> {
  const loading = embedder.warmUp().catch(() => undefined); // its failure is in the status
  const probed = await probe(store, signal);
  await raceAbort(Promise.race([loading, wait(LOAD_WAIT_MS, undefined, { ref: false })]), signal);
  const ours = await embedder.fingerprint().catch(() => undefined);
  const collections = probed.collections.map((info) => describe(info, ours, analyser));
  const status = embedder.status();
  return {
    state: overall(status, embedder, probed.store.state, collections),
    embedder: status,
    store: probed.store,
    collections,
    jobs: probed.jobs,
  };
}

async function probe(store: VectorStore, caller: AbortSignal) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(silent()), PROBE_MS);
  const signal = AbortSignal.any([caller, limit.signal]);
  try {
    const status = await store.probe(signal);
    const [collections, jobs] = await raceAbort(Promise.all([store.list(), store.jobs(JOBS_SHOWN)]), signal);
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
  if (spec === undefined) return { info, matches: info.dimension === ours?.dimension };
  const matches = ours !== undefined && fitsSpec(spec, { fingerprint: ours, analyser });
  return { info, fingerprint: fingerprintLabel(spec.fingerprint), matches };
}

function overall(
  status: EmbedderStatus,
  embedder: Embedder,
  store: "ok" | "down",
  collections: readonly CollectionHealth[],
): HealthState {
  if (store === "down" || status.state === "failed") return "down";
  const mismatch = collections.some(({ info, matches }) => info.serving && !matches);
  const damaged = collections.some(({ info }) => info.state === "damaged");
  return mismatch || damaged || embedder.degraded !== undefined ? "degraded" : "ok";
}
