/** What `health` reports: the parts of the current configuration, collections, jobs, and the server around them. */
import type { Call } from "../core/call.js";
import { type HeldBack, heldBack } from "../core/held-removals.js";
import type { Job } from "../core/job.js";
import type { VectorStore } from "../core/ports.js";
import { type Flags, flagsOf } from "../core/profile.js";
import type { DegradedReason } from "../core/types.js";
import { visibleJobs } from "../reindex/visible-jobs.js";
import { visibleTo } from "../versions/visible.js";
import type { DataFolderStatus } from "./data-folder.js";
import { unindexed } from "./first-build.js";
import { withOwn } from "./known-jobs.js";
import type { LiveState } from "./live-state.js";
import { type PartsHealth, partsHealth } from "./parts-health.js";
import type { ReloadStatus } from "./reload.js";
import type { SidePortStatus } from "./side-port-holder.js";

export interface AppHealth extends PartsHealth {
  readonly metrics: SidePortStatus;
  readonly embedderDegraded?: DegradedReason | undefined;
  readonly spansPath: string;
  readonly dataFolder: DataFolderStatus;
  readonly flags: Flags;
  /** Names of the profiles that a call may be answered by. */
  readonly profiles: readonly string[];
  readonly config: ReloadStatus;
  /** Folders that clients may index of which the collection has nothing. */
  readonly neverIndexed: readonly string[];
  /** Documents of what serves that are gone and answer all the same. */
  readonly heldRemovals: readonly (HeldBack & { readonly collection: string })[];
  /** What RETRIEVAL_ROOTS names that is no folder, with the reason. */
  readonly refusedRoots: readonly string[];
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
  /** Where a configured folder lies now. */
  realPath(root: string): Promise<string>;
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
  const neverIndexed = await unindexedRoots(call, options, parts);
  const heldRemovals = parts.collections.flatMap(({ info: { alias, serving }, sources = [] }) =>
    serving ? heldBack(alias, sources).map((held) => ({ collection: alias, ...held })) : [],
  );
  const { refusedRoots } = state.config;
  const isReduced =
    config.state === "failed" || [neverIndexed, heldRemovals, refusedRoots].some((list) => list.length > 0);
  return {
    ...parts,
    state: parts.state === "ok" && isReduced ? "degraded" : parts.state,
    jobs: withOwn(options.jobs.filter(isShown), parts.jobs),
    metrics,
    embedderDegraded: model.degraded,
    spansPath,
    dataFolder,
    flags: flagsOf(profile),
    profiles: [...state.config.profiles.keys()],
    config,
    neverIndexed,
    heldRemovals,
    refusedRoots,
  };
}

/** Of what serves under the configured name; nothing is said of a store that does not answer. */
async function unindexedRoots(
  call: Call,
  { state, store, realPath }: HealthOptions,
  { collections, store: probed }: PartsHealth,
): Promise<string[]> {
  const { roots, collection } = state.config;
  if (probed.state !== "ok" || roots.length === 0) return [];
  const serving = collections.find(({ info }) => info.alias === collection && info.serving)?.info;
  const sources = serving === undefined ? [] : (await visibleTo(call, store, serving)).sources;
  return unindexed(roots, sources, realPath);
}
