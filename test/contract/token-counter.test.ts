import { vi } from "vitest";
import { downloaded, onnx, pseudo } from "./embedders.js";
import { tokenCounterContract } from "./token-counter.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

tokenCounterContract("the pseudo-embedder", async () => {
  const { embedder, worker, dispose } = await pseudo();
  return { counter: embedder, worker, much: [60_000, 100], dispose };
});
tokenCounterContract("the bundled model", async () => {
  const { embedder, worker, dispose } = await onnx();
  return { counter: embedder, worker, dispose };
});
tokenCounterContract("a model that was downloaded", async () => {
  const { embedder, worker, dispose } = await downloaded();
  return { counter: embedder, worker, dispose };
});
