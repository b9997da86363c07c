/** The jobs of every process that shares the store: those that the caller may see. */
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { isUnderWay, type Job } from "../core/job.js";
import type { VectorStore } from "../core/ports.js";
import { visibleJobs } from "../reindex/visible-jobs.js";
import { pause } from "../resilience/pause.js";
import type { Jobs } from "./jobs.js";

/** More than a store keeps. */
const ALL = 1_000;
/** A job's process looks once a second whether its end is asked for, and ends its last write. */
const ENDS_WITHIN_MS = 10_000;
const LOOK_EVERY_MS = 200;

export interface JobParts {
  readonly store: VectorStore;
  /** Of this process. */
  readonly jobs: Jobs;
}

/** Those of this process first: the store's records of them are older, or not there yet. */
export function withOwn(own: readonly Job[], recorded: readonly Job[]): Job[] {
  return [...own, ...recorded.filter((job) => own.every(({ id }) => id !== job.id))];
}

/** This process's own first, then the newest. */
export async function listJobs(call: Call, { store, jobs }: JobParts): Promise<Job[]> {
  const isShown = await visibleJobs(call);
  return withOwn(jobs.current.filter(isShown), await store.jobs(call, ALL, isShown));
}

/** @throws AppError `not_found`, the same for one that the caller may not see */
export async function findJob(call: Call, parts: JobParts, id: string): Promise<Job> {
  const job = (await listJobs(call, parts)).find((each) => each.id === id);
  if (job !== undefined) return job;
  throw new AppError("not_found", `There is no job "${id}".`, {
    remedy: "See `aura-retrieval jobs list`, or the jobs in health.",
  });
}

/**
 * Ends a job, whichever process runs it.
 * @returns the job as it ended; still under way when it does not end in time: it has been told
 * @throws AppError `conflict` for one that has ended; `not_found`
 */
export async function cancelJob(call: Call, parts: JobParts, id: string): Promise<Job> {
  const job = await findJob(call, parts, id);
  if (!isUnderWay(job)) {
    throw new AppError("conflict", `The job "${id}" is not running any more: it is ${job.state}.`, {
      remedy: "Nothing is left to cancel.",
    });
  }
  const own = parts.jobs.find(id);
  if (own !== undefined) {
    own.cancel();
    await own.done.catch(() => undefined);
    return own.tracker.job;
  }
  await parts.store.records.put(call, "cancellation", { key: id, record: { at: new Date().toISOString() } });
  const until = performance.now() + ENDS_WITHIN_MS;
  for (;;) {
    await pause(call, LOOK_EVERY_MS);
    const now = await findJob(call, parts, id);
    if (!isUnderWay(now)) {
      await parts.store.records.delete(call, "cancellation", id);
      return now;
    }
    if (performance.now() > until) return now;
  }
}
