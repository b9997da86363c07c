/** What `health` reports: the parts of the current configuration, collections, jobs, and the server around them. */
import type { Call } from "../core/call.js";
import type { Job } from "../core/job.js";
import type { VectorStore } from "../core/ports.js";
import { type Flags, flagsOf } from "../core/profile.js";
import type { DegradedReason } from "../core/types.js";
import { visibleJobs } from "../reindex/visible-jobs.js";
import type { SidePort } from "../telemetry/side-port.js";
import type { DataFolderStatus } from "./data-folder.js";
import type { LiveState } from "./live-state.js";
import { type PartsHealth, partsHealth } from "./parts-health.js";
import type { ReloadStatus } from "./reload.js";

export interface SidePortStatus {
  readonly state: SidePort["state"] | "off" | "starting";
  readonly port?: number | undefined;
  readonly reason?: string | undefined;
}

export interface AppHealth extends PartsHealth {
  readonly metrics: SidePortStatus;
  readonly embedderDegraded?: DegradedReason | undefined;
  readonly spansPath: string;
  readonly dataFolder: DataFolderStatus;
  readonly flags: Flags;
  /** Names of the profiles that a call may be answered by. */
  readonly profiles: readonly string[];
  readonly config: ReloadStatus;
}

export interface HealthOptions {
  readonly state: LiveState;
  readonly store: VectorStore;
  /** Jobs of this process: the store's records of them are older. */
  readonly jobs: readonly Job[];
  readonly metrics: SidePortStatus;
  readonly spansPath: string;
  readonly dataFolder: DataFolderStatus;
  readonly config: ReloadStatus;
}

export async function appHealth(call: Call, options: HealthOptions): Promise<AppHealth> {
  const { state, store, metrics, spansPath, dataFolder, config } = options;
  const { profile, session } = state;
  const { embedder, expansion, reranking } = profile;
  const model = session.embedder(embedder);
  const isShown = await visibleJobs(call);
  const parts = await partsHealth(call, {
    embedder: model,
    store,
    analyser: session.analyser,
    names: state.config.collections,
    isShown,
    expander: expansion.kind === "none" ? undefined : session.expander(expansion),
    reranker: reranking.kind === "none" ? undefined : session.reranker(reranking, embedder),
  });
  const seen = options.jobs.filter(isShown);
  const recorded = parts.jobs.filter((job) => seen.every(({ id }) => id !== job.id));
  return {
    ...parts,
    state: parts.state === "ok" && config.state === "failed" ? "degraded" : parts.state,
    jobs: [...seen, ...recorded],
    metrics,
    embedderDegraded: model.degraded,
    spansPath,
    dataFolder,
    flags: flagsOf(profile),
    profiles: [...state.config.profiles.keys()],
    config,
  };
}
