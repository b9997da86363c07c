/** Loads a pool's model once; after a failure the next call tries again. */
import { type AppError, toAppError } from "../core/errors.js";
import type { InferencePool } from "./pool.js";

export class WarmUp {
  readonly #pool: Pick<InferencePool, "load" | "loaded" | "processes">;
  readonly #pauseMs: number;
  #loading: Promise<void> | undefined;
  #failure: AppError | undefined;
  #failedAt = 0;

  /** @param pauseMs for so long after a failure it is not tried again: reading a large file each time would cost more than it is worth */
  constructor(pool: Pick<InferencePool, "load" | "loaded" | "processes">, pauseMs = 0) {
    this.#pool = pool;
    this.#pauseMs = pauseMs;
  }

  /** @throws AppError `model_missing`, `model_failed` */
  run(): Promise<void> {
    if (this.#failure !== undefined && Date.now() - this.#failedAt < this.#pauseMs)
      return Promise.reject(this.#failure);
    this.#loading ??= this.#pool.load().then(
      () => {
        this.#failure = undefined;
      },
      (error: unknown) => {
        this.#failure = toAppError(error);
        this.#failedAt = Date.now();
        this.#loading = undefined;
        throw this.#failure;
      },
    );
    return this.#loading;
  }

  /** Of the last attempt, until another succeeds. */
  get failure(): AppError | undefined {
    return this.#failure;
  }

  /** What every model's status says of its processes. */
  status() {
    const { loaded, processes } = this.#pool;
    return {
      state: this.#failure ? "failed" : loaded ? "ready" : this.#loading ? "loading" : "idle",
      processes,
      ...(loaded ? { checksumVerified: true } : {}),
      ...(this.#failure ? { error: this.#failure.message, remedy: this.#failure.remedy } : {}),
    } as const;
  }
}
