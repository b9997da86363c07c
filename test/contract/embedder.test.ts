import { vi } from "vitest";
import { Bench } from "../support/fixtures.js";
import { embedderContract } from "./embedder.js";
import { absent, downloaded, onnx, pseudo } from "./embedders.js";
import { here } from "./ended-calls.js";
import { missingModelContract } from "./missing-model.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

embedderContract("the pseudo-embedder", pseudo);
embedderContract("the bundled model", onnx);
embedderContract("a model that was downloaded", downloaded);
embedderContract("the bench's fake", async () => {
  const bench = await Bench.open();
  return { embedder: bench.embedder, worker: here, much: [20_000, 20], dispose: () => bench.close() };
});
embedderContract("the bench's fake with token vectors", async () => {
  const bench = await Bench.open();
  bench.useTokens();
  return { embedder: bench.embedder, worker: here, much: [20_000, 20], dispose: () => bench.close() };
});

missingModelContract("an embedder", async () => {
  const { embedder, pulls } = await absent();
  return {
    uses: {
      warmUp: (call) => embedder.warmUp(call),
      embed: (call) => embedder.embed(call, ["a"], "query"),
      embedTokens: async (call) => embedder.embedTokens?.(call, ["a"], "query"),
      countTokens: (call) => embedder.countTokens(call, ["a"]),
    },
    status: () => embedder.status(),
    downloads: () => pulls.length,
    close: () => embedder.close(),
  };
});
