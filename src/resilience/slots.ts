/** At most so many at once; the others wait in the order they came. */
import { type AppError, abortReason, throwIfAborted } from "../core/errors.js";

interface Waiter {
  admit(): void;
  refuse(reason: AppError): void;
}

export class Slots {
  readonly size: number;
  #active = 0;
  /** A set keeps the order of insertion, and one that leaves costs nothing. */
  readonly #waiting = new Set<Waiter>();

  constructor(size: number) {
    this.size = size;
  }

  get active(): number {
    return this.#active;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves to what gives the slot back, to be called once. @throws the signal's reason, or that of `refuseWaiting` */
  async take(signal: AbortSignal): Promise<() => void> {
    throwIfAborted(signal);
    if (this.#active < this.size) this.#active++;
    else await this.#wait(signal);
    return () => this.#giveBack();
  }

  refuseWaiting(reason: AppError): void {
    for (const waiter of [...this.#waiting]) waiter.refuse(reason);
  }

  #wait(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.#waiting.delete(waiter);
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
      this.#waiting.add(waiter);
    });
  }

  /** A slot passes from hand to hand: nobody who comes now overtakes those who wait. */
  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#active--;
    else next.admit();
  }
}
