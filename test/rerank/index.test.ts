/** Choice to re-ranker, with random weights in the place of a model that the catalogue does not pin. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Reranker, RerankPassage } from "#src/core/ports.js";
import type { Device } from "#src/core/profile.js";
import { createPseudoEmbedder } from "#src/embed/pseudo.js";
import { type CatalogCrossEncoder, findModel, readCatalog } from "#src/models/catalog.js";
import { ModelFiles, type ModelFilesOptions } from "#src/models/model-files.js";
import { createReranker } from "#src/rerank/index.js";
import { FakeHub } from "../models/fake-hub.js";
import { testCall } from "../support/call.js";
import { ELECTRA } from "./references.js";

const { crossEncoders: models } = readCatalog(".");
const MODEL = "cross-encoder/ms-marco-electra-base";
const TINY_BERT = "cross-encoder/ms-marco-TinyBERT-L-2-v2";
const LONG_MS = 30_000;
const PASSAGES: RerankPassage[] = ["the first", "of the people"].map((text) => ({
  id: text,
  text,
  textHash: text,
  fused: 1,
}));
/** The reference's files under the names that the catalogue has for electra-base. */
const FILES: Readonly<Record<string, string>> = {
  "onnx/model_qint8_avx512_vnni.onnx": "model_quantized.onnx",
  "tokenizer.json": "tokenizer.json",
  "tokenizer_config.json": "tokenizer_config.json",
};

let home: string;
const opened: Reranker[] = [];
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "aura-rerank-"));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((reranker) => reranker.close()));
  rmSync(home, { recursive: true, force: true });
});

const filesOf = (downloads: Partial<ModelFilesOptions["downloads"]> = {}) =>
  new ModelFiles({
    packageRoot: resolve("."),
    dataFolder: home,
    downloads: { hubCache: join(home, "hub"), offline: true, onUse: true, ...downloads },
  });

interface Opening {
  readonly model?: string;
  readonly device?: Device;
  readonly fallback?: boolean;
  readonly files?: ModelFiles;
  readonly onCacheHit?: () => void;
}

function open({ model = MODEL, device = "cpu", fallback = false, files = filesOf(), onCacheHit }: Opening = {}) {
  const reranker = createReranker(
    { kind: "cross-encoder", model, device },
    {
      embedder: createPseudoEmbedder(),
      models,
      files,
      inference: { processes: 1, deviceFallback: fallback },
      onCacheHit,
    },
  );
  opened.push(reranker);
  return reranker;
}

function install(model: string, files: Readonly<Record<string, Buffer>>): void {
  for (const [file, content] of Object.entries(files)) {
    const path = join(home, "models", ...model.split("/"), file);
    mkdirSync(join(path, ".."), { recursive: true });
    writeFileSync(path, content);
  }
}

const electraFiles = () =>
  Object.fromEntries(Object.entries(FILES).map(([file, own]) => [file, readFileSync(join(ELECTRA.folder, own))]));

describe("a chosen cross-encoder", () => {
  it("scores where its files are, and says when scores were remembered", async () => {
    install(MODEL, electraFiles());
    const onCacheHit = vi.fn();
    const reranker = open({ onCacheHit });
    const { scores } = await reranker.score(testCall(), "who", PASSAGES, LONG_MS);
    for (const score of scores) expect(score).toBeGreaterThan(0);
    expect(onCacheHit).not.toHaveBeenCalled();
    expect(await reranker.score(testCall(), "who", PASSAGES, LONG_MS)).toEqual({ scores });
    expect(onCacheHit).toHaveBeenCalledTimes(1);
    expect(reranker.status()).toMatchObject({ state: "ready", model: MODEL, device: "cpu", checksumVerified: true });
  });

  it("is model_missing when downloads are switched off, with the command that brings it", async () => {
    const reranker = open();
    expect(reranker.status()).toMatchObject({ state: "failed", model: MODEL });
    await expect(reranker.score(testCall(), "who", PASSAGES, LONG_MS)).rejects.toMatchObject({
      code: "model_missing",
      remedy: expect.stringContaining(`aura-retrieval models pull ${MODEL}`),
    });
    expect(reranker.status()).toMatchObject({ state: "failed", model: MODEL });
  });

  it("is not downloaded by a process that does not stay: the error is how to get it", async () => {
    const reranker = open({ files: filesOf({ offline: false, onUse: false, endpoint: "http://127.0.0.1:9" }) });
    await expect(reranker.score(testCall(), "who", PASSAGES, LONG_MS)).rejects.toMatchObject({
      code: "model_missing",
      message: `${MODEL} is not on this machine.`,
      remedy: `Run \`aura-retrieval models pull ${MODEL}\`; only the server downloads by itself.`,
      retryAfterMs: undefined,
    });
  });

  it("is downloaded on first use, pinned by it, verified, and then works", async () => {
    const hub = await FakeHub.start(electraFiles());
    try {
      const files = filesOf({ endpoint: hub.url, offline: false });
      const reranker = open({ files });
      await expect(reranker.score(testCall(), "who", PASSAGES, LONG_MS)).rejects.toMatchObject({
        code: "model_missing",
      });
      const scores = await vi.waitFor(
        async () => (await reranker.score(testCall(), "who", PASSAGES, LONG_MS)).scores,
        20_000,
      );
      expect(scores.every((score) => score !== undefined)).toBe(true);
      const model = findModel(models, MODEL) as CatalogCrossEncoder;
      for (const { expected, found } of await files.verify(testCall(), model, "cpu")) expect(found).toBe(expected);
    } finally {
      await hub.close();
    }
  });

  it("that changed since it was pinned is refused", async () => {
    install(MODEL, electraFiles());
    await open().warmUp(testCall());
    const changed = electraFiles()["onnx/model_qint8_avx512_vnni.onnx"] as Buffer;
    changed[changed.length >> 1] = (changed[changed.length >> 1] as number) ^ 1;
    install(MODEL, { "onnx/model_qint8_avx512_vnni.onnx": changed });
    await expect(open().warmUp(testCall())).rejects.toMatchObject({
      code: "model_failed",
      message: expect.stringContaining("expected"),
    });
  });

  it("on a GPU that is not there says so, or falls back to the CPU and says that", async () => {
    install(MODEL, electraFiles());
    await expect(open({ device: "cuda" }).score(testCall(), "who", PASSAGES, LONG_MS)).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("RERANK_DEVICE=cuda"),
    });
    const reranker = open({ device: "cuda", fallback: true });
    expect(await reranker.score(testCall(), "who", PASSAGES, LONG_MS)).toMatchObject({ degraded: "device_fallback" });
    expect(reranker.status()).toMatchObject({ device: "cpu" });
  });

  it("has TinyBERT in front of it where that is here too; when that fails it scores alone and says so", async () => {
    install(MODEL, electraFiles());
    expect(open().status()).not.toHaveProperty("firstStage");
    const files = electraFiles();
    install(TINY_BERT, {
      ...files,
      "onnx/model_qint8_arm64.onnx": files["onnx/model_qint8_avx512_vnni.onnx"] as Buffer,
    });
    const reranker = open();
    expect(reranker.status()).toMatchObject({ model: MODEL, firstStage: TINY_BERT });
    // Its weights are pinned, and these are others.
    const { scores, degraded } = await reranker.score(testCall(), "who", PASSAGES, LONG_MS);
    expect(scores.every((score) => score !== undefined)).toBe(true);
    expect(degraded).toBe("rerank_failed");
  });

  it("is not put in front of itself", () => {
    install(TINY_BERT, electraFiles());
    expect(open({ model: TINY_BERT }).status()).not.toHaveProperty("firstStage");
  });

  it("that is in no catalogue is a configuration error, like late interaction without token vectors", () => {
    expect(() => open({ model: "cross-encoder/none" })).toThrow(expect.objectContaining({ code: "config" }));
    const options = {
      embedder: createPseudoEmbedder(),
      models,
      files: filesOf(),
      inference: { deviceFallback: false },
    };
    expect(() => createReranker({ kind: "late-interaction" }, options)).toThrow(
      expect.objectContaining({ code: "config" }),
    );
  });
});

describe("ms-marco-MiniLM-L-6-v2 with its own weights", () => {
  const { HF_HUB_CACHE, HF_HOME = join(homedir(), ".cache", "huggingface") } = process.env;
  const hubCache = HF_HUB_CACHE ?? join(HF_HOME, "hub");
  const model = findModel(models, "ms-marco-MiniLM-L-6-v2") as CatalogCrossEncoder;
  home = tmpdir();
  if (filesOf({ hubCache }).missing(model, "cpu").length > 0) {
    it.skip(`knows the answer (skipped: ${model.id} is not in the Hub's cache)`, () => undefined);
    return;
  }
  it("knows the answer: its model card's logits are about 8.6 and -4.3", async () => {
    const reranker = open({ model: model.id, files: filesOf({ hubCache }) });
    const texts = [
      "Berlin has a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers.",
      "New York City is famous for the Metropolitan Museum of Art.",
    ];
    const { scores } = await reranker.score(
      testCall(),
      "how many people live in berlin?",
      texts.map((text) => ({ id: text, text, textHash: text, fused: 1 })),
      LONG_MS,
    );
    const logits = scores.map((score) => Math.log((score as number) / (1 - (score as number))));
    expect(Math.abs((logits[0] as number) - 8.6)).toBeLessThan(1);
    expect(Math.abs((logits[1] as number) + 4.3)).toBeLessThan(1);
  });
});
