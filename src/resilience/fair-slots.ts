/** Places to work in, given in turn to those who wait: one caller with many calls takes no place from one with few. */
import { AppError, abortReason, throwIfAborted } from "../core/errors.js";

export interface FairLimits {
  /** Calls at work at once. */
  readonly size: number;
  readonly waitingOfOne: number;
  readonly waitingInAll: number;
}

/** @property deadline by `performance.now()` */
interface Waiting {
  readonly signal: AbortSignal;
  readonly deadline: number | undefined;
}

/** Of the time that calls have taken, how much the latest one weighs. */
const LATEST_WEIGHS = 0.2;
const FIRST_GUESS_MS = 50;

export class FairSlots {
  readonly #limits: FairLimits;
  #active = 0;
  #waiting = 0;
  #typicalMs = FIRST_GUESS_MS;
  /** By caller, the one whose turn is next first. */
  readonly #queues = new Map<string, Set<() => void>>();

  constructor(limits: FairLimits) {
    this.#limits = limits;
  }

  /** @returns what gives the place back, to be called once @throws AppError `overloaded` at once, or the signal's reason */
  async take(caller: string, waiting: Waiting): Promise<() => void> {
    throwIfAborted(waiting.signal);
    if (this.#active < this.#limits.size) this.#active++;
    else await this.#wait(caller, waiting);
    const began = performance.now();
    return () => {
      this.#typicalMs += LATEST_WEIGHS * (performance.now() - began - this.#typicalMs);
      this.#giveBack();
    };
  }

  #wait(caller: string, { signal, deadline }: Waiting): Promise<void> {
    const queue = this.#queues.get(caller) ?? new Set();
    const { size, waitingOfOne, waitingInAll } = this.#limits;
    const waitMs = Math.ceil((this.#typicalMs * (this.#ahead(queue.size) + 1)) / size);
    const isTooLate = deadline !== undefined && performance.now() + waitMs > deadline;
    if (isTooLate || queue.size >= waitingOfOne || this.#waiting >= waitingInAll) throw overloaded(waitMs);
    this.#queues.set(caller, queue);
    this.#waiting++;
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(admit);
        if (queue.size === 0) this.#queues.delete(caller);
        this.#waiting--;
        signal.removeEventListener("abort", onAbort);
      };
      const admit = () => {
        leave();
        resolve();
      };
      const onAbort = () => {
        leave();
        reject(abortReason(signal));
      };
      signal.addEventListener("abort", onAbort, { once: true });
      queue.add(admit);
    });
  }

  /** Calls that have their turn before one that has so many of its own caller's before it. */
  #ahead(own: number): number {
    return [...this.#queues.values()].reduce((sum, { size }) => sum + Math.min(size, own + 1), 0);
  }

  /** A place passes from hand to hand: nobody who comes now overtakes those who wait. */
  #giveBack(): void {
    const [next] = this.#queues;
    if (next === undefined) {
      this.#active--;
      return;
    }
    const [caller, queue] = next;
    const [admit] = queue;
    // Behind the others, before its next call is looked at.
    this.#queues.delete(caller);
    if (queue.size > 1) this.#queues.set(caller, queue);
    admit?.();
  }
}

function overloaded(waitMs: number): AppError {
  return new AppError("overloaded", "More calls wait for their turn than can be answered in time.", {
    remedy: `Wait ${waitMs} ms and call again.`,
    retryAfterMs: waitMs,
  });
}
