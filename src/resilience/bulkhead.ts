/** Bulkhead: at most so many at once; the others queue in the order they came, those that go on with something first. */
import { type AppError, abortReason, throwIfAborted } from "../core/errors.js";

interface Waiter {
  admit(): void;
  refuse(reason: AppError): void;
}

export class Bulkhead {
  readonly size: number;
  #active = 0;
  /** A set keeps the order of insertion, and one that leaves costs nothing. */
  readonly #waiting = new Set<Waiter>();
  readonly #goingOn = new Set<Waiter>();

  constructor(size: number) {
    this.size = size;
  }

  get active(): number {
    return this.#active;
  }

  get waiting(): number {
    return this.#waiting.size + this.#goingOn.size;
  }

  /**
   * Resolves to what gives the slot back, to be called once.
   * @param goesOn it had a slot before: it waited then, and holds results in memory
   * @throws the signal's reason, or that of `refuseWaiting`
   */
  async take(signal: AbortSignal, goesOn = false): Promise<() => void> {
    throwIfAborted(signal);
    if (this.#active < this.size) this.#active++;
    else await this.#wait(goesOn ? this.#goingOn : this.#waiting, signal);
    return () => this.#giveBack();
  }

  refuseWaiting(reason: AppError): void {
    for (const waiter of [...this.#goingOn, ...this.#waiting]) waiter.refuse(reason);
  }

  #wait(queue: Set<Waiter>, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        queue.delete(waiter);
        signal.removeEventListener("abort", onAbort);
      };
      const waiter: Waiter = {
        admit() {
          leave();
          resolve();
        },
        refuse(reason) {
          leave();
          reject(reason);
        },
      };
      const onAbort = () => waiter.refuse(abortReason(signal));
      signal.addEventListener("abort", onAbort, { once: true });
      queue.add(waiter);
    });
  }

  /** A slot passes from hand to hand: nobody who comes now overtakes those who wait. */
  #giveBack(): void {
    const [next] = this.#goingOn.size > 0 ? this.#goingOn : this.#waiting;
    if (next === undefined) this.#active--;
    else next.admit();
  }
}
