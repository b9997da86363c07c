/** Configuration → the embedder: model files located, device decided, processes sized. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import type { CatalogEmbedder } from "./config/catalog.js";
import type { Config } from "./config/load.js";
import { AppError } from "./core/errors.js";
import type { Embedder } from "./core/ports.js";
import { createBrokenEmbedder, createOnnxEmbedder } from "./embed/onnx.js";
import { createPseudoEmbedder } from "./embed/pseudo.js";
import { InferencePool } from "./inference/pool.js";
import type { PinnedFile } from "./inference/protocol.js";
import type { Device } from "./inference/session.js";
import { locateModelFile } from "./models/locate.js";
import type { Metrics } from "./telemetry/metrics.js";

/** More processes than this bring memory, not speed, to one server. */
const MAX_AUTO_PROCESSES = 4;
const DEFAULT_BATCH = 64;

export function createEmbedder(config: Config, model: CatalogEmbedder | undefined, metrics: Metrics): Embedder {
  if (model === undefined) return createPseudoEmbedder();
  const wanted = config.values.EMBEDDING_DEVICE;
  try {
    return createOnnx(config, model, wanted, metrics, false);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (wanted === "cuda" && config.values.DEVICE_FALLBACK) return createOnnx(config, model, "cpu", metrics, true);
    return createBrokenEmbedder(model.id, wanted, error);
  }
}

function createOnnx(
  config: Config,
  model: CatalogEmbedder,
  device: Device,
  metrics: Metrics,
  fallenBack: boolean,
): Embedder {
  if (device === "cuda") assertCudaProvider();
  const { dimension, maxTokens, pooling, queryPrefix, passagePrefix, revision } = model;
  const weights = model.weights[device];
  const locate = (file: { file: string; sha256: string }) => pinnedFile(config, model, file);
  const pool = new InferencePool({
    load: {
      weights: locate(weights),
      tokenizer: locate(model.tokenizer),
      tokenizerConfig: locate(model.tokenizerConfig),
      canary: locate(model.canary),
      device,
      dimension,
      maxTokens,
    },
    processes: config.values.EMBEDDING_THREADS ?? Math.min(availableParallelism(), MAX_AUTO_PROCESSES),
    batchSize: config.values.EMBEDDING_BATCH_SIZE ?? DEFAULT_BATCH,
    onRestart: () => metrics.add("inference_restarts_total", {}),
  });
  return createOnnxEmbedder({
    pool,
    revision,
    device,
    fingerprint: {
      model: model.id,
      sha256: weights.sha256,
      dimension,
      pooling,
      queryPrefix,
      passagePrefix,
      maxTokens,
      normalized: true,
    },
    ...(fallenBack ? { degraded: "device_fallback" as const } : {}),
    onCacheHit: () => metrics.add("cache_hits_total", { cache: "query_vector" }),
  });
}

/** @throws AppError `model_missing` */
function pinnedFile(
  config: Config,
  model: CatalogEmbedder,
  { file, sha256 }: { file: string; sha256: string },
): PinnedFile {
  const folder = join(config.dataFolder, "models", ...model.id.split("/"));
  const remedy = `Put ${file} of ${model.id} at revision ${model.revision} (sha256 ${sha256}) into ${folder}`;
  const path = locateModelFile(model, file, config);
  if (path !== undefined)
    return { path, sha256, remedy: `${remedy}; the one at ${path} is damaged or another version.` };
  throw new AppError("model_missing", `Model file ${file} of ${model.id} is not on this machine.`, {
    remedy: `${remedy}, or set EMBEDDING_DEVICE=cpu.`,
  });
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
