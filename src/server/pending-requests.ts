/** Requests that need the pipeline, and wait for their answers. */
import type { App } from "../app/app.js";

type Answers = typeof import("./requests.js");

export class PendingRequests {
  readonly #open: () => Promise<App>;
  readonly #pending = new Set<Promise<unknown>>();

  constructor(open: () => Promise<App>) {
    this.#open = open;
  }

  /** @param by what the first request loads: the handshake waits for none of it */
  async answer<T>(by: (answers: Answers, open: () => Promise<App>) => Promise<T>): Promise<T> {
    const answered = import("./requests.js").then((answers) => by(answers, this.#open));
    this.#pending.add(answered);
    try {
      return await answered;
    } finally {
      this.#pending.delete(answered);
    }
  }

  /** Once each is answered, a cancelled one too: its span is written. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }
}
