/**
 * Choice of a profile → reranker: late interaction, or a cross-encoder with a smaller one in front of it where that is on
 * this machine too, and late interaction behind it where the embedder has token vectors.
 */
import { AppError } from "../core/errors.js";
import type { Embedder, Reranker } from "../core/ports.js";
import type { Device, RerankerChoice } from "../core/profile.js";
import { InferencePool } from "../inference/pool.js";
import { type InferenceSettings, processesOf } from "../inference/processes.js";
import { type CatalogCrossEncoder, findModel } from "../models/catalog.js";
import { handleOf } from "../models/catalog-handle.js";
import type { ModelFiles } from "../models/model-files.js";
import { createCascade } from "./cascade.js";
import { createCrossEncoder } from "./cross-encoder.js";
import { withFallback } from "./fallback.js";
import { canEmbedTokens, createLateInteraction } from "./late-interaction.js";

/** The first stage of a cascade: about a tenth of the time of the others. */
const SMALL_MODEL = "ms-marco-TinyBERT-L-2-v2";
/**
 * Most passages in a job: one, so that processes share the work, and the time can end, between any two. A passage takes
 * the small model half a millisecond, less than a job costs: with two processes, 50 of them took 1.15 of bare inference
 * by fives, 1.05 by thirteens.
 */
export const JOB_SIZE = { small: 16, other: 1 };
const RELOAD_PAUSE_MS = 1_000;

export interface RerankerOptions {
  /** Of the same profile. Stays the caller's to close. */
  readonly embedder: Embedder;
  readonly models: readonly CatalogCrossEncoder[];
  readonly files: ModelFiles;
  readonly inference: InferenceSettings;
  /** An inference process that ended is replaced. */
  readonly onRestart?: () => void;
  /** A call in which scores were remembered. */
  readonly onCacheHit?: () => void;
}

/** @throws AppError `config` for a model that is not among `models`, or for late interaction without token vectors */
export function createReranker(choice: RerankerChoice, options: RerankerOptions): Reranker {
  const { embedder } = options;
  const lateInteraction = canEmbedTokens(embedder) ? createLateInteraction(embedder) : undefined;
  if (choice.kind === "cross-encoder") {
    const crossEncoder = createCrossEncoders(choice, options);
    return lateInteraction === undefined ? crossEncoder : withFallback(crossEncoder, lateInteraction);
  }
  if (lateInteraction !== undefined) return lateInteraction;
  throw new AppError("config", "The embedding model has no token vectors, which late interaction compares.", {
    remedy: "Choose another embedding model, or a cross-encoder.",
  });
}

function createCrossEncoders(choice: Extract<RerankerChoice, { kind: "cross-encoder" }>, options: RerankerOptions) {
  const { models, files } = options;
  const model = models.find(({ id }) => id === choice.model);
  if (model === undefined) {
    throw new AppError("config", `There is no reranking model ${choice.model}.`, {
      remedy: "Name a cross-encoder of the catalogue.",
    });
  }
  const large = createOne(model, choice.device, options);
  const small = findModel(models, SMALL_MODEL);
  const isHere = (each: CatalogCrossEncoder) => files.missing(each, choice.device).length === 0;
  if (small === undefined || small === model || !isHere(small) || !isHere(model)) return large;
  return createCascade({ small: createOne(small, choice.device, options), large });
}

function createOne(model: CatalogCrossEncoder, device: Device, options: RerankerOptions): Reranker {
  const { files, inference, onRestart, onCacheHit } = options;
  const handle = handleOf(model, {
    kind: "cross-encoder",
    files,
    wish: { device, fallback: inference.deviceFallback },
    start: (load) =>
      new InferencePool({
        load: { kind: "cross-encoder", ...load },
        processes: processesOf(inference),
        batchSize: model.id.endsWith(SMALL_MODEL) ? JOB_SIZE.small : JOB_SIZE.other,
        depth: 2,
        loadAll: true,
        onRestart,
      }),
    reloadPauseMs: RELOAD_PAUSE_MS,
  });
  return createCrossEncoder({ handle, onCacheHit });
}
