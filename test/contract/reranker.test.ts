import { vi } from "vitest";
import { InferencePool } from "#src/inference/pool.js";
import { createCascade } from "#src/rerank/cascade.js";
import { createCrossEncoder } from "#src/rerank/cross-encoder.js";
import { withFallback } from "#src/rerank/fallback.js";
import { canEmbedTokens, createLateInteraction } from "#src/rerank/late-interaction.js";
import { harness, inferenceChildren } from "../embed/fixtures.js";
import { handleOfAbsent, handleOver } from "../models/handles.js";
import { ELECTRA, loadArgs } from "../rerank/references.js";
import { testCall } from "../support/call.js";
import { fakeReranker } from "../support/fakes.js";
import { processesOfBundled } from "./embedders.js";
import { cpuMsOf, stopped, type Worker } from "./ended-calls.js";
import { missingModelContract } from "./missing-model.js";
import { rerankerContract } from "./reranker.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const LOAD = loadArgs(ELECTRA);
const PASSAGE = { id: "a", text: "a", textHash: "a", fused: 1 };

function processesOf(weights: string): Worker {
  const pids = () => inferenceChildren(weights, "cross-encoder-worker.js");
  return { stall: () => stopped(pids()), workedMs: () => cpuMsOf(pids()) };
}

/** With random weights, in one process. */
function electraPool(): InferencePool {
  return new InferencePool({ load: LOAD, processes: 1, batchSize: 4, depth: 2, loadAll: true });
}

async function crossEncoder() {
  const reranker = createCrossEncoder({ handle: handleOver(electraPool()) });
  await reranker.warmUp(testCall());
  return { reranker, worker: processesOf(LOAD.weights.path), dispose: () => reranker.close() };
}

async function lateInteraction() {
  const { embedder } = harness();
  if (!canEmbedTokens(embedder)) throw new Error("the bundled model has token vectors");
  await embedder.warmUp(testCall());
  return { reranker: createLateInteraction(embedder), worker: processesOfBundled(), dispose: () => embedder.close() };
}

function bothOf(one: Worker, other: Worker): Worker {
  const workers = [one, other];
  return {
    stall: () => {
      const goOn = workers.map(({ stall }) => stall?.());
      return () => {
        for (const each of goOn) each?.();
      };
    },
    workedMs: () => workers.reduce((sum, { workedMs }) => sum + workedMs(), 0),
  };
}

rerankerContract("late interaction", lateInteraction, { much: 60 });
rerankerContract("a cross-encoder", crossEncoder, { much: 600 });
rerankerContract(
  "a cascade",
  async () => {
    const [small, large] = [await crossEncoder(), await crossEncoder()];
    const reranker = createCascade({ small: small.reranker, large: large.reranker });
    return { reranker, worker: large.worker, dispose: () => reranker.close() };
  },
  { much: 400 },
);
rerankerContract(
  "a cross-encoder with late interaction behind it",
  async () => {
    const [first, second] = [await crossEncoder(), await lateInteraction()];
    const dispose = async () => {
      await Promise.all([first.dispose(), second.dispose()]);
    };
    const reranker = withFallback(first.reranker, second.reranker);
    return { reranker, worker: bothOf(first.worker, second.worker), dispose };
  },
  { much: 600 },
);
rerankerContract(
  "late interaction in the place of a cross-encoder that is not here",
  async () => {
    const first = createCrossEncoder({ handle: handleOfAbsent(electraPool()).handle });
    const { reranker: second, worker, dispose: closeEmbedder } = await lateInteraction();
    const dispose = async () => {
      await Promise.all([first.close(), closeEmbedder()]);
    };
    return { reranker: withFallback(first, second), worker, dispose };
  },
  { much: 60, loads: false },
);
rerankerContract("the fake", async () => ({
  reranker: fakeReranker(async (_call, _query, passages) => ({ scores: passages.map(() => 0.5) })),
  dispose: async () => undefined,
}));

missingModelContract("a cross-encoder", async () => {
  const { handle, pulls } = handleOfAbsent(electraPool());
  const reranker = createCrossEncoder({ handle });
  return {
    uses: {
      warmUp: (call) => reranker.warmUp(call),
      score: (call) => reranker.score(call, "q", [PASSAGE], 60_000),
    },
    status: () => reranker.status(),
    downloads: () => pulls.length,
    close: () => reranker.close(),
  };
});
