import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import type { Embedder } from "#src/core/ports.js";
import { dot } from "#src/core/vector.js";
import { createEmbedder } from "#src/embed/index.js";
import { findModel, readCatalog } from "#src/models/catalog.js";
import { ModelFiles } from "#src/models/model-files.js";
import { isModelFolder, readOwnModel } from "#src/models/own-model.js";
import { testCall } from "../support/call.js";
import { MODEL_FOLDER } from "./fixtures.js";

const SHA256 = "b6e15bdb042d2bdda62304d1a45eacd38685de035abed1fd64faef84d537e375";
const CATALOG = readCatalog(".");
const home = mkdtempSync(join(tmpdir(), "aura-own-"));
const folder = join(home, "my-model");
afterAll(() => rmSync(home, { recursive: true, force: true }));
beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  cpSync(MODEL_FOLDER, folder, { recursive: true });
});

function manifest(content: object): void {
  const complete = { dimension: 384, maxTokens: 256, weights: "onnx/model_quantized.onnx", sha256: SHA256, ...content };
  writeFileSync(join(folder, "aura-model.json"), JSON.stringify(complete));
}
const filesIn = (dataFolder: string) =>
  new ModelFiles({
    packageRoot: resolve("."),
    dataFolder,
    downloads: { hubCache: join(home, "hub"), offline: true, onUse: false },
  });

/** An embedder by a catalogue model's name, or by the folder of a user's own. */
function open(name = folder, files = filesIn(join(home, "data"))): Embedder {
  const model = isModelFolder(name) ? readOwnModel(name) : findModel(CATALOG.embedders, name);
  if (typeof model !== "object") return expect.unreachable(model);
  const choice = { kind: "onnx", model: model.folder ?? model.id, device: "cpu" } as const;
  return createEmbedder(choice, { models: [model], files, inference: { processes: 1, deviceFallback: false } });
}

async function embed(model: string, text: string, role: "query" | "passage" = "query"): Promise<Float32Array> {
  const embedder = open(model);
  try {
    const [vector] = await embedder.embed(testCall(), [text], role);
    return vector as Float32Array;
  } finally {
    await embedder.close();
  }
}

describe("a user's own model", { timeout: 60_000 }, () => {
  it("embeds as its manifest says, a prefix before each query and another before each passage", async () => {
    manifest({ queryPrefix: "query: ", passagePrefix: "passage: " });
    expect(await embed(folder, "keys")).toEqual(await embed("all-MiniLM-L6-v2", "query: keys"));
    expect(await embed(folder, "keys", "passage")).toEqual(await embed("all-MiniLM-L6-v2", "passage: keys", "passage"));
  });

  it("pools the first token where the manifest says cls", async () => {
    manifest({ pooling: "cls" });
    const [cls, mean] = [await embed(folder, "keys"), await embed("all-MiniLM-L6-v2", "keys")];
    expect(dot(cls, cls)).toBeCloseTo(1, 4);
    expect(dot(cls, mean)).toBeLessThan(0.99);
  });

  it("says in its status that it has no reference to be compared with", async () => {
    manifest({});
    const embedder = open();
    await embedder.warmUp(testCall());
    expect(embedder.status()).toMatchObject({ state: "ready", model: "my-model", checksumVerified: true });
    expect(embedder.status().canary).toBeUndefined();
    await embedder.close();
  });

  it("is not loaded when its weights are not those of the manifest", async () => {
    manifest({ sha256: "0".repeat(64) });
    await expect(embed(folder, "keys")).rejects.toMatchObject({
      code: "model_failed",
      remedy: expect.stringContaining("aura-model.json"),
    });
  });

  it.each([192, 768])(
    "is not loaded when its vectors have another dimension than the manifest says: %i",
    async (wrong) => {
      manifest({ dimension: wrong });
      const embedder = open();
      try {
        await expect(embedder.warmUp(testCall())).rejects.toMatchObject({
          code: "model_failed",
          message: `The model's vectors have dimension 384, its manifest aura-model.json says ${wrong}.`,
          remedy: 'Write "dimension": 384 into aura-model.json.',
        });
        expect(embedder.status().state).toBe("failed");
      } finally {
        await embedder.close();
      }
    },
  );

  it("whose checksums cannot be kept is broken, not its server: the data folder is a file", async () => {
    manifest({});
    const data = join(home, "a-file");
    writeFileSync(data, "");
    const embedder = open(folder, filesIn(data));
    await expect(embedder.warmUp(testCall())).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(/checksums cannot be written: ENOTDIR/),
      remedy: expect.stringContaining("RETRIEVAL_DATA_DIR"),
    });
  });

  it.each<[string, () => void, RegExp]>([
    ["no manifest", () => undefined, /there is no aura-model\.json/],
    ["no checksum: it is told", () => manifest({ sha256: undefined }), new RegExp(`add "sha256": "${SHA256}"`)],
    ["an unknown key", () => manifest({ dimensions: 3 }), /Unrecognized key: "dimensions"/],
    ["a file that is not there", () => manifest({ tokenizer: "vocab.json" }), /vocab\.json .* is not in/],
    ["a path that leaves the folder", () => manifest({ weights: "../model.onnx" }), /a path inside the model's folder/],
  ])("with %s is none, and what is wrong is said", (_what, prepare, message) => {
    prepare();
    expect(readOwnModel(folder)).toEqual(expect.stringMatching(message));
  });
});
