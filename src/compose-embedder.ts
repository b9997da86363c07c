/** Configuration → the embedder: device decided, model files found or to be downloaded, processes sized. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { isOffline, missing, missingFiles, pinnedFile, pull } from "./compose-models.js";
import type { CatalogEmbedder } from "./config/catalog.js";
import type { Config } from "./config/load.js";
import { AppError } from "./core/errors.js";
import type { Embedder } from "./core/ports.js";
import type { Fingerprint } from "./core/types.js";
import { createDownloadingEmbedder } from "./embed/downloading.js";
import { createBrokenEmbedder, createOnnxEmbedder } from "./embed/onnx.js";
import { createPseudoEmbedder } from "./embed/pseudo.js";
import { InferencePool } from "./inference/pool.js";
import type { Device } from "./inference/run.js";
import type { Metrics } from "./telemetry/metrics.js";

/** More processes than this bring memory, not speed, to one server. */
const MAX_AUTO_PROCESSES = 4;
const DEFAULT_BATCH = 64;

export function createEmbedder(config: Config, model: CatalogEmbedder | undefined, metrics: Metrics): Embedder {
  if (model === undefined) return createPseudoEmbedder();
  const wanted = config.values.EMBEDDING_DEVICE;
  try {
    if (wanted === "cuda") assertCudaProvider();
    return createPresent(config, model, wanted, metrics, false);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (wanted === "cuda" && config.values.DEVICE_FALLBACK) return createPresent(config, model, "cpu", metrics, true);
    return createBrokenEmbedder(model.id, wanted, error);
  }
}

/** With the files that are here, or with a download on first use. @throws AppError `model_missing` when offline */
function createPresent(
  config: Config,
  model: CatalogEmbedder,
  device: Device,
  metrics: Metrics,
  fallenBack: boolean,
): Embedder {
  const create = () => createOnnx(config, model, device, metrics, fallenBack);
  const absent = missingFiles(config, model, device);
  if (absent.length === 0) return create();
  if (isOffline(config)) {
    throw missing(
      model,
      absent.map(({ file }) => file),
    );
  }
  return createDownloadingEmbedder({
    fingerprint: fingerprintOf(model, device),
    revision: model.revision,
    device,
    pull: (onProgress, signal) => pull(config, model, device, { onProgress, signal }),
    create,
  });
}

function createOnnx(
  config: Config,
  model: CatalogEmbedder,
  device: Device,
  metrics: Metrics,
  fallenBack: boolean,
): Embedder {
  const { dimension, maxTokens, pooling, revision, canary } = model;
  const pool = new InferencePool({
    load: {
      kind: "embedder",
      weights: pinnedFile(config, model, model.weights[device]),
      tokenizer: pinnedFile(config, model, model.tokenizer),
      tokenizerConfig: pinnedFile(config, model, model.tokenizerConfig),
      ...(canary === undefined ? {} : { canary: pinnedFile(config, model, canary) }),
      device,
      dimension,
      maxTokens,
      pooling,
    },
    processes: config.values.EMBEDDING_THREADS ?? Math.min(availableParallelism(), MAX_AUTO_PROCESSES),
    batchSize: config.values.EMBEDDING_BATCH_SIZE ?? DEFAULT_BATCH,
    onBatch: (texts) => metrics.observe("embedding_batch_size", {}, texts),
    onRestart: () => metrics.add("inference_restarts_total", {}),
  });
  return createOnnxEmbedder({
    pool,
    ...(revision === undefined ? {} : { revision }),
    device,
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

/** The npm package has no CUDA provider inside; its own install script fetches it where scripts are allowed. */
function assertCudaProvider(): void {
  const folder = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const provider = join(folder, "bin", "napi-v6", process.platform, process.arch, "libonnxruntime_providers_cuda.so");
  if (existsSync(provider)) return;
  throw new AppError("config", "EMBEDDING_DEVICE=cuda, but onnxruntime's CUDA provider is not installed.", {
    remedy:
      "Run `node node_modules/onnxruntime-node/script/install.js`, or set EMBEDDING_DEVICE=cpu, or DEVICE_FALLBACK=1.",
  });
}
