/** An embedder whose model is not on this machine yet: its first use starts the download, later ones say how far it is. */
import { AppError, toAppError } from "../core/errors.js";
import type { Embedder } from "../core/ports.js";
import type { Fingerprint } from "../core/types.js";

/** A download that failed is not tried again before this has passed. */
const PAUSE_AFTER_FAILURE_MS = 60_000;
const ASK_AGAIN_MS = 5_000;

export interface DownloadingEmbedderOptions {
  readonly fingerprint: Fingerprint;
  readonly device: string;
  readonly revision?: string | undefined;
  /** Resolves when all files are there. @throws AppError */
  readonly pull: (onProgress: (done: number, total: number) => void, signal: AbortSignal) => Promise<void>;
  /** The real one, once the files are there. */
  readonly create: () => Embedder;
  readonly now?: () => number;
}

type State =
  | { readonly kind: "idle" }
  | { readonly kind: "downloading"; readonly percent: number }
  | { readonly kind: "failed"; readonly error: AppError; readonly at: number }
  | { readonly kind: "ready"; readonly embedder: Embedder };

export function createDownloadingEmbedder(options: DownloadingEmbedderOptions): Embedder {
  const { fingerprint, device, revision, now = Date.now } = options;
  const abort = new AbortController();
  let state: State = { kind: "idle" };
  let pulling: Promise<void> | undefined;

  async function download(): Promise<void> {
    state = { kind: "downloading", percent: 0 };
    try {
      const report = (done: number, total: number) => {
        state = { kind: "downloading", percent: total === 0 ? 0 : Math.floor((100 * done) / total) };
      };
      await options.pull(report, abort.signal);
      state = { kind: "ready", embedder: options.create() };
    } catch (thrown) {
      state = { kind: "failed", error: toAppError(thrown), at: now() };
    }
  }

  /** @throws AppError `model_missing` until the model is there */
  function ready(): Embedder {
    if (state.kind === "ready") return state.embedder;
    const rested = state.kind === "failed" && now() - state.at >= PAUSE_AFTER_FAILURE_MS;
    if (state.kind === "idle" || rested) pulling = download();
    if (state.kind === "failed") {
      const wait = state.at + PAUSE_AFTER_FAILURE_MS - now();
      throw new AppError(state.error.code, state.error.message, {
        remedy: `${state.error.remedy} The next try is made in ${Math.ceil(wait / 1000)} s; or run ${command()}.`,
        retryAfterMs: wait,
      });
    }
    throw new AppError("model_missing", `${fingerprint.model} is being downloaded: ${percent()} %.`, {
      remedy: `Call again in a few seconds; health shows the progress. To download it beforehand: ${command()}.`,
      retryAfterMs: ASK_AGAIN_MS,
    });
  }

  const percent = () => (state.kind === "downloading" ? state.percent : 0);
  const command = () => `\`aura-retrieval models pull ${fingerprint.model}\``;

  return {
    maxTokens: fingerprint.maxTokens,
    fingerprint: async () => fingerprint,
    embed: async (texts, role, signal) => ready().embed(texts, role, signal),
    countTokens: async (texts, signal) => ready().countTokens(texts, signal),
    warmUp: async () => ready().warmUp(),
    status() {
      if (state.kind === "ready") return state.embedder.status();
      const known = { model: fingerprint.model, device, ...(revision === undefined ? {} : { revision }) };
      if (state.kind === "failed") {
        return { ...known, state: "failed", error: state.error.message, remedy: state.error.remedy };
      }
      return state.kind === "idle"
        ? { ...known, state: "idle" }
        : { ...known, state: "downloading", downloadPercent: state.percent };
    },
    async close() {
      abort.abort();
      await pulling;
      if (state.kind === "ready") await state.embedder.close();
    },
  };
}
