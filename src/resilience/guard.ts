/** Guard of calls to a service: bounded in number and time, repeated where that helps, withheld while it is down. */
import { AppError, abortReason, type ErrorCode, throwIfAborted } from "../core/errors.js";
import { Breaker, type BreakerState } from "./breaker.js";
import { Bulkhead } from "./bulkhead.js";
import { retry } from "./retry.js";

/** The meaning of a failed attempt. */
export interface Verdict {
  /** What the caller gets when no further attempt is made. */
  readonly error: AppError;
  /** `now` without a wait; `later` after a back-off, or after exactly `afterMs` where the service says so. */
  readonly retry: "no" | "now" | "later";
  readonly afterMs?: number | undefined;
  /** Whether it speaks against the service: the breaker counts it. */
  readonly counts: boolean;
}

/** @param attempt 1 for the first */
export type Classify = (thrown: unknown, attempt: number) => Verdict;

export interface GuardOptions {
  /** Of the service, for messages. */
  readonly name: string;
  /** Code of the error that calls get while the breaker is open. */
  readonly refusal: ErrorCode;
  /** Most attempts in flight. */
  readonly poolSize: number;
  /** For the whole of a call: waiting, attempts, back-off. Absent: only the caller ends it. */
  readonly timeoutMs?: number | undefined;
  /** What a caller should do who ran into the time limit. */
  readonly timeoutRemedy: string;
  readonly maxRetries: number;
  /** Of the first back-off; each next one doubles. */
  readonly retryDelayMs: number;
  readonly failureThreshold: number;
  readonly resetMs: number;
  readonly classify: Classify;
  readonly onRetry?: (() => void) | undefined;
  readonly onBreaker?: ((state: BreakerState) => void) | undefined;
  /** 0 ≤ x < 1 */
  readonly random?: () => number;
}

export interface RunOptions {
  /** The caller's. */
  readonly signal?: AbortSignal | undefined;
  /** False where a repetition could do harm. */
  readonly retry?: boolean | undefined;
  /** It is the next part of something that had a slot before, and waits in front of what is yet to begin. */
  readonly goesOn?: boolean | undefined;
  /** In place of the guard's own, where the words depend on what is asked. */
  readonly classify?: Classify | undefined;
}

export interface GuardStatus {
  readonly size: number;
  readonly active: number;
  readonly waiting: number;
  readonly breaker: BreakerState;
}

/** An attempt that failed, on its way to the decision whether there is another. */
class Failure {
  constructor(readonly verdict: Verdict) {}
}

/** A call under way. */
interface Running extends RunOptions {
  readonly classify: Classify;
  /** Ends with the caller's or with the time limit. */
  readonly signal: AbortSignal;
  /** By `performance.now()`. */
  readonly endsAt: number;
}

/** An attempt is given a signal that ends with the caller's or with the time limit. */
type Attempt<T> = (signal: AbortSignal) => Promise<T>;

export class Guard {
  readonly #options: GuardOptions;
  readonly #bulkhead: Bulkhead;
  readonly #breaker: Breaker;

  constructor(options: GuardOptions) {
    this.#options = options;
    this.#bulkhead = new Bulkhead(options.poolSize);
    this.#breaker = new Breaker({
      name: options.name,
      refusal: options.refusal,
      threshold: options.failureThreshold,
      resetMs: options.resetMs,
      onChange: (state) => this.#breakerChanged(state),
    });
  }

  get status(): GuardStatus {
    const { size, active, waiting } = this.#bulkhead;
    return { size, active, waiting, breaker: this.#breaker.state };
  }

  /** @throws AppError the last attempt's, the caller's reason, `timeout`, or the refusal while the breaker is open */
  async run<T>(attempt: Attempt<T>, options: RunOptions = {}): Promise<T> {
    const { signal: caller } = options;
    const { timeoutMs } = this.#options;
    throwIfAborted(caller);
    const limit = new AbortController();
    const onAbort = () => limit.abort(caller && abortReason(caller));
    caller?.addEventListener("abort", onAbort, { once: true });
    const timer = timeoutMs === undefined ? undefined : setTimeout(() => limit.abort(this.#timedOut()), timeoutMs);
    const endsAt = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
    try {
      const { retry, goesOn, classify = this.#options.classify } = options;
      return await this.#repeat(attempt, { retry, goesOn, classify, signal: limit.signal, endsAt });
    } catch (thrown) {
      throw thrown instanceof Failure ? thrown.verdict.error : thrown;
    } finally {
      clearTimeout(timer);
      caller?.removeEventListener("abort", onAbort);
    }
  }

  #repeat<T>(attempt: Attempt<T>, options: Running): Promise<T> {
    let waitMs = 0;
    return retry(options, (number) => this.#once(attempt, number, options), {
      times: options.retry === false ? 1 : this.#options.maxRetries + 1,
      worthIt: (thrown, number) => {
        if (!(thrown instanceof Failure) || thrown.verdict.retry === "no") return false;
        waitMs = this.#waitMs(thrown.verdict, number);
        // The failure itself says more than a breaker that it opened.
        return this.#breaker.refusal() === undefined && performance.now() + waitMs < options.endsAt;
      },
      delayMs: () => {
        this.#options.onRetry?.();
        return waitMs;
      },
    });
  }

  /** Asks the breaker before the queue, so that nobody waits in vain, and again after it. @throws Failure, AppError */
  async #once<T>(attempt: Attempt<T>, number: number, { signal, goesOn, classify }: Running): Promise<T> {
    const refused = this.#breaker.refusal();
    if (refused !== undefined) throw refused;
    const giveBack = await this.#bulkhead.take(signal, goesOn);
    try {
      const passing = this.#breaker.enter();
      try {
        const value = await attempt(signal);
        passing.succeeded();
        return value;
      } catch (thrown) {
        const isTimeout = signal.aborted && abortReason(signal).code === "timeout";
        if (signal.aborted && !isTimeout) {
          passing.leave();
          throw abortReason(signal);
        }
        const verdict: Verdict = isTimeout
          ? { error: abortReason(signal), retry: "no", counts: true }
          : classify(thrown, number);
        if (verdict.counts) passing.failed();
        else passing.leave();
        throw new Failure(verdict);
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

  #timedOut(): AppError {
    const { name, timeoutMs = 0, timeoutRemedy } = this.#options;
    return new AppError("timeout", `${name} did not answer within ${timeoutMs / 1000} s, waiting included.`, {
      remedy: timeoutRemedy,
      isOutage: true,
    });
  }

  #breakerChanged(state: BreakerState): void {
    const refused = this.#breaker.refusal();
    if (refused !== undefined) this.#bulkhead.refuseWaiting(refused);
    this.#options.onBreaker?.(state);
  }
}
