/** Loads a pool's model once; after a failure the next call tries again. */
import { type AppError, toAppError } from "../core/errors.js";
import type { InferencePool } from "./pool.js";

export class WarmUp {
  readonly #pool: Pick<InferencePool, "load" | "loaded" | "processes">;
  #loading: Promise<void> | undefined;
  #failure: AppError | undefined;

  constructor(pool: Pick<InferencePool, "load" | "loaded" | "processes">) {
    this.#pool = pool;
  }

  /** @throws AppError `model_missing`, `model_failed` */
  run(): Promise<void> {
    this.#loading ??= this.#pool.load().then(
      () => {
        this.#failure = undefined;
      },
      (error: unknown) => {
        this.#failure = toAppError(error);
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
