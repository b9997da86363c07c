/** The state of one re-index while it runs: counted here, shown as progress, recorded in the store. */
import { randomBytes } from "node:crypto";
import { backgroundCall, type Call } from "../core/call.js";
import { AppError, toAppError } from "../core/errors.js";
import type { Job, JobPhase } from "../core/job.js";
import { laterThanBefore } from "../core/later.js";
import type { VectorStore } from "../core/ports.js";
import type { SourceInfo } from "../core/types.js";
import { thisProcess } from "../process/owner.js";
import { LeftOutDocuments } from "./left-out-documents.js";
import type { Placement } from "./placement.js";

const RECORD_EVERY_MS = 1_000;

type Counts = { -readonly [K in keyof Job["documents"]]: Job["documents"][K] };

/** A document as a whole, or part of what it says of itself. */
type LeftOut = "skipped" | "failed" | "shortened";

function newLeftOut(): Record<LeftOut, LeftOutDocuments> {
  return { skipped: new LeftOutDocuments(), failed: new LeftOutDocuments(), shortened: new LeftOutDocuments() };
}

export class JobTracker {
  readonly id = randomBytes(8).toString("hex");
  readonly counts: Counts = { seen: 0, added: 0, changed: 0, unchanged: 0, removed: 0 };
  #fixed: Pick<Job, "collection" | "source" | "mode" | "dryRun">;
  readonly #startedAt = laterThanBefore();
  /** Durations by a clock that nobody sets. */
  readonly #began = performance.now();
  /** Since when progress is counted. */
  #counting = this.#began;
  readonly #store: VectorStore;
  readonly #onProgress: Call["onProgress"];
  #leftOut = newLeftOut();
  #changing: Partial<Job> = {};
  #totals = { prepared: 0, chunks: 0 };
  #recordedAt = 0;
  /** Under way; undefined: none is. */
  #recording: Promise<void> | undefined;
  #following: NodeJS.Timeout | undefined;
  /** Whether it is being looked for a record that asks for the job's end. */
  #isLooking = false;
  #isCancelled = false;

  constructor(
    fixed: Pick<Job, "collection" | "source" | "mode" | "dryRun">,
    store: VectorStore,
    onProgress?: Call["onProgress"],
  ) {
    this.#fixed = fixed;
    this.#store = store;
    this.#onProgress = onProgress;
    this.#changing = { state: "queued", phase: "waiting" };
  }

  get job(): Job {
    const { skipped, failed, shortened } = this.#leftOut;
    return {
      id: this.id,
      ...this.#fixed,
      state: "queued",
      phase: "waiting",
      documents: { ...this.counts },
      chunks: this.#totals.chunks,
      skipped: skipped.listed,
      skippedTotal: skipped.total,
      skippedReasons: skipped.reasons,
      failed: failed.listed,
      failedTotal: failed.total,
      shortened: shortened.listed,
      shortenedTotal: shortened.total,
      startedAt: this.#startedAt,
      updatedAt: new Date().toISOString(),
      elapsedMs: Math.round(performance.now() - this.#began),
      owner: thisProcess(),
      ...this.#changing,
    };
  }

  set(change: Partial<Job>): void {
    this.#changing = { ...this.#changing, ...change };
    this.tick();
  }

  /** Tells when another alias is built than was asked for. */
  aim(collection: string): void {
    const { collection: asked } = this.#fixed;
    if (collection === asked) return;
    this.#fixed = { ...this.#fixed, collection };
    this.set({ insteadOf: asked });
  }

  /** Says where its source lies, with the next report: finding it is no progress. */
  foundAt(place: string): void {
    this.#changing = { ...this.#changing, place };
  }

  /** Tells whose documents were read. */
  placed(placement: Placement | undefined, takenOver: readonly SourceInfo[]): void {
    if (placement === undefined) return;
    const tookOver = takenOver.length === 0 ? undefined : takenOver.map(({ name }) => name);
    const { source, movedFrom } = placement;
    this.set({ indexedAs: { name: source.name, movedFrom, tookOver } });
  }

  /** Says what it stands still for; undefined: it goes on. */
  waitsFor(outage: AppError | undefined): void {
    this.set({ outage: outage?.message });
  }

  phase(phase: JobPhase): void {
    this.set({ state: "running", phase });
  }

  leaveOut(kind: LeftOut, document: string, reason: string): void {
    this.#leftOut[kind].add(document, reason);
  }

  /** Counts a first reading that may count for nothing: recorded nowhere, its progress a message only. */
  firstReading(): JobTracker {
    const reading = new JobTracker({ ...this.#fixed, dryRun: true }, this.#store, ({ message }) =>
      this.#onProgress?.({ done: 0, message }),
    );
    reading.phase("reading");
    return reading;
  }

  /** Counts what the job does not tell of. */
  unreported(): JobTracker {
    return new JobTracker({ ...this.#fixed, dryRun: true }, this.#store);
  }

  /**
   * What was written is found by its words: from now on progress is how many documents have vectors.
   * @returns what counts them
   */
  embedding(total: number): JobTracker {
    this.counts.total = total;
    this.counts.embedded = 0;
    this.#totals.prepared = 0;
    this.#counting = performance.now();
    this.phase("embedding");
    const counting = new JobTracker({ ...this.#fixed, dryRun: true }, this.#store, () => {
      this.counts.embedded = counting.counts.added + counting.counts.unchanged;
      this.#totals.prepared = counting.#totals.prepared;
      this.tick();
    });
    return counting;
  }

  /** What a first reading counted is all there is: nothing has to be written. */
  adopt(reading: JobTracker): void {
    Object.assign(this.counts, reading.counts);
    this.#leftOut = reading.#leftOut;
    this.#totals = { ...reading.#totals };
  }

  /** Chunks that have all they need, written or not: a large document is written long after its first ones are embedded. */
  preparedChunks(chunks: number): void {
    this.#totals.prepared += chunks;
    this.tick();
  }

  wroteChunks(chunks: number): void {
    this.#totals.chunks += chunks;
  }

  /** Reports progress and, at most once a second, records the job; a store that fails here fails nothing else. */
  tick(): void {
    this.#onProgress?.(this.#progress());
    this.#recordNowAndThen();
  }

  /** Records the job every second until it ends, however long a step takes, and hears when its end is asked for. */
  follow(onCancel: (reason: AppError) => void): void {
    if (this.#fixed.dryRun) return;
    this.#following = setInterval(() => {
      this.#recordNowAndThen();
      void this.#hearOfEnd(onCancel);
    }, RECORD_EVERY_MS);
    this.#following.unref();
  }

  async #hearOfEnd(onCancel: (reason: AppError) => void): Promise<void> {
    if (this.#isLooking || this.#isCancelled) return;
    this.#isLooking = true;
    const call = backgroundCall("a job hears of a cancellation that any process may ask for");
    const asked = await this.#store.records.get(call, "cancellation", this.id).catch(() => undefined); // again in a second
    this.#isLooking = false;
    if (asked === undefined) return;
    this.#isCancelled = true;
    onCancel(jobCancelled());
  }

  /** Resolves when the job's state is in the store, or could not be brought there. */
  async recorded(): Promise<void> {
    await this.#recording;
    await this.#record();
  }

  fail(thrown: unknown): void {
    const { code, message, remedy } = toAppError(thrown);
    const state = code === "cancelled" ? "cancelled" : "failed";
    this.set({ state, phase: "finished", outage: undefined, error: { code, message, remedy } });
  }

  /** Resolves when the last state is recorded. */
  async end(): Promise<void> {
    clearInterval(this.#following);
    await this.recorded();
    if (!this.#isCancelled) return;
    const call = backgroundCall("what asked for a job's end goes with it");
    await this.#store.records.delete(call, "cancellation", this.id).catch(() => undefined);
  }

  #recordNowAndThen(): void {
    if (this.#recording !== undefined || performance.now() - this.#recordedAt < RECORD_EVERY_MS) return;
    void this.#record();
  }

  #record(): Promise<void> {
    this.#recordedAt = performance.now();
    const { job } = this;
    if (job.dryRun) return Promise.resolve();
    const call = backgroundCall("a job's record outlives the job");
    const recording = this.#store
      .recordJob(call, job)
      .catch(() => undefined)
      .finally(() => {
        this.#recording = undefined;
      });
    this.#recording = recording;
    return recording;
  }

  #progress() {
    const { seen, total, embedded } = this.counts;
    const { phase } = this.#changing;
    const written = this.counts.added + this.counts.changed + this.counts.unchanged;
    // Words that come first are no progress of what takes the time.
    const done = embedded ?? written;
    const seconds = (performance.now() - this.#counting) / 1000;
    const { prepared } = this.#totals;
    const rate = prepared / Math.max(seconds, 0.001);
    const of = total === undefined ? `${seen}` : `${phase === "embedding" ? done : written}/${total}`;
    const eta =
      total !== undefined && done > 0 && done < total ? `, ETA ${Math.ceil((seconds / done) * (total - done))} s` : "";
    const { outage } = this.#changing;
    if (outage !== undefined) return { done, message: `waiting for the store: ${outage}`, total };
    const message = `${phase}: ${of} documents, ${prepared} chunks, ${rate.toFixed(0)} chunks/s${eta}`;
    return { done, message, total };
  }
}

/** What ends a job that somebody has cancelled. */
export function jobCancelled(): AppError {
  return new AppError("cancelled", "The job was cancelled.", {
    remedy: "Run reindex again to go on; documents that were written already are skipped.",
  });
}
