/**
 * Circuit breaker (M. Nygard, "Release It!", ch. 5): after so many failures in a row nothing is asked for a while, then
 * one call tries, and its outcome decides.
 */
import { AppError } from "../core/errors.js";

export type BreakerState = "closed" | "open" | "half-open";

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly threshold: number;
  readonly resetMs: number;
  /** What stands behind it, for messages. */
  readonly name: string;
  readonly onChange?: (state: BreakerState) => void;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/** One attempt's way through the breaker: exactly one of these is called when it ends. */
export interface Passage {
  succeeded(): void;
  failed(): void;
  /** It says nothing about the server: cancelled, refused for its own fault, told to slow down. */
  leave(): void;
}

export class Breaker {
  readonly #options: BreakerOptions;
  readonly #now: () => number;
  #failures = 0;
  #openedAt: number | undefined;
  #probing = false;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get state(): BreakerState {
    if (this.#openedAt === undefined) return "closed";
    return this.#leftMs() > 0 ? "open" : "half-open";
  }

  /** Why nobody may pass now, if so. Takes nothing. */
  refusal(): AppError | undefined {
    const { name, threshold, resetMs } = this.#options;
    if (this.#openedAt === undefined) return undefined;
    const leftMs = this.#leftMs();
    if (leftMs <= 0 && !this.#probing) return undefined;
    const next = leftMs > 0 ? `the next try is in ${(leftMs / 1000).toFixed(1)} s` : "one try is under way";
    return new AppError("store_down", `${name} is not asked after ${threshold} failures in a row; ${next}.`, {
      remedy: `Check that ${name} runs and can be reached; \`health\` says more.`,
      retryAfterMs: Math.max(Math.ceil(leftMs), Math.min(1_000, resetMs)),
    });
  }

  /** @throws AppError `store_down` when nobody may pass */
  enter(): Passage {
    const refused = this.refusal();
    if (refused !== undefined) throw refused;
    const probe = this.#openedAt !== undefined;
    this.#probing ||= probe;
    return {
      succeeded: () => {
        if (probe) this.#probing = false;
        this.#failures = 0;
        // One that began before it opened does not close it: only the probe is asked for that.
        if (probe) this.#change(undefined);
      },
      failed: () => {
        if (probe) this.#probing = false;
        this.#failures++;
        const isOpen = this.#openedAt !== undefined;
        if (probe || (!isOpen && this.#failures >= this.#options.threshold)) this.#change(this.#now());
      },
      leave: () => {
        if (probe) this.#probing = false;
      },
    };
  }

  #leftMs(): number {
    return this.#openedAt === undefined ? 0 : this.#openedAt + this.#options.resetMs - this.#now();
  }

  #change(openedAt: number | undefined): void {
    this.#openedAt = openedAt;
    this.#options.onChange?.(openedAt === undefined ? "closed" : "open");
  }
}
