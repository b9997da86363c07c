/** Number of inference processes of a model. */
import { availableParallelism } from "node:os";

/** More processes than this bring memory, not speed, to one server. */
const MAX_AUTO_PROCESSES = 4;

/** What every model's processes are made by; undefined: what the machine and the model suggest. */
export interface InferenceSettings {
  /** For each model. */
  readonly processes?: number | undefined;
  /** Most texts in one job. */
  readonly batchSize?: number | undefined;
  /** CUDA that is not to be had becomes the CPU. */
  readonly deviceFallback: boolean;
}

export function processesOf({ processes }: InferenceSettings): number {
  return processes ?? Math.min(availableParallelism(), MAX_AUTO_PROCESSES);
}
