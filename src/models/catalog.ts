/** Catalogue of the models this version knows (`models.json`); a file without a checksum is pinned on first use. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Device } from "../core/profile.js";

export interface CatalogFile {
  readonly file: string;
  /** Absent: pinned on first use. */
  readonly sha256?: string;
  readonly bytes?: number;
}
type CheckedFile = CatalogFile & { readonly sha256: string };

interface AnyModel {
  readonly id: string;
  readonly licence: string;
  /** Commit on the Hub; absent: the one that `main` is at on first use. */
  readonly revision?: string | undefined;
  readonly maxTokens: number;
  readonly tokenizer: CatalogFile;
  readonly tokenizerConfig: CatalogFile;
}

export interface CatalogEmbedder extends AnyModel {
  readonly dimension: number;
  readonly pooling: "mean" | "cls";
  readonly queryPrefix: string;
  readonly passagePrefix: string;
  /** Folder of the copy that comes with the package, relative to it. */
  readonly bundled?: string;
  /** Their checksum is part of every collection's fingerprint. */
  readonly weights: { readonly cpu: CheckedFile; readonly cuda: CheckedFile };
  /** A sentence and its vector; only for a model that is bundled. */
  readonly canary?: CheckedFile;
  /** What makes token vectors short (tools/token-projection); only for a model that is bundled. */
  readonly tokenProjection?: CheckedFile;
  /** Of a user's own model: it is nowhere else. */
  readonly folder?: string;
}

export interface CatalogCrossEncoder extends AnyModel {
  /** Other spellings of its name, without the organisation. */
  readonly aliases: readonly string[];
  readonly weights: { readonly cpu: CatalogFile; readonly cuda: CatalogFile };
}

export type CatalogModel = CatalogEmbedder | CatalogCrossEncoder;

export interface Catalog {
  readonly embedders: readonly CatalogEmbedder[];
  readonly crossEncoders: readonly CatalogCrossEncoder[];
}

/** Ours, and no setting: a test checks it, so that no start has to. */
export function readCatalog(packageRoot: string): Catalog {
  const { embedders, crossEncoders } = JSON.parse(readFileSync(join(packageRoot, "models.json"), "utf8")) as {
    embedders: Record<string, Omit<CatalogEmbedder, "id">>;
    crossEncoders: Record<string, Omit<CatalogCrossEncoder, "id">>;
  };
  const withId = <M>(models: Record<string, M>) => Object.entries(models).map(([id, model]) => ({ id, ...model }));
  return { embedders: withId(embedders), crossEncoders: withId(crossEncoders) };
}

/** An entry by its id or an alias, with or without the organisation. */
export function findModel<M extends CatalogModel>(models: readonly M[], name: string): M | undefined {
  return models.find((model) => {
    const [organisation, own] = model.id.split("/") as [string, string];
    const names = [own, ...("aliases" in model ? model.aliases : [])];
    return names.some((each) => name === each || name === `${organisation}/${each}`);
  });
}

/** What has to be there to run the model. */
export function filesOf(model: CatalogModel, device: Device): readonly CatalogFile[] {
  return [model.weights[device], model.tokenizer, model.tokenizerConfig];
}

/** The command that downloads a model, as messages name it. */
export function pullCommand(id: string): string {
  return `\`aura-retrieval models pull ${id}\``;
}
