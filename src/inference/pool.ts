/**
 * The inference processes of one model. Queries and passages wait in two queues; a process holds at most one job of
 * each (`depth` of them), and takes queries first, between two passages too. Texts that wait together travel together,
 * cut by a token budget.
 */
import type { Call } from "../core/call.js";
import { AppError, abortReason, cancelledError, throwIfAborted } from "../core/errors.js";
import { Child, ChildExited } from "../process/child.js";
import { clip, type LoadArgs, type Loaded } from "./protocol.js";

/** Most tokens in a job that embeds: a tenth of a second on one core, so that no process is left alone with the last one. */
const MAX_JOB_TOKENS = 2_048;
/** Texts that may wait before callers are asked to slow down. */
const MAX_WAITING = 100_000;
/** A job is tried once more when its process crashes. */
const MAX_TRIES = 2;

/** A passage takes a fraction of a second, loading a large model from a slow disk some seconds. */
const HANG_AFTER_MS = 60_000;

/** What runs in the processes of each kind of model. */
const ENTRIES: Readonly<Record<LoadArgs["kind"], string>> = {
  embedder: "./embedder-worker.js",
  "cross-encoder": "./cross-encoder-worker.js",
};

export type InferenceMethod = "embed" | "embedTokens" | "count" | "knows" | "score";
type Lane = "query" | "passage";

interface Item {
  readonly method: InferenceMethod;
  readonly text: string;
  /** What a passage is compared with. */
  readonly query?: string;
  /** Lower ones go first, whoever called first; a job has those of one rank. */
  readonly rank: number;
  readonly signal: AbortSignal;
  tries: number;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

interface Process {
  readonly child: Child;
  /** Jobs it holds. */
  readonly running: Record<Lane, number>;
  /** Texts in them. */
  texts: number;
}

export interface PoolOptions {
  readonly load: LoadArgs;
  readonly processes: number;
  /** Most texts in one job. */
  readonly batchSize: number;
  /** Jobs of one lane that a process holds; default 1. With 2 the next one is there when the first ends. */
  readonly depth?: number;
  /** `load` loads the model in every process, not only in one. */
  readonly loadAll?: boolean;
  /** Each job that embeds. */
  readonly onBatch?: (texts: number) => void;
  readonly onRestart?: () => void;
  /** A process that gives no sign of life for so long while it has work is replaced; default 60 s. */
  readonly hangAfterMs?: number;
}

export class InferencePool {
  readonly #options: PoolOptions;
  readonly #processes: Process[] = [];
  readonly #waiting: Record<Lane, Item[]> = { query: [], passage: [] };
  #closed = false;
  #loaded: Loaded | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  get processes(): number {
    return this.#processes.length;
  }

  get loaded(): Loaded | undefined {
    return this.#loaded;
  }

  /** Loads the model. */
  async load(): Promise<Loaded> {
    this.#assertOpen();
    const wanted = this.#options.loadAll ? this.#options.processes : 1;
    const alive = this.#processes.filter(({ child }) => child.alive);
    const spawned = Array.from({ length: Math.max(0, wanted - alive.length) }, () => this.#spawn());
    const loading = [...alive, ...spawned].slice(0, wanted);
    try {
      const loaded = await Promise.all(loading.map(({ child }) => child.call<Loaded>("load", {}, { urgent: true })));
      this.#loaded = loaded[0] as Loaded;
    } catch (error) {
      throw translate(error);
    }
    return this.#loaded;
  }

  /** One result for each text, in order. */
  async run<T>(call: Call, method: InferenceMethod, texts: readonly string[], lane: Lane): Promise<T[]> {
    const items = texts.map((text) => ({ method, text, rank: 0 }));
    return Promise.all(this.#enqueue<T>(items, lane, call.signal));
  }

  /**
   * A logit for each passage as soon as it is known. The passages of all callers are scored best first, so that each of
   * them has its best few when time is short. @param passages best first
   */
  score(call: Call, query: string, passages: readonly string[]): Promise<number>[] {
    const { batchSize, processes } = this.#options;
    const shared = { method: "score", query: clip(query) } as const;
    // Jobs of one size, as many for each process, so that all are through at the same time; those of several callers
    // alternate.
    const jobs = processes * Math.ceil(passages.length / (processes * batchSize));
    const items = passages.map((text, i) => ({ ...shared, text, rank: Math.floor((i * jobs) / passages.length) }));
    return this.#enqueue<number>(items, "query", call.signal);
  }

  #enqueue<T>(
    texts: readonly Pick<Item, "method" | "text" | "query" | "rank">[],
    lane: Lane,
    signal: AbortSignal,
  ): Promise<T>[] {
    this.#assertOpen();
    throwIfAborted(signal);
    const queue = this.#waiting[lane];
    if (queue.length + texts.length > MAX_WAITING) {
      throw new AppError("overloaded", `${queue.length} texts already wait for the model.`, {
        remedy: "Try again in a few seconds.",
        retryAfterMs: 5_000,
      });
    }
    const items: Item[] = [];
    const results = texts.map(
      (each) =>
        new Promise<T>((resolve, reject) => {
          const settle = { resolve: resolve as (value: unknown) => void, reject };
          items.push({ ...each, text: clip(each.text), signal, tries: 0, ...settle });
        }),
    );
    for (const item of items) queue.push(item);
    if (texts.some(({ rank }) => rank > 0)) queue.sort((a, b) => a.rank - b.rank);
    const onAbort = () => this.#drop(lane, items, signal);
    signal.addEventListener("abort", onAbort, { once: true });
    void Promise.allSettled(results).then(() => signal.removeEventListener("abort", onAbort));
    // Let the callers of this turn join the queue before jobs are cut.
    queueMicrotask(() => this.#dispatch());
    return results;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const lane of ["query", "passage"] as const) {
      for (const item of this.#waiting[lane].splice(0)) item.reject(cancelledError());
    }
    await Promise.all(this.#processes.map((process) => process.child.close()));
  }

  #dispatch(): void {
    if (this.#closed) return;
    for (const lane of ["query", "passage"] as const) {
      while (this.#waiting[lane].length > 0) {
        const process = this.#free(lane);
        if (process === undefined) break;
        void this.#runJob(process, lane, this.#cut(lane));
      }
    }
  }

  /** An idle process if there is one, else a new one, else the one with the fewest texts that may take a job. */
  #free(lane: Lane): Process | undefined {
    // One that was killed stays listed until its exit is known; it takes no more jobs.
    const alive = this.#processes.filter((process) => process.child.alive);
    const idle = alive.find(({ running }) => running.query + running.passage === 0);
    if (idle !== undefined) return idle;
    if (alive.length < this.#options.processes) return this.#spawn();
    const { depth = 1 } = this.#options;
    const open = alive.filter((process) => process.running[lane] < depth);
    return open.sort((a, b) => a.texts - b.texts)[0];
  }

  /** The next job: texts of one method, query and rank from the front of the queue. */
  #cut(lane: Lane): Item[] {
    const queue = this.#waiting[lane];
    const { method, query, rank } = queue[0] as Item;
    let tokens = 0;
    let size = 0;
    for (const item of queue) {
      if (item.method !== method || item.query !== query || item.rank !== rank) break;
      // A token has at least one character, so this bounds the job without tokenising twice.
      tokens += Math.min(item.text.length, this.#options.load.maxTokens);
      if (size === this.#options.batchSize || (query === undefined && size > 0 && tokens > MAX_JOB_TOKENS)) break;
      size++;
    }
    return queue.splice(0, size);
  }

  async #runJob(process: Process, lane: Lane, items: Item[]): Promise<void> {
    process.running[lane]++;
    process.texts += items.length;
    const { method, query } = items[0] as Item;
    const job = new AbortController();
    const abortWhenAllLeft = () => {
      if (items.every((item) => item.signal.aborted)) job.abort();
    };
    const signals = new Set(items.map((item) => item.signal));
    for (const signal of signals) signal.addEventListener("abort", abortWhenAllLeft, { once: true });
    if (method.startsWith("embed")) this.#options.onBatch?.(items.length);
    try {
      const texts = items.map((item) => item.text);
      // Its first results, as soon as they are known, or all.
      const take = (results: readonly unknown[]) => {
        for (const [i, result] of results.entries()) items[i]?.resolve(result);
      };
      const args = query === undefined ? { texts } : { texts, query };
      take(
        await process.child.call<unknown[]>(method, args, {
          urgent: lane === "query",
          signal: job.signal,
          onPart: (results) => take(results as unknown[]),
        }),
      );
    } catch (error) {
      for (const item of items) item.tries++;
      if (error instanceof ChildExited && !this.#closed) this.#requeue(lane, items, error);
      else for (const item of items) item.reject(translate(error));
    } finally {
      for (const signal of signals) signal.removeEventListener("abort", abortWhenAllLeft);
      process.running[lane]--;
      process.texts -= items.length;
      this.#dispatch();
    }
  }

  /** Not `retry` of the resilience room: its texts go back to the front of the queue, to travel in other jobs. */
  #requeue(lane: Lane, items: readonly Item[], error: ChildExited): void {
    const isWanted = (item: Item) => item.tries < MAX_TRIES && !item.signal.aborted;
    for (const item of items) if (!isWanted(item)) item.reject(translate(error));
    this.#waiting[lane].unshift(...items.filter(isWanted));
  }

  /**
   * A job that others still wait for goes on with the texts that are in it; whoever left hears of it now. One error for all
   * of them: making a thousand takes longer than a passage.
   */
  #drop(lane: Lane, items: readonly Item[], signal: AbortSignal): void {
    const reason = abortReason(signal);
    this.#waiting[lane] = this.#waiting[lane].filter((item) => item.signal !== signal);
    for (const item of items) item.reject(reason);
  }

  #spawn(): Process {
    const onExit = () => {
      const index = this.#processes.findIndex((process) => process.child === child);
      if (index >= 0) this.#processes.splice(index, 1);
      if (!this.#closed) this.#options.onRestart?.();
    };
    const { load, hangAfterMs = HANG_AFTER_MS } = this.#options;
    const entry = new URL(ENTRIES[load.kind], import.meta.url);
    const child = new Child(entry, [JSON.stringify(load)], { onExit, hangAfterMs });
    const process: Process = { child, running: { query: 0, passage: 0 }, texts: 0 };
    this.#processes.push(process);
    return process;
  }

  #assertOpen(): void {
    if (this.#closed) throw cancelledError();
  }
}

function translate(error: unknown): unknown {
  if (!(error instanceof ChildExited)) return error;
  return new AppError("model_failed", `The inference process crashed: ${error.message}.`, {
    remedy: "Check the memory that is free (docs/runbook.md#model_failed), then call again.",
    cause: error,
  });
}
