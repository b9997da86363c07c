/** The bundled model as parts, and the processes that run it. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Embedder } from "#src/core/ports.js";
import { createOnnxEmbedder } from "#src/embed/onnx.js";
import { InferencePool } from "#src/inference/pool.js";
import type { LoadArgs, PinnedFile } from "#src/inference/protocol.js";
import { findModel, readCatalog } from "#src/models/catalog.js";
import { handleOver } from "../models/handles.js";

export const MODEL_FOLDER = resolve("models/all-MiniLM-L6-v2");
const model = findModel(readCatalog(resolve(".")).embedders, "all-MiniLM-L6-v2");
if (model === undefined) throw new Error("the bundled model is not in models.json");
const MODEL = model;
type Pin = { readonly file: string; readonly sha256?: string | undefined };

export function loadArgs(folder = MODEL_FOLDER): LoadArgs {
  const pin = ({ file, sha256 }: Pin): PinnedFile => {
    if (sha256 === undefined) throw new Error(`${file} is not pinned`);
    return { path: join(folder, file), sha256, remedy: `Restore ${file}.` };
  };
  return {
    kind: "embedder",
    weights: pin(MODEL.weights.cpu),
    tokenizer: pin(MODEL.tokenizer),
    tokenizerConfig: pin(MODEL.tokenizerConfig),
    canary: pin(MODEL.canary as Pin),
    tokenProjection: pin(MODEL.tokenProjection as Pin),
    device: "cpu",
    dimension: MODEL.dimension,
    maxTokens: MODEL.maxTokens,
    pooling: MODEL.pooling,
  };
}

export interface Harness {
  readonly pool: InferencePool;
  readonly embedder: Embedder;
  readonly batches: number[];
  readonly events: { restarts: number; cacheHits: number };
}

export function harness(options: { processes?: number; batchSize?: number; load?: LoadArgs } = {}): Harness {
  const batches: number[] = [];
  const events = { restarts: 0, cacheHits: 0 };
  const pool = new InferencePool({
    load: options.load ?? loadArgs(),
    processes: options.processes ?? 1,
    batchSize: options.batchSize ?? 64,
    onBatch: (texts) => batches.push(texts),
    onRestart: () => events.restarts++,
  });
  const embedder = createOnnxEmbedder({
    handle: handleOver(pool, { model: MODEL }),
    tokens: true,
    fingerprint: {
      model: MODEL.id,
      sha256: MODEL.weights.cpu.sha256,
      dimension: MODEL.dimension,
      pooling: MODEL.pooling,
      queryPrefix: MODEL.queryPrefix,
      passagePrefix: MODEL.passagePrefix,
      maxTokens: MODEL.maxTokens,
      normalized: true,
    },
    onCacheHit: () => events.cacheHits++,
  });
  return { pool, embedder, batches, events };
}

/** Inference processes that this process started, told apart by their entry and the weights they were given. */
export function inferenceChildren(weights: string, entry = "embedder-worker.js"): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
        const parent = Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
        return parent === process.pid && command.includes(`inference/${entry}`) && command.includes(weights);
      } catch {
        return false; // ended meanwhile
      }
    });
}

/** Resident memory of a process in bytes, its highest so far. */
export function peakMemory(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1]) * 1024;
}

export function sha256(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
