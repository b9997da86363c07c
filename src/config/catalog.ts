/** `models.json`: the models this version knows, each file pinned by checksum, or on first use where that is not known. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const file = z.strictObject({
  file: z.string(),
  /** Absent: pinned on first use. */
  sha256: z.string().length(64).optional(),
  bytes: z.number().int().positive().optional(),
});
const checked = file.required({ sha256: true });

const common = {
  licence: z.string(),
  /** Commit on the Hub; absent: the one that `main` is at on first use. */
  revision: z.string().optional(),
  maxTokens: z.number().int().positive(),
  tokenizer: file,
  tokenizerConfig: file,
};
const embedder = z.strictObject({
  ...common,
  dimension: z.number().int().positive(),
  pooling: z.enum(["mean", "cls"]),
  queryPrefix: z.string(),
  passagePrefix: z.string(),
  /** Folder of the copy that comes with the package, relative to it. */
  bundled: z.string().optional(),
  /** Their checksum is part of every collection's fingerprint. */
  weights: z.strictObject({ cpu: checked, cuda: checked }),
  /** A sentence and its vector; only for a model that is bundled. */
  canary: checked.optional(),
});
const crossEncoder = z.strictObject({
  ...common,
  /** Other spellings of its name, without the organisation. */
  aliases: z.array(z.string()),
  weights: z.strictObject({ cpu: file, cuda: file }),
});
const catalog = z.strictObject({
  embedders: z.record(z.string(), embedder),
  crossEncoders: z.record(z.string(), crossEncoder),
});

export type CatalogFile = z.output<typeof file>;
export type CatalogEmbedder = z.output<typeof embedder> & {
  readonly id: string;
  /** Of a user's own model: it is nowhere else. */
  readonly folder?: string;
};
export type CatalogCrossEncoder = z.output<typeof crossEncoder> & { readonly id: string };
export type CatalogModel = CatalogEmbedder | CatalogCrossEncoder;

export interface Catalog {
  readonly embedders: readonly CatalogEmbedder[];
  readonly crossEncoders: readonly CatalogCrossEncoder[];
}

export function readCatalog(packageRoot: string): Catalog {
  const parsed = catalog.parse(JSON.parse(readFileSync(join(packageRoot, "models.json"), "utf8")));
  const withId = <M>(models: Record<string, M>) => Object.entries(models).map(([id, model]) => ({ id, ...model }));
  return { embedders: withId(parsed.embedders), crossEncoders: withId(parsed.crossEncoders) };
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
export function filesOf(model: CatalogModel, device: "cpu" | "cuda"): readonly CatalogFile[] {
  return [model.weights[device], model.tokenizer, model.tokenizerConfig];
}
