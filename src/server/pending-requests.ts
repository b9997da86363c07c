/** Requests that are being answered. */
import type { Requests, Served } from "./requests.js";

export class PendingRequests {
  readonly #served: Served;
  readonly #pending = new Set<Promise<unknown>>();
  #requests: Promise<Requests> | undefined;

  constructor(served: Served) {
    this.#served = served;
  }

  async answer<T>(by: (requests: Requests) => Promise<T>): Promise<T> {
    // Loaded by the first one: the handshake waits for none of it.
    this.#requests ??= import("./requests.js").then(({ Requests }) => new Requests(this.#served));
    const answered = this.#requests.then(by);
    this.#pending.add(answered);
    try {
      return await answered;
    } finally {
      this.#pending.delete(answered);
    }
  }

  get isIdle(): boolean {
    return this.#pending.size === 0;
  }

  /** Once each is answered, a cancelled one too: its span is written. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }
}
