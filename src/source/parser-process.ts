/**
 * The process that reads what authors wrote: one text at a time. A hostile one that takes too long or too much memory
 * costs that process, and is given up.
 */
import { LRUCache } from "lru-cache";
import type { Call } from "../core/call.js";
import { cancelledError, raceAbort, throwIfAborted } from "../core/errors.js";
import type { Refusal } from "../core/ports.js";
import { Child, ChildExited } from "../process/child.js";
import { retry } from "../resilience/retry.js";
import { GivenUp } from "./refuse.js";

const IDLE_MS = 5_000;
/** Ticks are counted, not time: a machine that slept, or is too busy for this process, accuses nobody. */
const TICK_MS = 250;
const LONGEST_MS = Number.POSITIVE_INFINITY;
const IMPATIENT_MS = 2_000;
const KEPT = 1_000;
/** A folder that is watched is read again and again; whatever kept a text from being read may be gone after a while. */
const GIVEN_UP_FOR_MS = 3_600_000;

export interface ParserLimits {
  /** For one text. */
  readonly timeMs: number;
  /** Of the whole process. */
  readonly memoryBytes: number;
}

const LIMITS: ParserLimits = { timeMs: 30_000, memoryBytes: 1_000_000_000 };

/** One text to be read. */
export interface Ask<C, R> {
  /** Of the text: it is given up at once when it was a while ago. */
  readonly key: string;
  /** Called when it is its turn. */
  load(call: Call): Promise<C>;
  /** Called again when the process was ended from outside. */
  send(child: Child, content: C): Promise<R>;
  /** Where it should take less than the process allows. */
  readonly timeMs?: number | undefined;
  /** A job that has lost too much already waits for no text long. */
  isPatient(): boolean;
  onGivenUp(lostMs: number): void;
}

/** Starts nothing before the first text. */
export class ParserProcess {
  /** Verdicts on documents, by their hashes. */
  readonly refusals = new LRUCache<string, Refusal>({ max: KEPT });
  readonly #limits: ParserLimits;
  readonly #givenUp = new LRUCache<string, string>({ max: KEPT, ttl: GIVEN_UP_FOR_MS });
  #child: Child | undefined;
  /** Children that are to end, and have not. */
  readonly #leaving = new Set<Promise<void>>();
  #turn: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(limits = LIMITS) {
    this.#limits = limits;
  }

  /** @throws what `load` throws; GivenUp; AppError `cancelled`, `timeout` */
  ask<C, R>(call: Call, ask: Ask<C, R>): Promise<R> {
    const answered = this.#turn.then(() => this.#ask(call, ask));
    this.#turn = answered.catch(() => undefined);
    return raceAbort(answered, call.signal);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#discardChild();
    await Promise.all(this.#leaving);
  }

  async #ask<C, R>(call: Call, ask: Ask<C, R>): Promise<R> {
    throwIfAborted(call.signal);
    if (this.#closed) throw cancelledError();
    const reason = this.#givenUp.get(ask.key);
    if (reason !== undefined) throw new GivenUp(reason);
    const content = await raceAbort(ask.load(call), call.signal);
    clearTimeout(this.#idle);
    const startedAt = performance.now();
    const isPatient = ask.isPatient();
    const timeMs = Math.min(this.#limits.timeMs, ask.timeMs ?? LONGEST_MS, isPatient ? LONGEST_MS : IMPATIENT_MS);
    try {
      return await this.#inChild(call, timeMs, (child) => ask.send(child, content));
    } catch (error) {
      // The child would work on for a caller that has left.
      this.#discardChild();
      if (error instanceof GivenUp) {
        ask.onGivenUp(performance.now() - startedAt);
        // With more time it might have been read.
        if (isPatient) this.#givenUp.set(ask.key, error.message);
      }
      throw error;
    } finally {
      this.#idle = setTimeout(() => this.#discardChild(), IDLE_MS).unref();
    }
  }

  /** Once more when the process ended: it may have been killed from outside. */
  async #inChild<R>(call: Call, timeMs: number, send: (child: Child) => Promise<R>): Promise<R> {
    let isTimeOver = false;
    const attempt = async () => {
      const child = this.#living();
      let ticks = 0;
      const watchdog = setInterval(() => {
        isTimeOver = ++ticks * TICK_MS >= timeMs;
        if (isTimeOver) child.kill();
      }, TICK_MS);
      return raceAbort(send(child), call.signal).finally(() => clearInterval(watchdog));
    };
    try {
      return await retry(call, attempt, {
        times: 2,
        delayMs: () => 0,
        worthIt: (error) => error instanceof ChildExited && !isTimeOver && !this.#closed,
      });
    } catch (error) {
      if (!(error instanceof ChildExited)) throw error;
      if (this.#closed) throw cancelledError();
      if (isTimeOver) throw new GivenUp(`takes longer than ${timeMs / 1_000} s to read`);
      const limit = this.#limits.memoryBytes / 1e9;
      throw new GivenUp(`needs more than ${limit} GB of memory to read, or breaks its parser`);
    }
  }

  #discardChild(): void {
    const leaving = this.#child?.close().finally(() => this.#leaving.delete(leaving as Promise<void>));
    if (leaving !== undefined) this.#leaving.add(leaving);
    this.#child = undefined;
  }

  #living(): Child {
    if (!this.#child?.alive) {
      this.#child = new Child(new URL("./parser-worker.js", import.meta.url), [String(this.#limits.memoryBytes)]);
    }
    return this.#child;
  }
}
