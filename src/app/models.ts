/** Configuration → where models lie, how they are verified, and how they come from the Hub. */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CatalogFile, CatalogModel } from "../config/catalog.js";
import { filesOf } from "../config/catalog.js";
import type { Config } from "../config/load.js";
import { AppError } from "../core/errors.js";
import type { PinnedFile } from "../inference/protocol.js";
import { locateModelFile } from "../models/locate.js";
import { FirstUsePins } from "../models/pins.js";

type Device = "cpu" | "cuda";

export function firstUsePins(config: Config): FirstUsePins {
  return new FirstUsePins(join(config.dataFolder, "models", "pins.json"));
}

export function pullCommand(model: CatalogModel): string {
  return `\`aura-retrieval models pull ${model.id}\``;
}

export function isOffline({ values }: Config): boolean {
  return values.HF_HUB_OFFLINE || values.TRANSFORMERS_OFFLINE;
}

export function missingFiles(config: Config, model: CatalogModel, device: Device): readonly CatalogFile[] {
  return filesOf(model, device).filter(({ file }) => locateModelFile(model, file, config) === undefined);
}

/** Downloads what is not here; `@throws AppError` as `pullModel` does. */
export async function pull(
  config: Config,
  model: CatalogModel,
  device: Device,
  options: {
    readonly signal: AbortSignal;
    readonly onProgress?: (done: number, total: number) => void;
    readonly onFirstPin?: (file: string, sha256: string) => void;
  },
): Promise<void> {
  if (isOffline(config)) {
    throw new AppError("model_missing", "Downloads are switched off by HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE.", {
      remedy: `Unset it and run ${pullCommand(model)} again.`,
    });
  }
  // Loaded only now: no download, no HTTP client.
  const [{ createHub }, { pullModel }] = await Promise.all([import("../models/hub.js"), import("../models/pull.js")]);
  const { HF_ENDPOINT: endpoint, HF_TOKEN: token, HTTPS_PROXY: httpsProxy } = config.values;
  const hub = createHub({ endpoint, token, httpsProxy });
  try {
    const missing = missingFiles(config, model, device);
    await pullModel(model, missing, { ...options, hub, cache: config.hubCache, pins: firstUsePins(config) });
  } finally {
    await hub.dispatcher.close();
  }
}

/** A file with the checksum it must have. @throws AppError `model_missing` */
export function pinnedFile(config: Config, model: CatalogModel, { file, sha256 }: CatalogFile): PinnedFile {
  const path = locateModelFile(model, file, config);
  if (path === undefined) throw missing(model, [file]);
  const pins = firstUsePins(config);
  const known = sha256 ?? pins.get(model.id, file);
  const remedy =
    "folder" in model
      ? `If it was changed on purpose: a new sha256 in aura-model.json, or its line out of ${pins.path}; then reindex in full.`
      : `Remove ${path}, which is damaged or another version, then run ${pullCommand(model)}.`;
  if (known !== undefined) return { path, sha256: known, remedy };
  const seen = createHash("sha256").update(readFileSync(path)).digest("hex");
  pins.set(model.id, file, seen);
  return { path, sha256: seen, remedy };
}

export function missing(model: CatalogModel, files: readonly string[]): AppError {
  return new AppError("model_missing", `${model.id} is not on this machine (${files.join(", ")}).`, {
    remedy: `Downloads are switched off (HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE). Run ${pullCommand(model)} where they are allowed.`,
  });
}

/** @throws AppError `model_missing` */
export function filesHere(config: Config, model: CatalogModel, device: Device) {
  const absent = missingFiles(config, model, device);
  if (absent.length > 0) {
    const names = absent.map(({ file }) => file).join(", ");
    throw new AppError("model_missing", `${model.id} is not on this machine (${names}).`, {
      remedy: `Run ${pullCommand(model)}.`,
    });
  }
  return filesOf(model, device).map((file) => ({ ...file, path: locateModelFile(model, file.file, config) as string }));
}

/** A file that was never pinned is pinned by this. @throws AppError `model_missing` */
export async function verifyModel(config: Config, model: CatalogModel, device: Device) {
  const { sha256Of } = await import("../models/download.js");
  const checks: { readonly file: string; readonly expected: string; readonly found: string }[] = [];
  for (const file of filesHere(config, model, device)) {
    const { path, sha256 } = pinnedFile(config, model, file);
    checks.push({ file: file.file, expected: sha256, found: await sha256Of(path) });
  }
  return checks;
}

export function describeModels(config: Config) {
  const describe = (kind: "embedder" | "cross-encoder") => (model: CatalogModel) => {
    const sizes = filesOf(model, "cpu").map(({ bytes }) => bytes);
    const weights = model.weights.cpu.bytes;
    return {
      id: model.id,
      kind,
      here: missingFiles(config, model, "cpu").length === 0,
      bundled: "bundled" in model && model.bundled !== undefined,
      // The tokenizer is small: the size of the weights says it where only they are known.
      ...(weights === undefined ? {} : { bytes: sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0) }),
      licence: model.licence,
    };
  };
  const { embedders, crossEncoders } = config.models;
  return [...embedders.map(describe("embedder")), ...crossEncoders.map(describe("cross-encoder"))];
}

/** @returns how many files were removed. @throws AppError `bad_request` for one that came with the package */
export async function removeModel(config: Config, model: CatalogModel): Promise<number> {
  const { mainRevision, removeFile } = await import("../models/hub-cache.js");
  const revision = model.revision ?? mainRevision(config.hubCache, model.id);
  const files = new Set((["cpu", "cuda"] as const).flatMap((device) => filesOf(model, device)).map(({ file }) => file));
  let removed = 0;
  for (const file of files) {
    if (revision !== undefined && (await removeFile(config.hubCache, model.id, revision, file))) removed++;
  }
  if (removed === 0 && "bundled" in model && model.bundled !== undefined) {
    throw new AppError("bad_request", `${model.id} came with the package and cannot be removed alone.`, {
      remedy: "Only downloaded models can be removed.",
    });
  }
  return removed;
}
