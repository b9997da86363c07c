import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type CatalogCrossEncoder, type CatalogEmbedder, findModel, readCatalog } from "#src/models/catalog.js";
import { ModelFiles, type ModelFilesOptions } from "#src/models/model-files.js";
import { abortedCall, testCall } from "../support/call.js";
import { COMMIT, FakeHub } from "./fake-hub.js";

const CATALOG = readCatalog(".");
const BUNDLED = findModel(CATALOG.embedders, "all-MiniLM-L6-v2") as CatalogEmbedder;
const WEIGHTS = Buffer.from("the weights");
const sha256 = (content: Buffer) => createHash("sha256").update(content).digest("hex");
/** Of the Hub only; its tokenizer is pinned on first use. */
const MODEL: CatalogCrossEncoder = {
  id: "org/model",
  licence: "mit",
  revision: COMMIT,
  maxTokens: 64,
  aliases: [],
  weights: {
    cpu: { file: "model.onnx", sha256: sha256(WEIGHTS), bytes: WEIGHTS.length },
    cuda: { file: "model-cuda.onnx" },
  },
  tokenizer: { file: "tokenizer.json" },
  tokenizerConfig: { file: "tokenizer_config.json" },
};
const CONTENT = {
  "model.onnx": WEIGHTS,
  "tokenizer.json": Buffer.from("{}"),
  "tokenizer_config.json": Buffer.from("[]"),
};
const COMMAND = "`aura-retrieval models pull org/model`";

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "aura-files-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const filesOf = (downloads: Partial<ModelFilesOptions["downloads"]> = {}) =>
  new ModelFiles({
    packageRoot: resolve("."),
    dataFolder: join(home, "data"),
    downloads: { hubCache: join(home, "hub"), offline: false, onUse: true, ...downloads },
  });

function install(content: Readonly<Record<string, Buffer>> = CONTENT): void {
  for (const [file, bytes] of Object.entries(content)) {
    const path = join(home, "data", "models", "org", "model", file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
}

describe("a model's files", () => {
  it("are those of the device, missing until they lie in one of their places", () => {
    const files = filesOf();
    expect(files.missing(MODEL, "cpu").map(({ file }) => file)).toEqual(Object.keys(CONTENT));
    expect(files.missing(BUNDLED, "cpu")).toEqual([]);
    install();
    expect(files.missing(MODEL, "cpu")).toEqual([]);
    expect(files.missing(MODEL, "cuda").map(({ file }) => file)).toEqual(["model-cuda.onnx"]);
  });

  it("are named with their paths; where they are missing with the command that brings them", async () => {
    const files = filesOf();
    const missing = {
      code: "model_missing",
      message: /org\/model is not on this machine \(model\.onnx, tok/,
      remedy: `Run ${COMMAND}.`,
    };
    expect(() => files.paths(MODEL, "cpu")).toThrow(
      expect.objectContaining({ ...missing, message: expect.stringMatching(missing.message) }),
    );
    await expect(files.verify(testCall(), MODEL, "cpu")).rejects.toMatchObject({ code: "model_missing" });
    install();
    expect(files.paths(MODEL, "cpu")).toContain(join(home, "data", "models", "org", "model", "model.onnx"));
  });

  it("that the catalogue does not pin are pinned when they are first seen", async () => {
    install();
    const first = await filesOf().load(testCall(), MODEL, "cpu");
    expect(first.tokenizer.sha256).toBe(sha256(CONTENT["tokenizer.json"]));
    install({ "tokenizer.json": Buffer.from("another") });
    const { tokenizer, weights } = await filesOf().load(testCall(), MODEL, "cpu");
    expect(tokenizer.sha256).toBe(first.tokenizer.sha256);
    expect(weights).toMatchObject({ sha256: sha256(WEIGHTS), remedy: expect.stringContaining(COMMAND) });
    const checks = await filesOf().verify(testCall(), MODEL, "cpu");
    expect(checks.filter(({ expected, found }) => expected !== found)).toEqual([
      { file: "tokenizer.json", expected: first.tokenizer.sha256, found: sha256(Buffer.from("another")) },
    ]);
  });

  it("are not read for a caller that has left", async () => {
    install();
    await expect(filesOf().load(abortedCall(), MODEL, "cpu")).rejects.toMatchObject({ code: "cancelled" });
    expect(existsSync(join(home, "data", "models", "pins.json"))).toBe(false);
    await expect(filesOf().verify(abortedCall(), BUNDLED, "cpu")).rejects.toMatchObject({ code: "cancelled" });
  });

  it("are described for the whole catalogue", () => {
    install();
    const described = filesOf().describe({ ...CATALOG, crossEncoders: [MODEL] });
    expect(described.find(({ id }) => id === BUNDLED.id)).toMatchObject({
      kind: "embedder",
      here: true,
      bundled: true,
    });
    expect(described.at(-1)).toEqual({
      id: "org/model",
      kind: "cross-encoder",
      here: true,
      bundled: false,
      bytes: WEIGHTS.length,
      licence: "mit",
    });
  });
});

describe("a pull", () => {
  it("brings what is missing into the Hub's cache, which removing takes out again", async () => {
    const hub = await FakeHub.start(CONTENT);
    try {
      const files = filesOf({ endpoint: hub.url });
      install({ "tokenizer.json": CONTENT["tokenizer.json"] });
      const pinned: string[] = [];
      await files.pull(testCall(), MODEL, "cpu", { onFirstPin: (file) => pinned.push(file) });
      expect(pinned).toEqual(["tokenizer_config.json"]);
      expect(hub.gets().map(({ path }) => path.split("/").at(-1))).toEqual(["model.onnx", "tokenizer_config.json"]);
      const [weights] = files.paths(MODEL, "cpu");
      expect(readFileSync(weights as string)).toEqual(WEIGHTS);
      expect(await files.remove(MODEL)).toBe(2);
      expect(await files.remove(MODEL)).toBe(0);
    } finally {
      await hub.close();
    }
  });

  it("is refused where downloads are switched off, whoever asks", async () => {
    const files = filesOf({ offline: true });
    await expect(files.pull(testCall(), MODEL, "cpu")).rejects.toMatchObject({
      code: "model_missing",
      remedy: `Unset it and run ${COMMAND} again.`,
    });
    expect(files.downloadRefusal(MODEL, files.missing(MODEL, "cpu"))?.remedy).toContain("where they are allowed");
    expect(filesOf({ onUse: false }).downloadRefusal(MODEL, [])?.remedy).toContain("only the server downloads");
    expect(filesOf().downloadRefusal(MODEL, [])).toBeUndefined();
  });

  it("brings nothing back that came with the package: removing it is refused", async () => {
    await expect(filesOf().remove(BUNDLED)).rejects.toMatchObject({ code: "bad_request" });
  });
});
