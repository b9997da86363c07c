import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { findModel, readCatalog } from "#src/models/catalog.js";

const { embedders: models, crossEncoders } = readCatalog(".");

const file = z.strictObject({
  file: z.string(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
  bytes: z.number().int().positive().optional(),
});
const checked = file.required({ sha256: true });
const common = {
  licence: z.string(),
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
  bundled: z.string().optional(),
  weights: z.strictObject({ cpu: checked, cuda: checked }),
  canary: checked.optional(),
  tokenProjection: checked.optional(),
});
const crossEncoder = z.strictObject({
  ...common,
  aliases: z.array(z.string()),
  weights: z.strictObject({ cpu: file, cuda: file }),
});
const catalog = z.strictObject({
  embedders: z.record(z.string(), embedder),
  crossEncoders: z.record(z.string(), crossEncoder),
});

describe("models.json", () => {
  it("has what the code reads, and nothing else", () => {
    expect(catalog.safeParse(JSON.parse(readFileSync("models.json", "utf8"))).error?.issues).toBeUndefined();
  });

  it("holds the default model, found with and without its organisation", () => {
    const model = findModel(models, "sentence-transformers/all-MiniLM-L6-v2");
    expect(model).toMatchObject({ dimension: 384, maxTokens: 256, pooling: "mean" });
    expect(findModel(models, "all-MiniLM-L6-v2")).toBe(model);
    expect(findModel(models, "all-minilm")).toBeUndefined();
  });

  for (const model of models.filter(({ bundled }) => bundled !== undefined)) {
    const folder = model.bundled as string;
    it(`pins every bundled file of ${model.id} by the size and checksum it has`, () => {
      for (const pin of [
        model.weights.cpu,
        model.tokenizer,
        model.tokenizerConfig,
        model.canary,
        model.tokenProjection,
      ]) {
        if (pin === undefined) throw new Error("a bundled model has a canary and a projection");
        const content = readFileSync(join(folder, pin.file));
        const found = { ...pin, bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
        expect(found).toEqual(pin);
      }
    });

    it(`ships ${model.id} with its licence notice`, () => {
      expect(existsSync("models/NOTICE")).toBe(true);
      expect(readFileSync("models/NOTICE", "utf8")).toContain(model.licence.split("-")[0]);
    });
  }

  it("knows the runbook's models by every spelling of their names", () => {
    expect(findModel(models, "all-mpnet-base-v2")).toMatchObject({ dimension: 768, maxTokens: 384 });
    for (const name of ["ms-marco-MiniLM-L-6-v2", "ms-marco-MiniLM-L6-v2", "cross-encoder/ms-marco-MiniLM-L6-v2"]) {
      expect(findModel(crossEncoders, name)?.id).toBe("cross-encoder/ms-marco-MiniLM-L-6-v2");
    }
    for (const name of ["ms-marco-TinyBERT-L-2-v2", "ms-marco-TinyBERT-L2-v2", "ms-marco-electra-base"]) {
      expect(findModel(crossEncoders, name)).toMatchObject({ maxTokens: 512 });
    }
  });

  it("pins each model at a full commit", () => {
    for (const { revision } of models) expect(revision).toMatch(/^[0-9a-f]{40}$/);
  });
});
