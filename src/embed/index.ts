/** Choice of a profile → embedder. Nothing is loaded before its first use. */
import { AppError } from "../core/errors.js";
import type { Embedder } from "../core/ports.js";
import type { Device, EmbedderChoice } from "../core/profile.js";
import type { Fingerprint } from "../core/types.js";
import { InferencePool } from "../inference/pool.js";
import { type InferenceSettings, processesOf } from "../inference/processes.js";
import type { CatalogEmbedder } from "../models/catalog.js";
import { handleOf } from "../models/catalog-handle.js";
import type { ModelFiles } from "../models/model-files.js";
import { createOnnxEmbedder } from "./onnx.js";
import { createPseudoEmbedder } from "./pseudo.js";

const DEFAULT_BATCH = 64;

export interface EmbedderOptions {
  /** The catalogue's, and those of the user's own. */
  readonly models: readonly CatalogEmbedder[];
  readonly files: ModelFiles;
  readonly inference: InferenceSettings;
  /** Each job that embeds. */
  readonly onBatch?: (texts: number) => void;
  /** An inference process that ended is replaced. */
  readonly onRestart?: () => void;
  /** A call in which query vectors were remembered. */
  readonly onCacheHit?: () => void;
}

/** @throws AppError `config` for a model that is not among `models` */
export function createEmbedder(choice: EmbedderChoice, options: EmbedderOptions): Embedder {
  if (choice.kind === "pseudo") return createPseudoEmbedder();
  const { models, files, inference, onBatch, onRestart, onCacheHit } = options;
  const model = models.find(({ id, folder }) => (folder ?? id) === choice.model);
  if (model === undefined) {
    throw new AppError("config", `There is no embedding model ${choice.model}.`, {
      remedy: "Name a model of the catalogue, or a folder with an aura-model.json.",
    });
  }
  const handle = handleOf(model, {
    kind: "embedder",
    files,
    wish: { device: choice.device, fallback: inference.deviceFallback },
    start: async (load, call) => {
      const pinned = (file: CatalogEmbedder["canary"]) => file && files.pinned(call, model, file);
      return new InferencePool({
        load: {
          kind: "embedder",
          ...load,
          canary: await pinned(model.canary),
          tokenProjection: await pinned(model.tokenProjection),
          dimension: model.dimension,
          pooling: model.pooling,
        },
        processes: processesOf(inference),
        batchSize: inference.batchSize ?? DEFAULT_BATCH,
        onBatch,
        onRestart,
      });
    },
  });
  return createOnnxEmbedder({
    handle,
    fingerprint: fingerprintOf(model, handle.device),
    tokens: model.tokenProjection !== undefined,
    onCacheHit,
  });
}

function fingerprintOf(model: CatalogEmbedder, device: Device): Fingerprint {
  const { id, dimension, pooling, queryPrefix, passagePrefix, maxTokens, weights } = model;
  const { sha256 } = weights[device];
  return { model: id, sha256, dimension, pooling, queryPrefix, passagePrefix, maxTokens, normalized: true };
}
