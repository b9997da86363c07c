/** Verified loading of model files in an inference process, with its errors. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { AppError } from "../core/errors.js";
import { collectGarbage } from "../process/collect-garbage.js";
import { DEVICE_SETTINGS, type LoadArgs, type ModelLoad, type PinnedFile } from "./protocol.js";
import { Tokenizer } from "./tokenizer.js";

/** @throws AppError `model_missing`, `model_failed` for a wrong checksum */
export async function readPinned(file: PinnedFile): Promise<Buffer> {
  const content = await readFile(file.path).catch((cause: unknown) => {
    throw new AppError("model_missing", `Model file ${file.path} cannot be read.`, { remedy: file.remedy, cause });
  });
  const sum = createHash("sha256").update(content).digest("hex");
  if (sum !== file.sha256) {
    const message = `Model file ${file.path} has sha256 ${sum}, expected ${file.sha256}; it was not loaded.`;
    throw new AppError("model_failed", message, { remedy: file.remedy });
  }
  return content;
}

/** @throws AppError `model_missing`, `model_failed` */
export async function loadTokenizer(load: ModelLoad): Promise<Tokenizer> {
  const [main, config] = await Promise.all([readPinned(load.tokenizer), readPinned(load.tokenizerConfig)]);
  return new Tokenizer(JSON.parse(main.toString("utf8")), JSON.parse(config.toString("utf8")), load.maxTokens);
}

/** @throws AppError `model_missing`, `model_failed` */
export async function loadWeights<T>(load: LoadArgs, open: (weights: Buffer) => Promise<T>): Promise<T> {
  const weights = await readPinned(load.weights);
  try {
    return await open(weights);
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("model_failed", `The model does not load on ${load.device}: ${reason(cause)}`, {
      remedy: loadRemedy(load),
      cause,
    });
  } finally {
    setImmediate(collectGarbage); // the file's bytes, which the runtime has copied
  }
}

export function runFailed(cause: unknown): never {
  throw new AppError("model_failed", `The model could not run: ${reason(cause)}`, {
    remedy: "Check the memory that is free (docs/runbook.md#model_failed), then call again.",
    cause,
  });
}

function reason(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).split("\n", 1)[0] as string;
}

function loadRemedy({ device, kind }: LoadArgs): string {
  const setting = DEVICE_SETTINGS[kind];
  return device === "cuda"
    ? `Check the driver and the CUDA provider (docs/runbook.md#model_failed), or set ${setting}=cpu or DEVICE_FALLBACK=1.`
    : "Free some memory and try again; `npm ci` restores a damaged installation.";
}
