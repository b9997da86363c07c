/** Calls to a server that may fail: bounded in number and time, repeated where that helps, withheld when it does not. */
import { setTimeout as sleep } from "node:timers/promises";
import { AppError, abortReason, throwIfAborted } from "../core/errors.js";
import { Breaker, type BreakerState } from "./breaker.js";
import { Slots } from "./slots.js";

/** What a failed attempt means. */
export interface Verdict {
  /** What the caller gets when no further attempt is made. */
  readonly error: AppError;
  /** `now` without a wait; `later` after a back-off, or after exactly `afterMs` where the server says so. */
  readonly retry: "no" | "now" | "later";
  readonly afterMs?: number;
  /** Whether it speaks against the server: the breaker counts it. */
  readonly counts: boolean;
}

export interface GuardOptions {
  /** What is called, for messages. */
  readonly name: string;
  /** Most attempts in flight. */
  readonly poolSize: number;
  /** For the whole of a call: waiting, attempts, back-off. */
  readonly timeoutMs: number;
  readonly maxRetries: number;
  /** Of the first back-off; each next one doubles. */
  readonly retryDelayMs: number;
  readonly failureThreshold: number;
  readonly resetMs: number;
  /** @param attempt 1 for the first */
  classify(thrown: unknown, attempt: number): Verdict;
  readonly onRetry?: () => void;
  readonly onBreaker?: (state: BreakerState) => void;
  /** 0 ≤ x < 1 */
  readonly random?: () => number;
}

export interface GuardStatus {
  readonly size: number;
  readonly active: number;
  readonly waiting: number;
  readonly breaker: BreakerState;
}

export class Guard {
  readonly #options: GuardOptions;
  readonly #slots: Slots;
  readonly #breaker: Breaker;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#slots = new Slots(options.poolSize);
    this.#breaker = new Breaker({
      name: options.name,
      threshold: options.failureThreshold,
      resetMs: options.resetMs,
      onChange: (state) => this.#breakerChanged(state),
    });
  }

  get status(): GuardStatus {
    const { size, active, waiting } = this.#slots;
    return { size, active, waiting, breaker: this.#breaker.state };
  }

  /**
   * @param attempt is given a signal that ends with the caller's or with the time limit
   * @param retry false where a repetition could do harm
   * @param goesOn it is the next part of something that had a slot before, and waits in front of what is yet to begin
   * @throws AppError the last attempt's, the caller's reason, `timeout`, or `store_down` while the breaker is open
   */
  async run<T>(
    attempt: (signal: AbortSignal) => Promise<T>,
    {
      signal: caller,
      retry = true,
      goesOn = false,
    }: { readonly signal?: AbortSignal | undefined; readonly retry?: boolean; readonly goesOn?: boolean } = {},
  ): Promise<T> {
    throwIfAborted(caller);
    const limit = new AbortController();
    const onAbort = () => limit.abort(caller && abortReason(caller));
    caller?.addEventListener("abort", onAbort, { once: true });
    const timer = setTimeout(() => limit.abort(this.#timedOut()), this.#options.timeoutMs);
    const endsAt = performance.now() + this.#options.timeoutMs;
    try {
      for (let number = 1; ; number++) {
        const outcome = await this.#once(attempt, number, limit.signal, goesOn);
        if ("value" in outcome) return outcome.value;
        const waitMs = this.#waitMs(outcome, number);
        const worthIt = retry && outcome.retry !== "no" && number <= this.#options.maxRetries;
        // The failure itself says more than a breaker that it opened.
        const isClosed = this.#breaker.refusal() === undefined;
        if (!worthIt || !isClosed || performance.now() + waitMs >= endsAt) throw outcome.error;
        this.#options.onRetry?.();
        if (waitMs > 0) await this.#backOff(waitMs, limit.signal);
      }
    } finally {
      clearTimeout(timer);
      caller?.removeEventListener("abort", onAbort);
    }
  }

  /** Asks the breaker before the queue, so that nobody waits in vain, and again after it. */
  async #once<T>(
    attempt: (signal: AbortSignal) => Promise<T>,
    number: number,
    signal: AbortSignal,
    goesOn: boolean,
  ): Promise<{ readonly value: T } | Verdict> {
    const refused = this.#breaker.refusal();
    if (refused !== undefined) throw refused;
    const giveBack = await this.#slots.take(signal, goesOn);
    try {
      const passage = this.#breaker.enter();
      try {
        const value = await attempt(signal);
        passage.succeeded();
        return { value };
      } catch (thrown) {
        const isTimeout = signal.aborted && abortReason(signal).code === "timeout";
        if (signal.aborted && !isTimeout) {
          passage.leave();
          throw abortReason(signal);
        }
        const verdict = isTimeout
          ? ({ error: abortReason(signal), retry: "no", counts: true } as const)
          : this.#options.classify(thrown, number);
        if (verdict.counts) passage.failed();
        else passage.leave();
        return verdict;
      }
    } finally {
      giveBack();
    }
  }

  /** Full jitter: anything up to the doubled delay, so that callers who failed together do not come back together. */
  #waitMs(verdict: Verdict, attempt: number): number {
    if (verdict.retry === "now") return 0;
    const { retryDelayMs, random = Math.random } = this.#options;
    return verdict.afterMs ?? random() * retryDelayMs * 2 ** (attempt - 1);
  }

  async #backOff(ms: number, signal: AbortSignal): Promise<void> {
    await sleep(ms, undefined, { signal }).catch(() => {
      throw abortReason(signal);
    });
  }

  #timedOut(): AppError {
    const { name, timeoutMs } = this.#options;
    return new AppError("timeout", `${name} did not answer within ${timeoutMs / 1000} s, waiting included.`, {
      remedy: "Try again, or raise QDRANT_POOL_TIMEOUT or QDRANT_POOL_SIZE.",
    });
  }

  #breakerChanged(state: BreakerState): void {
    const refused = this.#breaker.refusal();
    if (refused !== undefined) this.#slots.refuseWaiting(refused);
    this.#options.onBreaker?.(state);
  }
}
