import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { findEmbedder, readCatalog } from "#src/config/catalog.js";

const models = readCatalog(".");

describe("models.json", () => {
  it("holds the default model, found with and without its organisation", () => {
    const model = findEmbedder(models, "sentence-transformers/all-MiniLM-L6-v2");
    expect(model).toMatchObject({ dimension: 384, maxTokens: 256, pooling: "mean" });
    expect(findEmbedder(models, "all-MiniLM-L6-v2")).toBe(model);
    expect(findEmbedder(models, "all-minilm")).toBeUndefined();
  });

  for (const model of models.filter(({ bundled }) => bundled !== undefined)) {
    const folder = model.bundled as string;
    it(`pins every bundled file of ${model.id} by the size and checksum it has`, () => {
      for (const pin of [model.weights.cpu, model.tokenizer, model.tokenizerConfig, model.canary]) {
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

  it("pins each model at a full commit", () => {
    for (const { revision } of models) expect(revision).toMatch(/^[0-9a-f]{40}$/);
  });
});
