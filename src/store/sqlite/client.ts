/** Client of one child process with the store's files open; started by the first call, and again when it died. */
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import { type CallOptions, Child, ChildExited } from "../../process/child.js";
import { retry } from "../../resilience/retry.js";
import type { Calls, StoreProcessOptions } from "./handlers.js";

type Ask<Name extends keyof Calls> = Parameters<Calls[Name]> extends [infer First, ...unknown[]] ? First : undefined;
type Answer<Name extends keyof Calls> = Awaited<ReturnType<Calls[Name]>>;

type AskOptions = CallOptions &
  Pick<Call, "signal"> & {
    /** Keeps nobody waiting who comes behind it. */
    readonly isQuick?: boolean;
  };

/** Longer than a unit of work takes on a disk that works. */
const STANDS_STILL_AFTER_MS = 5_000;

export class Client {
  readonly #options: StoreProcessOptions;
  readonly #hangAfterMs: number;
  #child: Child | undefined;
  #busy = 0;
  #closed = false;

  /** @param hangAfterMs silence during a call that ends the process */
  constructor(options: StoreProcessOptions, hangAfterMs: number) {
    this.#options = options;
    this.#hangAfterMs = hangAfterMs;
  }

  /** Calls that wait for an answer, without the quick ones. */
  get busy(): number {
    return this.#busy;
  }

  /** Whether calls wait for a process that has not told for a while that it goes on. */
  get standsStill(): boolean {
    return (this.#child?.silentMs ?? 0) >= STANDS_STILL_AFTER_MS;
  }

  /**
   * Asks once more when the child dies: every call may be repeated.
   * @throws AppError `store_down` when that dies too, and when it stands still: the next one might, for as long
   */
  async call<Name extends keyof Calls>(name: Name, ask: Ask<Name>, options: AskOptions): Promise<Answer<Name>> {
    const weight = options.isQuick ? 0 : 1;
    this.#busy += weight;
    try {
      return await retry(options, () => this.#once(name, ask, options), {
        times: 2,
        delayMs: () => 0,
        worthIt: (error) => error instanceof ChildExited && !error.hung,
      });
    } catch (error) {
      if (!(error instanceof ChildExited)) throw error;
      if (error.hung) throw stoodStill(name, this.#hangAfterMs, error);
      throw new AppError("store_down", `The store's process ended during "${name}", twice.`, {
        remedy: "Look at the log of the server for the reason; check memory and disk.",
        cause: error,
      });
    } finally {
      this.#busy -= weight;
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#child?.close();
  }

  async #once<Name extends keyof Calls>(name: Name, ask: Ask<Name>, options: AskOptions): Promise<Answer<Name>> {
    if (this.#closed) throw new AppError("store_down", "The store is closed.", { remedy: "Start the server again." });
    if (!this.#child?.alive) {
      const entry = new URL("./worker.js", import.meta.url);
      this.#child = new Child(entry, [JSON.stringify(this.#options)], { hangAfterMs: this.#hangAfterMs });
    }
    return await this.#child.call<Answer<Name>>(name, ask, options);
  }
}

function stoodStill(call: string, ms: number, cause: ChildExited): AppError {
  return new AppError("store_down", `The store's process stood still for ${ms / 1_000} s during "${call}".`, {
    remedy: "Find out what stopped it, or the disk of the data folder; then call again.",
    cause,
  });
}
