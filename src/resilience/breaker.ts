/** Circuit breaker (M. Nygard, "Release It!", ch. 5): closed, open for a while after failures in a row, then one probe. */
import { AppError, type ErrorCode } from "../core/errors.js";

export type BreakerState = "closed" | "open" | "half-open";

/** Each state with what it needs; times by `now`. */
type State =
  | { readonly name: "closed"; readonly failures: number }
  | { readonly name: "open"; readonly until: number }
  | { readonly name: "half-open"; readonly probing: boolean };

const SOUND: State = { name: "closed", failures: 0 };

export interface BreakerOptions {
  /** Failures in a row that open it. */
  readonly threshold: number;
  readonly resetMs: number;
  /** The service behind it, for messages. */
  readonly name: string;
  /** Code of the error that refused calls get. */
  readonly refusal: ErrorCode;
  readonly onChange?: ((state: BreakerState) => void) | undefined;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

/** One attempt's way through the breaker: exactly one of these is called when it ends. */
export interface Attempt {
  succeeded(): void;
  failed(): void;
  /** Its end says nothing about the service: cancelled, refused for its own fault, asked to slow down. */
  leave(): void;
}

export class Breaker {
  readonly #options: BreakerOptions;
  readonly #now: () => number;
  #state: State = SOUND;

  constructor(options: BreakerOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  get state(): BreakerState {
    return this.#current().name;
  }

  /** The error of a call that may not pass now, if so. Takes nothing. */
  refusal(): AppError | undefined {
    const state = this.#current();
    if (state.name === "closed" || (state.name === "half-open" && !state.probing)) return undefined;
    const { name, threshold, resetMs, refusal } = this.#options;
    const leftMs = state.name === "open" ? state.until - this.#now() : 0;
    const next = state.name === "open" ? `the next try is in ${(leftMs / 1000).toFixed(1)} s` : "one try is under way";
    return new AppError(refusal, `${name} is not asked after ${threshold} failures in a row; ${next}.`, {
      remedy: `Check that ${name} runs and can be reached; \`health\` says more.`,
      retryAfterMs: Math.max(Math.ceil(leftMs), Math.min(1_000, resetMs)),
      isOutage: true,
    });
  }

  /** @throws AppError of the refusal's code when no call may pass */
  enter(): Attempt {
    const refused = this.refusal();
    if (refused !== undefined) throw refused;
    return this.#state.name === "closed" ? this.#attempt() : this.#probe();
  }

  /** An attempt that outlives the closed state it began in changes nothing: only the probe is asked for that. */
  #attempt(): Attempt {
    return {
      succeeded: () => {
        if (this.#state.name === "closed") this.#state = SOUND;
      },
      failed: () => {
        if (this.#state.name !== "closed") return;
        const failures = this.#state.failures + 1;
        if (failures >= this.#options.threshold) this.#open();
        else this.#state = { name: "closed", failures };
      },
      leave: () => undefined,
    };
  }

  #probe(): Attempt {
    this.#state = { name: "half-open", probing: true };
    return {
      succeeded: () => {
        this.#state = SOUND;
        this.#options.onChange?.("closed");
      },
      failed: () => this.#open(),
      leave: () => {
        this.#state = { name: "half-open", probing: false };
      },
    };
  }

  #open(): void {
    this.#state = { name: "open", until: this.#now() + this.#options.resetMs };
    this.#options.onChange?.("open");
  }

  /** The state as it is now: open is half-open once its time is over. */
  #current(): State {
    if (this.#state.name === "open" && this.#now() >= this.#state.until) {
      this.#state = { name: "half-open", probing: false };
    }
    return this.#state;
  }
}
