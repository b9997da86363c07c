import { describe, expect, it } from "vitest";
import { AppError } from "#src/core/errors.js";
import type { Reranker } from "#src/core/ports.js";
import { createDownloadingReranker } from "#src/rerank/downloading.js";

const ready: Reranker = {
  score: async (_query, passages) => ({ scores: passages.map(() => 0.5) }),
  warmUp: async () => undefined,
  status: () => ({ state: "ready", model: "org/model", device: "cpu", processes: 1 }),
  close: async () => undefined,
};
const passage = { id: "a", text: "a", textHash: "a", fused: 1 };

describe("a re-ranker whose model is not here", () => {
  it("downloads it on first use, saying so, and works as soon as the files are there", async () => {
    let finish: () => void = () => expect.unreachable();
    const reranker = createDownloadingReranker({
      model: "org/model",
      revision: "abc",
      device: "cpu",
      pull: (progress) => {
        progress(1, 4);
        return new Promise((done) => {
          finish = done;
        });
      },
      create: () => ready,
    });
    expect(reranker.status()).toEqual({ model: "org/model", revision: "abc", device: "cpu", state: "idle" });
    await expect(reranker.score("q", [passage], 100)).rejects.toMatchObject({ code: "model_missing" });
    expect(reranker.status()).toMatchObject({ state: "downloading", downloadPercent: 25 });
    finish();
    await new Promise((done) => setImmediate(done));
    expect(await reranker.score("q", [passage], 100)).toEqual({ scores: [0.5] });
    expect(reranker.status()).toEqual(ready.status());
  });

  it("reports a failed download with its remedy", async () => {
    const reranker = createDownloadingReranker({
      model: "org/model",
      device: "cpu",
      pull: async () => {
        throw new AppError("model_missing", "no route", { remedy: "Check the network." });
      },
      create: () => ready,
    });
    await expect(reranker.warmUp()).rejects.toMatchObject({ code: "model_missing" });
    await new Promise((done) => setImmediate(done));
    expect(reranker.status()).toMatchObject({ state: "failed", error: "no route", remedy: "Check the network." });
  });
});
