/** Files of the catalogue's models on this machine: found, pinned, downloaded, verified and removed. */
import { join } from "node:path";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { Device } from "../core/profile.js";
import type { ModelLoad, PinnedFile } from "../inference/protocol.js";
import { type Catalog, type CatalogFile, type CatalogModel, filesOf, pullCommand } from "./catalog.js";
import { sha256Of } from "./checksum.js";
import { mainRevision, removeFile } from "./hub-cache.js";
import { locateModelFile, type ModelPlaces } from "./locate.js";
import { FirstUsePins } from "./pins.js";

export interface ModelFilesOptions {
  readonly packageRoot: string;
  readonly dataFolder: string;
  readonly downloads: {
    /** `.../hub`, the folder with `models--org--name`. */
    readonly hubCache: string;
    readonly offline: boolean;
    /** A model that is not here is downloaded in the background; no use to a process that ends after one call. */
    readonly onUse: boolean;
    readonly endpoint?: string | undefined;
    readonly token?: string | undefined;
    readonly httpsProxy?: string | undefined;
  };
}

export interface PullProgress {
  /** Bytes of all files. */
  readonly onProgress?: (done: number, total: number) => void;
  /** A file that the catalogue does not pin was seen for the first time. */
  readonly onFirstPin?: (file: string, sha256: string) => void;
}

export interface FileCheck {
  readonly file: string;
  readonly expected: string;
  readonly found: string;
}

export interface ModelDescription {
  readonly id: string;
  readonly kind: "embedder" | "cross-encoder";
  readonly here: boolean;
  readonly bundled: boolean;
  /** undefined where the catalogue does not know the size of the weights. */
  readonly bytes: number | undefined;
  readonly licence: string;
}

export class ModelFiles {
  readonly #downloads: ModelFilesOptions["downloads"];
  readonly #places: ModelPlaces;
  readonly #pins: FirstUsePins;

  constructor({ packageRoot, dataFolder, downloads }: ModelFilesOptions) {
    this.#downloads = downloads;
    this.#places = { packageRoot, dataFolder, hubCache: downloads.hubCache };
    this.#pins = new FirstUsePins(join(dataFolder, "models", "pins.json"));
  }

  /** Whether downloads are switched off. */
  get offline(): boolean {
    return this.#downloads.offline;
  }

  /** Those of the model's files that are not on this machine. */
  missing(model: CatalogModel, device: Device): readonly CatalogFile[] {
    return filesOf(model, device).filter(({ file }) => this.#locate(model, file) === undefined);
  }

  /** Why a model that is used is not downloaded by this process, if so. */
  downloadRefusal(model: CatalogModel, absent: readonly CatalogFile[]): AppError | undefined {
    if (this.offline) return missingOffline(model, absent);
    if (this.#downloads.onUse) return undefined;
    return new AppError("model_missing", `${model.id} is not on this machine.`, {
      remedy: `Run ${pullCommand(model.id)}; only the server downloads by itself.`,
    });
  }

  /** Downloads what is missing. @throws AppError `model_missing`, `model_failed` for a wrong checksum, `cancelled` */
  async pull(call: Call, model: CatalogModel, device: Device, progress: PullProgress = {}): Promise<void> {
    const { hubCache: cache, endpoint, token, httpsProxy } = this.#downloads;
    if (this.offline) {
      throw new AppError("model_missing", "Downloads are switched off by HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE.", {
        remedy: `Unset it and run ${pullCommand(model.id)} again.`,
      });
    }
    // Loaded only now: no download, no HTTP client.
    const [{ createHub }, { pullModel }] = await Promise.all([import("./hub.js"), import("./pull.js")]);
    const hub = createHub({ endpoint, token, httpsProxy });
    try {
      await pullModel(call, model, this.missing(model, device), { ...progress, hub, cache, pins: this.#pins });
    } finally {
      await hub.client.close();
    }
  }

  /** What an inference process is started with. @throws AppError `model_missing`, `config` */
  async load(call: Call, model: CatalogModel, device: Device): Promise<ModelLoad> {
    return {
      weights: await this.pinned(call, model, model.weights[device]),
      tokenizer: await this.pinned(call, model, model.tokenizer),
      tokenizerConfig: await this.pinned(call, model, model.tokenizerConfig),
      device,
      maxTokens: model.maxTokens,
    };
  }

  /** A file with the checksum it must have; an unknown one is pinned by this. @throws AppError `model_missing`, `config` */
  async pinned(call: Call, model: CatalogModel, { file, sha256 }: CatalogFile): Promise<PinnedFile> {
    const path = this.#locate(model, file);
    if (path === undefined) throw missingHere(model, [{ file }]);
    const remedy =
      "folder" in model
        ? `If it was changed on purpose: a new sha256 in aura-model.json, or its line out of ${this.#pins.path}; then reindex in full.`
        : `Remove ${path}, which is damaged or another version, then run ${pullCommand(model.id)}.`;
    const known = sha256 ?? this.#pins.get(model.id, file);
    if (known !== undefined) return { path, sha256: known, remedy };
    const seen = await sha256Of(call, path);
    this.#pins.set(model.id, file, seen);
    return { path, sha256: seen, remedy };
  }

  /** Where the model's files are. @throws AppError `model_missing` */
  paths(model: CatalogModel, device: Device): readonly string[] {
    const absent = this.missing(model, device);
    if (absent.length > 0) throw missingHere(model, absent);
    return filesOf(model, device).map(({ file }) => this.#locate(model, file) as string);
  }

  /** Each file's checksum against the one it must have. @throws AppError `model_missing` */
  async verify(call: Call, model: CatalogModel, device: Device): Promise<readonly FileCheck[]> {
    const absent = this.missing(model, device);
    if (absent.length > 0) throw missingHere(model, absent);
    const checks: FileCheck[] = [];
    for (const file of filesOf(model, device)) {
      const { path, sha256 } = await this.pinned(call, model, file);
      checks.push({ file: file.file, expected: sha256, found: await sha256Of(call, path) });
    }
    return checks;
  }

  describe({ embedders, crossEncoders }: Catalog): readonly ModelDescription[] {
    const describe = (kind: ModelDescription["kind"]) => (model: CatalogModel) => {
      const sizes = filesOf(model, "cpu").map(({ bytes }) => bytes ?? 0);
      return {
        id: model.id,
        kind,
        here: this.missing(model, "cpu").length === 0,
        bundled: "bundled" in model && model.bundled !== undefined,
        // The tokenizer is small: the weights' size stands for all where only it is known.
        bytes: model.weights.cpu.bytes && sizes.reduce((sum, bytes) => sum + bytes, 0),
        licence: model.licence,
      };
    };
    return [...embedders.map(describe("embedder")), ...crossEncoders.map(describe("cross-encoder"))];
  }

  /** @returns how many files were removed. @throws AppError `bad_request` for a model that came with the package */
  async remove(model: CatalogModel): Promise<number> {
    const { hubCache } = this.#places;
    const revision = model.revision ?? mainRevision(hubCache, model.id);
    const devices: readonly Device[] = ["cpu", "cuda"];
    const files = new Set(devices.flatMap((device) => filesOf(model, device)).map(({ file }) => file));
    let removed = 0;
    for (const file of files) {
      if (revision !== undefined && (await removeFile(hubCache, model.id, revision, file))) removed++;
    }
    if (removed === 0 && "bundled" in model && model.bundled !== undefined) {
      throw new AppError("bad_request", `${model.id} came with the package and cannot be removed alone.`, {
        remedy: "Only downloaded models can be removed.",
      });
    }
    return removed;
  }

  #locate(model: CatalogModel, file: string): string | undefined {
    return locateModelFile(model, file, this.#places);
  }
}

function missingHere(model: CatalogModel, absent: readonly CatalogFile[]): AppError {
  return missing(model, absent, `Run ${pullCommand(model.id)}.`);
}

function missingOffline(model: CatalogModel, absent: readonly CatalogFile[]): AppError {
  const command = pullCommand(model.id);
  const remedy = `Downloads are switched off (HF_HUB_OFFLINE or TRANSFORMERS_OFFLINE). Run ${command} where they are allowed.`;
  return missing(model, absent, remedy);
}

function missing(model: CatalogModel, absent: readonly CatalogFile[], remedy: string): AppError {
  const names = absent.map(({ file }) => file).join(", ");
  return new AppError("model_missing", `${model.id} is not on this machine (${names}).`, { remedy });
}
