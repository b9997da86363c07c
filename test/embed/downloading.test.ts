import { describe, expect, it } from "vitest";
import { createEmbedder } from "#src/app/embedder.js";
import { measuredEmbedder } from "#src/app/instrument.js";
import { loadConfig } from "#src/config/load.js";
import { AppError } from "#src/core/errors.js";
import { createDownloadingEmbedder } from "#src/embed/downloading.js";
import { createPseudoEmbedder } from "#src/embed/pseudo.js";
import { createMetrics } from "#src/telemetry/metrics.js";

const fingerprint = await createPseudoEmbedder().fingerprint();

/** A pull that the test drives. */
function driven() {
  const pulls: {
    progress(done: number, total: number): void;
    succeed(): void;
    fail(error: Error): void;
    signal: AbortSignal;
  }[] = [];
  let time = 0;
  const embedder = createDownloadingEmbedder({
    fingerprint: { ...fingerprint, model: "org/model" },
    device: "cpu",
    pull: (progress, signal) =>
      new Promise((succeed, fail) => {
        signal.addEventListener("abort", () => fail(new AppError("cancelled", "aborted", { remedy: "-" })));
        pulls.push({ progress, succeed, fail, signal });
      }),
    create: createPseudoEmbedder,
    now: () => time,
  });
  const pass = (ms: number) => {
    time += ms;
  };
  return { embedder, pulls, pass };
}
const settled = () => new Promise((done) => setImmediate(done));

describe("an embedder whose model is not here", () => {
  it("downloads nothing before it is used", async () => {
    const { embedder, pulls } = driven();
    expect(embedder.status().state).toBe("idle");
    await embedder.fingerprint();
    expect(pulls).toHaveLength(0);
  });

  it("starts one download on first use, and says how far it is and how to do it beforehand", async () => {
    const { embedder, pulls } = driven();
    await expect(embedder.embed(["a"], "query")).rejects.toMatchObject({ code: "model_missing" });
    pulls[0]?.progress(42, 100);
    await expect(embedder.warmUp()).rejects.toMatchObject({
      code: "model_missing",
      message: "org/model is being downloaded: 42 %.",
      remedy: expect.stringContaining("aura-retrieval models pull org/model"),
      retryAfterMs: 5_000,
    });
    expect(embedder.status()).toMatchObject({ state: "downloading", downloadPercent: 42 });
    expect(pulls).toHaveLength(1);
  });

  it("works as soon as the files are there", async () => {
    const { embedder, pulls } = driven();
    await expect(embedder.warmUp()).rejects.toThrow();
    pulls[0]?.succeed();
    await settled();
    expect(await embedder.embed(["a"], "query")).toHaveLength(1);
    expect(embedder.status().state).toBe("ready");
  });

  it("reports a failed download, and tries again only after a pause", async () => {
    const { embedder, pulls, pass } = driven();
    await expect(embedder.warmUp()).rejects.toThrow();
    pulls[0]?.fail(new AppError("model_missing", "no route", { remedy: "Check the network." }));
    await settled();
    expect(embedder.status()).toMatchObject({ state: "failed", error: "no route" });
    pass(59_000);
    await expect(embedder.warmUp()).rejects.toMatchObject({
      message: "no route",
      remedy: expect.stringContaining("in 1 s"),
      retryAfterMs: 1_000,
    });
    expect(pulls).toHaveLength(1);
    pass(1_000);
    await expect(embedder.warmUp()).rejects.toMatchObject({ message: expect.stringContaining("0 %") });
    expect(pulls).toHaveLength(2);
  });

  it("is not downloaded by a process that does not stay: the error is how to get it", async () => {
    const embedder = createDownloadingEmbedder({ fingerprint, device: "cpu", create: createPseudoEmbedder });
    await expect(embedder.embed(["a"], "query")).rejects.toMatchObject({
      code: "model_missing",
      message: `${fingerprint.model} is not on this machine.`,
      remedy: expect.stringContaining(`aura-retrieval models pull ${fingerprint.model}`),
      retryAfterMs: undefined,
    });
    expect(embedder.status().state).toBe("failed");
    expect(await embedder.fingerprint()).toEqual(fingerprint);
    await embedder.close();
  });

  it("says that it will run on the CPU for want of a GPU, measured too", () => {
    const metrics = createMetrics({ defaultMetrics: false });
    const degradedBy = (settings: Record<string, string>) => {
      const config = loadConfig({
        EMBEDDING_MODEL: "all-mpnet-base-v2",
        HF_HUB_CACHE: "/nowhere",
        RETRIEVAL_DATA_DIR: "/nowhere",
        ...settings,
      });
      const embedder = createEmbedder(config, config.embedder, metrics);
      expect(embedder.status()).toMatchObject({ state: "idle", device: "cpu" });
      return measuredEmbedder(embedder, metrics).degraded;
    };
    expect(degradedBy({ EMBEDDING_DEVICE: "cuda", DEVICE_FALLBACK: "1" })).toBe("device_fallback");
    expect(degradedBy({})).toBeUndefined();
  });

  it("ends its download when it is closed", async () => {
    const { embedder, pulls } = driven();
    await expect(embedder.warmUp()).rejects.toThrow();
    await embedder.close();
    expect(pulls[0]?.signal.aborted).toBe(true);
  });
});
