/** State machine of a model's life, from files that are missing to processes that answer. */
import { backgroundCall, branch, type Call, type OpenCall } from "../core/call.js";
import { AppError, cancelledError, raceAbort, throwIfAborted, toAppError } from "../core/errors.js";
import type { ModelStatus } from "../core/ports.js";
import type { DegradedReason } from "../core/types.js";
import type { Loaded } from "../inference/protocol.js";
import { type CatalogFile, pullCommand } from "./catalog.js";
import type { DeviceChoice } from "./device.js";

/** A download that failed is not tried again before this has passed. */
const DOWNLOAD_PAUSE_MS = 60_000;
const ASK_AGAIN_MS = 5_000;

/** The model's files are on their way: a later use finds them. One whose download failed throws another error. */
export class DownloadingError extends AppError {}

/** What runs a model: its processes. */
export interface ModelRunner {
  readonly processes: number;
  /** Asked again after it failed. */
  load(): Promise<Loaded>;
  close(): Promise<void>;
}

export interface ModelHandleOptions<Runner extends ModelRunner> {
  readonly model: { readonly id: string; readonly revision?: string | undefined };
  readonly device: DeviceChoice;
  /** Those of its files that are not here. */
  readonly missing: () => readonly CatalogFile[];
  /** Why they are not downloaded, if so. */
  readonly downloadRefusal: (absent: readonly CatalogFile[]) => AppError | undefined;
  /** Resolves when all of them are here. */
  readonly pull: (call: Call, onProgress: (done: number, total: number) => void) => Promise<void>;
  /** Makes the runner once the files are here; nothing is loaded by it. */
  readonly start: (call: Call) => Promise<Runner>;
  /** A load that failed is not tried again before this has passed: reading a large file has its price. Default: at once. */
  readonly reloadPauseMs?: number | undefined;
  /** Milliseconds, monotonic. */
  readonly now?: () => number;
}

interface Loading<Runner> {
  readonly kind: "loading";
  readonly runner: Promise<Runner>;
  /** Why the load before this one failed. */
  readonly after: AppError | undefined;
}

type State<Runner> =
  /** Its files are not here: the next use downloads them. */
  | { readonly kind: "absent" }
  | { readonly kind: "downloading"; readonly percent: number }
  /** Its files are here: the next use loads it. */
  | { readonly kind: "idle" }
  | Loading<Runner>
  | { readonly kind: "ready"; readonly runner: Runner; readonly loaded: Loaded }
  /** A use before `retryAt` throws the error, a later one tries again. */
  | {
      readonly kind: "failed";
      readonly step: "device" | "files" | "download" | "load";
      readonly error: AppError;
      readonly retryAt: number;
    }
  | { readonly kind: "closed" };

export class ModelHandle<Runner extends ModelRunner> {
  readonly #options: ModelHandleOptions<Runner>;
  readonly #now: () => number;
  #state: State<Runner>;
  #download: { readonly work: OpenCall; readonly done: Promise<void> } | undefined;
  #starting: Promise<Runner> | undefined;
  /** The one that was started, its model loaded or not. */
  #runner: Runner | undefined;

  constructor(options: ModelHandleOptions<Runner>) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#state = this.#firstState();
  }

  get device(): DeviceChoice["device"] {
    return this.#options.device.device;
  }

  /** Carried by every answer of the model. */
  get degraded(): DegradedReason | undefined {
    return this.#options.device.degraded;
  }

  /** What loading found; undefined: it is not loaded. */
  get loaded(): Loaded | undefined {
    return this.#state.kind === "ready" ? this.#state.loaded : undefined;
  }

  /** @throws AppError `config` when the model can never run here */
  assertUsable(): void {
    if (this.#state.kind === "failed" && this.#state.step === "device") throw copyOf(this.#state.error);
  }

  /**
   * The runner with its model loaded. What a use starts, a download or a load, goes on when the caller leaves.
   * @param patienceMs after a load that failed, the next one is waited for no longer: then it fails as that one did
   * @throws AppError `model_missing`, `model_failed`, `config`, the call's reason
   */
  async use(call: Call, patienceMs = Number.POSITIVE_INFINITY): Promise<Runner> {
    throwIfAborted(call.signal);
    if (this.#state.kind === "ready") return this.#state.runner;
    const { runner, after } = this.#state.kind === "loading" ? this.#state : this.#beginLoad();
    const own = runner.catch((error: AppError) => {
      throw copyOf(error);
    });
    return raceAbort(after === undefined ? own : unlessLate(own, after, patienceMs), call.signal);
  }

  /** The runner, whether or not its model is loaded. @throws AppError as `use`, but for what keeps the model from loading */
  async open(call: Call): Promise<Runner> {
    throwIfAborted(call.signal);
    if (this.#state.kind === "ready") return this.#state.runner;
    if (this.#state.kind !== "loading") this.#assertHere();
    return raceAbort(this.#start(), call.signal);
  }

  status(): ModelStatus {
    const { id: model, revision } = this.#options.model;
    const known = { model, revision, device: this.device, processes: this.#processes() };
    const failed = ({ message, remedy }: AppError) => ({ ...known, state: "failed", error: message, remedy }) as const;
    switch (this.#state.kind) {
      case "downloading":
        return { ...known, state: "downloading", downloadPercent: this.#state.percent };
      case "loading":
        return this.#state.after ? failed(this.#state.after) : { ...known, state: "loading" };
      case "ready":
        return { ...known, state: "ready", checksumVerified: this.#state.loaded.checksumVerified };
      case "failed":
        return failed(this.#state.error);
      case "absent":
        return { ...known, state: "idle", isAbsent: true };
      default:
        return { ...known, state: "idle" };
    }
  }

  /** undefined: there can be none yet. */
  #processes(): number | undefined {
    const { kind } = this.#state;
    const filesAreHere =
      kind !== "absent" && kind !== "downloading" && !(kind === "failed" && this.#state.step !== "load");
    return this.#runner?.processes ?? (filesAreHere ? 0 : undefined);
  }

  async close(): Promise<void> {
    this.#state = { kind: "closed" };
    this.#download?.work.abort(cancelledError());
    await this.#download?.done;
    await this.#stop();
  }

  /** Looked at before any use, so that a status says what keeps the model from running. */
  #firstState(): State<Runner> {
    const { device, missing, downloadRefusal } = this.#options;
    if (device.error !== undefined) {
      return { kind: "failed", step: "device", error: device.error, retryAt: Number.POSITIVE_INFINITY };
    }
    const absent = missing();
    if (absent.length === 0) return { kind: "idle" };
    const error = downloadRefusal(absent);
    return error === undefined ? { kind: "absent" } : { kind: "failed", step: "files", error, retryAt: this.#now() };
  }

  /** @throws AppError why it cannot begin */
  #beginLoad(): Loading<Runner> {
    const state = this.#state;
    const failed = state.kind === "failed" && state.step === "load" ? state : undefined;
    if (failed !== undefined && this.#now() < failed.retryAt) throw copyOf(failed.error);
    this.#assertHere();
    const loading = { kind: "loading", runner: this.#load(), after: failed?.error } as const;
    this.#state = loading;
    return loading;
  }

  async #load(): Promise<Runner> {
    try {
      const runner = await this.#start();
      const loaded = await runner.load();
      this.#become({ kind: "ready", runner, loaded });
      return runner;
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#become({ kind: "failed", step: "load", error, retryAt: this.#now() + (this.#options.reloadPauseMs ?? 0) });
      throw this.#state.kind === "closed" ? cancelledError() : error;
    }
  }

  /** Begins the download of what is missing. @throws AppError when anything is, or the handle is closed */
  #assertHere(): void {
    const state = this.#state;
    if (state.kind === "closed") throw cancelledError();
    if (state.kind === "downloading") throw this.#downloading();
    if (state.kind === "failed" && state.step === "device") throw copyOf(state.error);
    if (state.kind === "failed" && state.step === "download" && this.#now() < state.retryAt) {
      throw this.#resting(state.error, state.retryAt);
    }
    const absent = this.#options.missing();
    if (absent.length === 0) return;
    const error = this.#options.downloadRefusal(absent);
    if (error !== undefined) {
      this.#state = { kind: "failed", step: "files", error, retryAt: this.#now() };
      throw copyOf(error);
    }
    const work = branch(backgroundCall("whoever uses the model next waits for its download"));
    this.#state = { kind: "downloading", percent: 0 };
    this.#download = { work, done: this.#pull(work.call) };
    throw this.#downloading();
  }

  async #pull(call: Call): Promise<void> {
    const report = (done: number, total: number) =>
      this.#become({ kind: "downloading", percent: total === 0 ? 0 : Math.floor((100 * done) / total) });
    try {
      await this.#options.pull(call, report);
      await this.#stop(); // it was started with the files that went missing
      this.#become({ kind: "idle" });
    } catch (thrown) {
      const error = toAppError(thrown);
      this.#become({ kind: "failed", step: "download", error, retryAt: this.#now() + DOWNLOAD_PAUSE_MS });
    }
  }

  /** One runner for all; another after one that could not be made. */
  #start(): Promise<Runner> {
    const make = async () => this.#options.start(backgroundCall("a model's start serves every caller"));
    this.#starting ??= make().then(
      (runner) => {
        this.#runner = runner;
        return runner;
      },
      (error: unknown) => {
        this.#starting = undefined;
        throw error;
      },
    );
    return this.#starting;
  }

  async #stop(): Promise<void> {
    const runner = await this.#starting?.catch(() => undefined);
    this.#starting = undefined;
    await runner?.close();
    this.#runner = undefined;
  }

  #become(state: State<Runner>): void {
    if (this.#state.kind !== "closed") this.#state = state;
  }

  #downloading(): AppError {
    const { id } = this.#options.model;
    const percent = this.#state.kind === "downloading" ? this.#state.percent : 0;
    return new DownloadingError("model_missing", `${id} is being downloaded: ${percent} %.`, {
      remedy: `Call again in a few seconds; health shows the progress. To download it beforehand: ${pullCommand(id)}.`,
      retryAfterMs: ASK_AGAIN_MS,
    });
  }

  #resting(error: AppError, retryAt: number): AppError {
    const waitMs = Math.ceil(retryAt - this.#now());
    const next = `The next try is made in ${Math.ceil(waitMs / 1000)} s`;
    return new AppError(error.code, error.message, {
      remedy: `${error.remedy} ${next}; or run ${pullCommand(this.#options.model.id)}.`,
      retryAfterMs: waitMs,
      cause: error,
    });
  }
}

/** Each caller has its own: a stage writes its name into the error that it lets through. */
function copyOf(error: AppError): AppError {
  const { code, message, remedy, retryAfterMs } = error;
  return new AppError(code, message, { remedy, retryAfterMs, cause: error });
}

function unlessLate<T>(promise: Promise<T>, error: AppError, ms: number): Promise<T> {
  if (ms === Number.POSITIVE_INFINITY) return promise;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(copyOf(error)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
