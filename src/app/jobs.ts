/** The re-index jobs of this process, from start to end. */
import { type Call, openCall } from "../core/call.js";
import type { Job, JobState } from "../core/job.js";
import { jobCancelled } from "../reindex/job-tracker.js";
import { type ReindexParts, type ReindexRequest, type RunningJob, startReindex } from "../reindex/reindex.js";
import type { Metrics } from "../telemetry/metrics.js";

export interface CancellableJob extends RunningJob {
  cancel(): void;
}

export class Jobs {
  readonly #running = new Set<CancellableJob>();
  readonly #ended = new Map<JobState, number>();

  constructor(metrics: Metrics) {
    metrics.read("reindex_jobs", () =>
      [...this.#ended, ["running", this.#running.size] as const].map(([state, value]) => ({
        labels: { state },
        value,
      })),
    );
  }

  /** As they are now: the store's records of them are older. */
  get current(): readonly Job[] {
    return [...this.#running].map(({ tracker }) => tracker.job);
  }

  find(id: string): CancellableJob | undefined {
    return [...this.#running].find(({ tracker }) => tracker.id === id);
  }

  /** The job lives until it ends or is cancelled, longer than the call that starts it. */
  start(call: Call, parts: ReindexParts, request: ReindexRequest): CancellableJob {
    const { principal, access, trace, onProgress } = call;
    const own = openCall({ principal, access, onProgress });
    const started = startReindex({ ...own.call, trace }, parts, request);
    const job = { ...started, cancel: () => own.abort(jobCancelled()) };
    this.#running.add(job);
    started.done
      .catch(() => undefined)
      .finally(() => {
        this.#running.delete(job);
        const { state } = job.tracker.job;
        this.#ended.set(state, (this.#ended.get(state) ?? 0) + 1);
      });
    return job;
  }

  /** Cancels all, and resolves when each has ended. */
  async close(): Promise<void> {
    for (const job of this.#running) job.cancel();
    await Promise.allSettled([...this.#running].map(({ done }) => done));
  }
}
