/** Configuration to re-ranker, with random weights in the place of a model that the catalogue does not pin. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { missingFiles, verifyModel } from "#src/app/models.js";
import { createReranker } from "#src/app/reranker.js";
import type { CatalogCrossEncoder } from "#src/config/catalog.js";
import { loadConfig } from "#src/config/load.js";
import type { Reranker, RerankPassage } from "#src/core/ports.js";
import { createPseudoEmbedder } from "#src/embed/pseudo.js";
import { createMetrics } from "#src/telemetry/metrics.js";
import { FakeHub } from "../models/fake-hub.js";
import { ELECTRA } from "../rerank/references.js";

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

function config(settings: Record<string, string> = {}) {
  return loadConfig({
    RERANK_ENABLED: "1",
    RERANK_MODEL: MODEL,
    RETRIEVAL_DATA_DIR: home,
    HF_HUB_CACHE: join(home, "hub"),
    HF_HUB_OFFLINE: "1",
    EMBEDDING_THREADS: "1",
    ...settings,
  });
}

function open(settings?: Record<string, string>): { reranker: Reranker; metrics: ReturnType<typeof createMetrics> } {
  const metrics = createMetrics();
  const reranker = createReranker(config(settings), createPseudoEmbedder(), metrics) as Reranker;
  opened.push(reranker);
  return { reranker, metrics };
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

describe("a configured re-ranker", () => {
  it("is none when re-ranking is off", () => {
    expect(createReranker(config({ RERANK_ENABLED: "0" }), createPseudoEmbedder(), createMetrics())).toBeUndefined();
  });

  it("scores with the model that is here, and counts remembered scores", async () => {
    install(MODEL, electraFiles());
    const { reranker, metrics } = open();
    const { scores } = await reranker.score("who", PASSAGES, LONG_MS);
    for (const score of scores) expect(score).toBeGreaterThan(0);
    expect(await reranker.score("who", PASSAGES, LONG_MS)).toEqual({ scores });
    expect((await metrics.expose()).body).toContain('cache_hits_total{cache="rerank_score"} 1');
    expect(reranker.status()).toMatchObject({ state: "ready", model: MODEL, device: "cpu", checksumVerified: true });
  });

  it("is model_missing when downloads are switched off, with the command that brings it", async () => {
    const { reranker } = open();
    await expect(reranker.score("who", PASSAGES, LONG_MS)).rejects.toMatchObject({
      code: "model_missing",
      remedy: expect.stringContaining(`aura-retrieval models pull ${MODEL}`),
    });
    expect(reranker.status()).toMatchObject({ state: "failed", model: MODEL });
  });

  it("is downloaded on first use, pinned by it, verified, and then works", async () => {
    const hub = await FakeHub.start(electraFiles());
    try {
      const settings = { HF_ENDPOINT: hub.url, HF_HUB_OFFLINE: "0" };
      const { reranker } = open(settings);
      await expect(reranker.score("who", PASSAGES, LONG_MS)).rejects.toMatchObject({ code: "model_missing" });
      const scores = await vi.waitFor(async () => (await reranker.score("who", PASSAGES, LONG_MS)).scores, 20_000);
      expect(scores.every((score) => score !== undefined)).toBe(true);
      const { reranker: chosen } = config(settings);
      for (const { expected, found } of await verifyModel(config(settings), chosen as CatalogCrossEncoder, "cpu"))
        expect(found).toBe(expected);
    } finally {
      await hub.close();
    }
  });

  it("that changed since it was pinned is refused", async () => {
    install(MODEL, electraFiles());
    const first = open().reranker;
    await first.warmUp();
    const changed = electraFiles()["onnx/model_qint8_avx512_vnni.onnx"] as Buffer;
    changed[changed.length >> 1] = (changed[changed.length >> 1] as number) ^ 1;
    install(MODEL, { "onnx/model_qint8_avx512_vnni.onnx": changed });
    await expect(open().reranker.warmUp()).rejects.toMatchObject({
      code: "model_failed",
      message: expect.stringContaining("expected"),
    });
  });

  it("on a GPU that is not there says so, or falls back to the CPU and says that", async () => {
    install(MODEL, electraFiles());
    const cuda = { RERANK_DEVICE: "cuda" };
    await expect(open(cuda).reranker.score("who", PASSAGES, LONG_MS)).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("RERANK_DEVICE=cuda"),
    });
    const { reranker } = open({ ...cuda, DEVICE_FALLBACK: "1" });
    expect(await reranker.score("who", PASSAGES, LONG_MS)).toMatchObject({ degraded: "device_fallback" });
    expect(reranker.status()).toMatchObject({ device: "cpu" });
  });

  it("has TinyBERT in front of it where that is here too; when that fails it scores alone and says so", async () => {
    install(MODEL, electraFiles());
    expect(open().reranker.status()).not.toHaveProperty("firstStage");
    const files = electraFiles();
    install(TINY_BERT, {
      ...files,
      "onnx/model_qint8_arm64.onnx": files["onnx/model_qint8_avx512_vnni.onnx"] as Buffer,
    });
    const { reranker } = open();
    expect(reranker.status()).toMatchObject({ model: MODEL, firstStage: TINY_BERT });
    // Its weights are pinned, and these are others.
    const { scores, degraded } = await reranker.score("who", PASSAGES, LONG_MS);
    expect(scores.every((score) => score !== undefined)).toBe(true);
    expect(degraded).toBe("rerank_failed");
  });

  it("is not put in front of itself", () => {
    install(TINY_BERT, electraFiles());
    expect(open({ RERANK_MODEL: TINY_BERT }).reranker.status()).not.toHaveProperty("firstStage");
  });
});

describe("ms-marco-MiniLM-L-6-v2 with its own weights", () => {
  const { HF_HOME, HF_HUB_CACHE } = process.env;
  const settings = { RERANK_ENABLED: "1", HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE: "1", EMBEDDING_THREADS: "1" };
  const model = loadConfig(settings).reranker as CatalogCrossEncoder;
  if (missingFiles(loadConfig(settings), model, "cpu").length > 0) {
    it.skip(`knows the answer (skipped: ${model.id} is not in the Hub's cache)`, () => undefined);
    return;
  }
  it("knows the answer: its model card's logits are about 8.6 and -4.3", async () => {
    const here = loadConfig({ ...settings, RETRIEVAL_DATA_DIR: home });
    const reranker = createReranker(here, createPseudoEmbedder(), createMetrics()) as Reranker;
    opened.push(reranker);
    const texts = [
      "Berlin has a population of 3,520,031 registered inhabitants in an area of 891.82 square kilometers.",
      "New York City is famous for the Metropolitan Museum of Art.",
    ];
    const { scores } = await reranker.score(
      "how many people live in berlin?",
      texts.map((text) => ({ id: text, text, textHash: text, fused: 1 })),
      LONG_MS,
    );
    const logits = scores.map((score) => Math.log((score as number) / (1 - (score as number))));
    expect(Math.abs((logits[0] as number) - 8.6)).toBeLessThan(1);
    expect(Math.abs((logits[1] as number) + 4.3)).toBeLessThan(1);
  });
});
