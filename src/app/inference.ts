/** Configuration → what every model's inference processes are started with. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import type { CatalogModel } from "../config/catalog.js";
import type { Config } from "../config/load.js";
import { AppError } from "../core/errors.js";
import type { Pull } from "../inference/first-use.js";
import type { ModelLoad } from "../inference/protocol.js";
import type { Device } from "../inference/run.js";
import { isOffline, missing, missingFiles, pinnedFile, pull } from "./models.js";

/** More processes than this bring memory, not speed, to one server. */
const MAX_AUTO_PROCESSES = 4;

/** For each model. */
export function inferenceProcesses({ values }: Config): number {
  return values.EMBEDDING_THREADS ?? Math.min(availableParallelism(), MAX_AUTO_PROCESSES);
}

/** @throws AppError `model_missing` */
export function modelLoad(config: Config, model: CatalogModel, device: Device): ModelLoad {
  return {
    weights: pinnedFile(config, model, model.weights[device]),
    tokenizer: pinnedFile(config, model, model.tokenizer),
    tokenizerConfig: pinnedFile(config, model, model.tokenizerConfig),
    device,
    maxTokens: model.maxTokens,
  };
}

/**
 * A part made for the device that is wanted; with DEVICE_FALLBACK for the CPU where CUDA cannot be had. Where that fails
 * too, `broken`, which says why when it is used: the server still starts.
 */
export function onDevice<Part>(
  config: Config,
  setting: "EMBEDDING_DEVICE" | "RERANK_DEVICE",
  create: (device: Device, fallenBack: boolean) => Part,
  broken: (device: Device, why: AppError) => Part,
): Part {
  const wanted = config.values[setting];
  try {
    if (wanted === "cuda") assertCudaProvider(setting);
    return create(wanted, false);
  } catch (error) {
    const why = expected(error);
    if (wanted === "cpu" || !config.values.DEVICE_FALLBACK) return broken(wanted, why);
  }
  try {
    return create("cpu", true);
  } catch (error) {
    return broken("cpu", expected(error));
  }
}

function expected(error: unknown): AppError {
  if (error instanceof AppError) return error;
  throw error;
}

/** With the files that are here, or with a download on first use where this process stays. @throws AppError `model_missing` when offline */
export function presentOrDownloading<Part>(
  config: Config,
  model: CatalogModel,
  device: Device,
  create: () => Part,
  downloading: (pull: Pull | undefined) => Part,
): Part {
  const absent = missingFiles(config, model, device).map(({ file }) => file);
  if (absent.length === 0) return create();
  if (isOffline(config)) throw missing(model, absent);
  if (!config.downloadsOnUse) return downloading(undefined);
  return downloading((onProgress, signal) => pull(config, model, device, { onProgress, signal }));
}

/** The npm package has no CUDA provider inside; its own install script fetches it where scripts are allowed. */
function assertCudaProvider(setting: string): void {
  const folder = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  const provider = join(folder, "bin", "napi-v6", process.platform, process.arch, "libonnxruntime_providers_cuda.so");
  if (existsSync(provider)) return;
  throw new AppError("config", `${setting}=cuda, but onnxruntime's CUDA provider is not installed.`, {
    remedy: `Run \`node node_modules/onnxruntime-node/script/install.js\`, or set ${setting}=cpu, or DEVICE_FALLBACK=1.`,
  });
}
