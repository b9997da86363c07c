/** What `health` tells: the pipeline's state with what only the composed parts know. */
import type { DegradedReason } from "../core/types.js";
import type { JobTracker } from "../reindex/job-tracker.js";
import type { SidePort } from "../telemetry/side-port.js";
import type { PipelineHealth } from "./pipeline-health.js";

export type Flags = Readonly<Record<"hybrid" | "rerank" | "expansion" | "pseudo_embeddings", boolean>>;

export interface AppHealth extends PipelineHealth {
  readonly metrics: {
    readonly state: SidePort["state"] | "starting";
    readonly port?: number;
    readonly reason?: string;
  };
  readonly embedderDegraded?: DegradedReason;
  readonly spansPath: string;
  readonly flags: Flags;
}

/** @param running jobs of this process: the store's records of them are older */
export function appHealth(
  pipeline: PipelineHealth,
  running: readonly JobTracker[],
  sidePort: SidePort | undefined,
  rest: Pick<AppHealth, "spansPath" | "flags"> & { readonly embedderDegraded?: DegradedReason | undefined },
): AppHealth {
  const current = running.map(({ job }) => job);
  const recorded = pipeline.jobs.filter((job) => current.every(({ id }) => id !== job.id));
  const { embedderDegraded, ...known } = rest;
  const { state = "starting", port, reason } = (sidePort ?? {}) as Partial<SidePort> & { reason?: string };
  return {
    ...pipeline,
    ...known,
    jobs: [...current, ...recorded],
    metrics: { state, port, reason },
    embedderDegraded,
  };
}
