/**
 * Configuration → the re-ranker: late interaction, or a cross-encoder with a smaller one in front of it where that is on
 * this machine too.
 */

import { type CatalogCrossEncoder, findModel } from "../config/catalog.js";
import { type Config, LATE_INTERACTION } from "../config/load.js";
import type { Embedder, Reranker } from "../core/ports.js";
import { InferencePool } from "../inference/pool.js";
import type { Device } from "../inference/run.js";
import { createCascade } from "../rerank/cascade.js";
import { createBrokenReranker, createCrossEncoder } from "../rerank/cross-encoder.js";
import { createDownloadingReranker } from "../rerank/downloading.js";
import { withFallback } from "../rerank/fallback.js";
import { canEmbedTokens, createLateInteraction } from "../rerank/late-interaction.js";
import type { Metrics } from "../telemetry/metrics.js";
import { inferenceProcesses, modelLoad, onDevice, presentOrDownloading } from "./inference.js";
import { missingFiles } from "./models.js";

/** The first stage of a cascade: about a tenth of the time of the others. */
const SMALL_MODEL = "ms-marco-TinyBERT-L-2-v2";
/**
 * Most passages in a job: one, so that processes share the work, and the time can end, between any two. A passage takes
 * the small model half a millisecond, less than a job costs: with two processes, 50 of them took 1.15 of bare inference
 * by fives, 1.05 by thirteens.
 */
export const JOB_SIZE = { small: 16, other: 1 };

/** undefined: re-ranking is off. Late interaction stands in for a cross-encoder where the embedder has what it needs. */
export function createReranker(config: Config, embedder: Embedder, metrics: Metrics): Reranker | undefined {
  const lateInteraction = canEmbedTokens(embedder) ? createLateInteraction(embedder) : undefined;
  if (config.reranker === undefined) return undefined;
  if (config.reranker === LATE_INTERACTION) return lateInteraction;
  const crossEncoder = createCrossEncoders(config, config.reranker, metrics);
  return lateInteraction === undefined ? crossEncoder : withFallback(crossEncoder, lateInteraction);
}

function createCrossEncoders(config: Config, model: CatalogCrossEncoder, metrics: Metrics): Reranker {
  const create = (chosen: CatalogCrossEncoder) =>
    onDevice(
      config,
      "RERANK_DEVICE",
      (device, fallenBack) => createOn(config, chosen, device, metrics, fallenBack),
      (device, why) => createBrokenReranker(chosen.id, device, why),
    );
  const large = create(model);
  const small = findModel(config.models.crossEncoders, SMALL_MODEL);
  const isHere = (each: CatalogCrossEncoder) => missingFiles(config, each, config.values.RERANK_DEVICE).length === 0;
  if (small === undefined || small === model || !isHere(small) || !isHere(model)) return large;
  return createCascade({ small: create(small), large });
}

function createOn(
  config: Config,
  model: CatalogCrossEncoder,
  device: Device,
  metrics: Metrics,
  fallenBack: boolean,
): Reranker {
  const { id, revision } = model;
  const create = () =>
    createCrossEncoder({
      model: id,
      revision,
      device,
      pool: new InferencePool({
        load: { kind: "cross-encoder", ...modelLoad(config, model, device) },
        processes: inferenceProcesses(config),
        batchSize: id.endsWith(SMALL_MODEL) ? JOB_SIZE.small : JOB_SIZE.other,
        depth: 2,
        loadAll: true,
        onRestart: () => metrics.add("inference_restarts_total", {}),
      }),
      ...(fallenBack ? { degraded: "device_fallback" as const } : {}),
      onCacheHit: () => metrics.add("cache_hits_total", { cache: "rerank_score" }),
    });
  return presentOrDownloading(config, model, device, create, (pull) =>
    createDownloadingReranker({ model: id, revision, device, pull, create }),
  );
}
