/** A model that is not on this machine yet: its first use starts the download, later ones say how far it is. */
import { AppError, toAppError } from "../core/errors.js";
import type { ModelStatus } from "../core/ports.js";

/** A download that failed is not tried again before this has passed. */
const PAUSE_AFTER_FAILURE_MS = 60_000;
const ASK_AGAIN_MS = 5_000;

export type Pull = (onProgress: (done: number, total: number) => void, signal: AbortSignal) => Promise<void>;

export interface FirstUseOptions<Part> {
  /** Catalogue id. */
  readonly model: string;
  readonly device: string;
  readonly revision?: string | undefined;
  /** Resolves when all files are there. Absent: this process ends too soon to wait for a download. @throws AppError */
  readonly pull?: Pull | undefined;
  /** What runs the model, once the files are there. */
  readonly create: () => Part;
  readonly now?: () => number;
}

type State<Part> =
  | { readonly kind: "idle" }
  | { readonly kind: "absent"; readonly error: AppError }
  | { readonly kind: "downloading"; readonly percent: number }
  | { readonly kind: "failed"; readonly error: AppError; readonly at: number }
  | { readonly kind: "ready"; readonly part: Part };

export class FirstUse<Part extends { status(): ModelStatus; close(): Promise<void> }> {
  readonly #options: FirstUseOptions<Part>;
  readonly #abort = new AbortController();
  #state: State<Part> = { kind: "idle" };
  #pulling: Promise<void> | undefined;

  constructor(options: FirstUseOptions<Part>) {
    this.#options = options;
    if (options.pull === undefined) this.#state = { kind: "absent", error: absent(options.model) };
  }

  /** @throws AppError `model_missing` until the model is there */
  ready(): Part {
    const { model, now = Date.now } = this.#options;
    if (this.#state.kind === "ready") return this.#state.part;
    if (this.#state.kind === "absent") throw this.#state.error;
    const rested = this.#state.kind === "failed" && now() - this.#state.at >= PAUSE_AFTER_FAILURE_MS;
    if (this.#state.kind === "idle" || rested) this.#pulling = this.#download();
    const command = pullCommand(model);
    if (this.#state.kind === "failed") {
      const { error, at } = this.#state;
      const wait = at + PAUSE_AFTER_FAILURE_MS - now();
      throw new AppError(error.code, error.message, {
        remedy: `${error.remedy} The next try is made in ${Math.ceil(wait / 1000)} s; or run ${command}.`,
        retryAfterMs: wait,
      });
    }
    const percent = this.#state.kind === "downloading" ? this.#state.percent : 0;
    throw new AppError("model_missing", `${model} is being downloaded: ${percent} %.`, {
      remedy: `Call again in a few seconds; health shows the progress. To download it beforehand: ${command}.`,
      retryAfterMs: ASK_AGAIN_MS,
    });
  }

  /** Of the download, and the part's own once there is one. */
  status(): ReturnType<Part["status"]> | ModelStatus {
    const { model, device, revision } = this.#options;
    const known = { model, device, revision };
    switch (this.#state.kind) {
      case "ready":
        return this.#state.part.status() as ReturnType<Part["status"]>;
      case "absent":
      case "failed":
        return { ...known, state: "failed", error: this.#state.error.message, remedy: this.#state.error.remedy };
      case "downloading":
        return { ...known, state: "downloading", downloadPercent: this.#state.percent };
      case "idle":
        return { ...known, state: "idle" };
    }
  }

  async close(): Promise<void> {
    this.#abort.abort();
    await this.#pulling;
    if (this.#state.kind === "ready") await this.#state.part.close();
  }

  async #download(): Promise<void> {
    const { pull, create, now = Date.now } = this.#options;
    if (pull === undefined) return;
    this.#state = { kind: "downloading", percent: 0 };
    try {
      const report = (done: number, total: number) => {
        this.#state = { kind: "downloading", percent: total === 0 ? 0 : Math.floor((100 * done) / total) };
      };
      await pull(report, this.#abort.signal);
      this.#state = { kind: "ready", part: create() };
    } catch (thrown) {
      this.#state = { kind: "failed", error: toAppError(thrown), at: now() };
    }
  }
}

function absent(model: string): AppError {
  return new AppError("model_missing", `${model} is not on this machine.`, {
    remedy: `Run ${pullCommand(model)}; only the server downloads by itself.`,
  });
}

function pullCommand(model: string): string {
  return `\`aura-retrieval models pull ${model}\``;
}
