/** Configuration → the embedder: device decided, model files found or to be downloaded, processes sized. */

import type { CatalogEmbedder } from "../config/catalog.js";
import type { Config } from "../config/load.js";
import type { Embedder } from "../core/ports.js";
import type { Fingerprint } from "../core/types.js";
import { createDownloadingEmbedder } from "../embed/downloading.js";
import { createBrokenEmbedder, createOnnxEmbedder } from "../embed/onnx.js";
import { createPseudoEmbedder } from "../embed/pseudo.js";
import { InferencePool } from "../inference/pool.js";
import type { Device } from "../inference/run.js";
import type { Metrics } from "../telemetry/metrics.js";
import { inferenceProcesses, modelLoad, onDevice, presentOrDownloading } from "./inference.js";
import { pinnedFile } from "./models.js";

const DEFAULT_BATCH = 64;

export function createEmbedder(config: Config, model: CatalogEmbedder | undefined, metrics: Metrics): Embedder {
  if (model === undefined) return createPseudoEmbedder();
  return onDevice(
    config,
    "EMBEDDING_DEVICE",
    (device, fallenBack) => {
      const create = () => createOnnx(config, model, device, metrics, fallenBack);
      return presentOrDownloading(config, model, device, create, (pull) =>
        createDownloadingEmbedder({
          fingerprint: fingerprintOf(model, device),
          revision: model.revision,
          device,
          tokens: model.tokenProjection !== undefined,
          ...(fallenBack ? { degraded: "device_fallback" as const } : {}),
          pull,
          create,
        }),
      );
    },
    (device, why) => createBrokenEmbedder(model.id, device, why),
  );
}

function createOnnx(
  config: Config,
  model: CatalogEmbedder,
  device: Device,
  metrics: Metrics,
  fallenBack: boolean,
): Embedder {
  const { dimension, pooling, revision, canary, tokenProjection } = model;
  const pool = new InferencePool({
    load: {
      kind: "embedder",
      ...modelLoad(config, model, device),
      ...(canary === undefined ? {} : { canary: pinnedFile(config, model, canary) }),
      ...(tokenProjection === undefined ? {} : { tokenProjection: pinnedFile(config, model, tokenProjection) }),
      dimension,
      pooling,
    },
    processes: inferenceProcesses(config),
    batchSize: config.values.EMBEDDING_BATCH_SIZE ?? DEFAULT_BATCH,
    onBatch: (texts) => metrics.observe("embedding_batch_size", {}, texts),
    onRestart: () => metrics.add("inference_restarts_total", {}),
  });
  return createOnnxEmbedder({
    pool,
    revision,
    device,
    tokens: tokenProjection !== undefined,
    fingerprint: fingerprintOf(model, device),
    ...(fallenBack ? { degraded: "device_fallback" as const } : {}),
    onCacheHit: () => metrics.add("cache_hits_total", { cache: "query_vector" }),
  });
}

function fingerprintOf(model: CatalogEmbedder, device: Device): Fingerprint {
  const { id, dimension, pooling, queryPrefix, passagePrefix, maxTokens, weights } = model;
  const { sha256 } = weights[device];
  return { model: id, sha256, dimension, pooling, queryPrefix, passagePrefix, maxTokens, normalized: true };
}
