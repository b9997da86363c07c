import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { EmbedderChoice } from "#src/core/profile.js";
import { createEmbedder } from "#src/embed/index.js";
import { type CatalogEmbedder, findModel, readCatalog } from "#src/models/catalog.js";
import { ModelFiles } from "#src/models/model-files.js";
import { FakeHub } from "../models/fake-hub.js";
import { testCall } from "../support/call.js";

const { embedders: models } = readCatalog(".");
const MPNET = findModel(models, "all-mpnet-base-v2") as CatalogEmbedder;
const home = mkdtempSync(join(tmpdir(), "aura-embed-"));
afterAll(() => rmSync(home, { recursive: true, force: true }));

function open(
  choice: EmbedderChoice,
  downloads: { offline?: boolean; onUse?: boolean; endpoint?: string } = {},
  deviceFallback = false,
) {
  const files = new ModelFiles({
    packageRoot: resolve("."),
    dataFolder: home,
    downloads: { hubCache: join(home, "hub"), offline: false, onUse: true, ...downloads },
  });
  return createEmbedder(choice, { models, files, inference: { processes: 1, deviceFallback } });
}
const mpnet = (device: "cpu" | "cuda" = "cpu") => ({ kind: "onnx", model: MPNET.id, device }) as const;

describe("a chosen embedder", () => {
  it("is the pseudo-embedder where no model is wanted", () => {
    expect(open({ kind: "pseudo" }).degraded).toBe("pseudo_embeddings");
  });

  it("is the bundled model, found in the package, with token vectors", async () => {
    const embedder = open({ kind: "onnx", model: "sentence-transformers/all-MiniLM-L6-v2", device: "cpu" });
    try {
      expect(embedder.status()).toMatchObject({ state: "idle", processes: 0 });
      expect(embedder.embedTokens).toBeDefined();
      expect(await embedder.countTokens(testCall(), ["one two three"])).toEqual([3]);
      // Counting takes the tokenizer alone.
      expect(embedder.status()).toMatchObject({ state: "idle", processes: 1 });
      await embedder.warmUp(testCall());
      expect(embedder.status()).toMatchObject({ state: "ready", checksumVerified: true, canary: { ok: true } });
    } finally {
      await embedder.close();
    }
  });

  it("has the fingerprint of its files before they are here, by the device that it will run on", async () => {
    const fingerprint = await open(mpnet()).fingerprint(testCall());
    expect(fingerprint).toMatchObject({
      model: MPNET.id,
      sha256: MPNET.weights.cpu.sha256,
      maxTokens: MPNET.maxTokens,
    });
  });

  it("runs on the CPU for want of a GPU where that will do, and says so; where not, it cannot be used", async () => {
    const fallen = open(mpnet("cuda"), {}, true);
    expect(fallen.degraded).toBe("device_fallback");
    expect(fallen.status()).toMatchObject({ state: "idle", device: "cpu" });
    expect((await fallen.fingerprint(testCall())).sha256).toBe(MPNET.weights.cpu.sha256);
    expect(open(mpnet()).degraded).toBeUndefined();
    const broken = open(mpnet("cuda"));
    expect(broken.status()).toMatchObject({ state: "failed", device: "cuda" });
    for (const use of [broken.fingerprint(testCall()), broken.embed(testCall(), ["a"], "query")]) {
      await expect(use).rejects.toMatchObject({
        code: "config",
        message: "EMBEDDING_DEVICE=cuda, but onnxruntime's CUDA provider is not installed.",
        remedy: expect.stringContaining("EMBEDDING_DEVICE=cpu, or DEVICE_FALLBACK=1"),
      });
    }
  });

  it("is not downloaded by a process that does not stay, nor where downloads are switched off", async () => {
    const command = `\`aura-retrieval models pull ${MPNET.id}\``;
    const leaving = open(mpnet(), { onUse: false });
    await expect(leaving.embed(testCall(), ["a"], "query")).rejects.toMatchObject({
      code: "model_missing",
      message: `${MPNET.id} is not on this machine.`,
      remedy: `Run ${command}; only the server downloads by itself.`,
      retryAfterMs: undefined,
    });
    const offline = open(mpnet(), { offline: true });
    expect(offline.status()).toMatchObject({ state: "failed", error: expect.stringContaining("tokenizer.json") });
    await expect(offline.countTokens(testCall(), ["a"])).rejects.toMatchObject({
      code: "model_missing",
      message: expect.stringMatching(
        /^sentence-transformers\/all-mpnet-base-v2 is not on this machine \(onnx\/.+\)\.$/,
      ),
      remedy: expect.stringContaining(`Run ${command} where they are allowed.`),
    });
  });

  it("is downloaded on first use, which its status shows", async () => {
    const hub = await FakeHub.start({
      [MPNET.weights.cpu.file]: Buffer.alloc(64),
      "tokenizer.json": Buffer.from("{}"),
    });
    hub.fault = {
      announce: { [MPNET.weights.cpu.file.split("/").at(-1) as string]: MPNET.weights.cpu.bytes as number },
      stall: true,
    };
    const embedder = open(mpnet(), { endpoint: hub.url });
    try {
      expect(hub.requests).toHaveLength(0);
      await expect(embedder.warmUp(testCall())).rejects.toMatchObject({ code: "model_missing", retryAfterMs: 5_000 });
      expect(embedder.status()).toMatchObject({ state: "downloading", downloadPercent: 0 });
      await expect.poll(() => hub.requests.length).toBeGreaterThan(0);
    } finally {
      await embedder.close();
      await hub.close();
    }
  });

  it("that is in no catalogue is a configuration error", () => {
    expect(() => open({ kind: "onnx", model: "org/none", device: "cpu" })).toThrow(
      expect.objectContaining({ code: "config" }),
    );
  });
});
