/** `models.json`: the models this version knows, each file pinned by checksum. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

const pinned = z.strictObject({ file: z.string(), sha256: z.string().length(64), bytes: z.number().int().positive() });

const embedder = z.strictObject({
  licence: z.string(),
  revision: z.string(),
  dimension: z.number().int().positive(),
  maxTokens: z.number().int().positive(),
  pooling: z.enum(["mean", "cls"]),
  queryPrefix: z.string(),
  passagePrefix: z.string(),
  bundled: z.string().optional(),
  weights: z.strictObject({ cpu: pinned, cuda: pinned }),
  tokenizer: pinned,
  tokenizerConfig: pinned,
  canary: pinned,
});
const catalog = z.strictObject({ embedders: z.record(z.string(), embedder) });

export type CatalogEmbedder = z.output<typeof embedder> & { readonly id: string };

const PREFIX = "sentence-transformers/";

export function readCatalog(packageRoot: string): readonly CatalogEmbedder[] {
  const file = catalog.parse(JSON.parse(readFileSync(join(packageRoot, "models.json"), "utf8")));
  return Object.entries(file.embedders).map(([id, entry]) => ({ id, ...entry }));
}

/** An entry by its id, with or without the prefix. */
export function findEmbedder(models: readonly CatalogEmbedder[], id: string): CatalogEmbedder | undefined {
  return models.find((model) => model.id === id || model.id === PREFIX + id);
}
