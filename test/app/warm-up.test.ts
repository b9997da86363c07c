import { describe, expect, it } from "vitest";
import type { LiveState } from "#src/app/live-state.js";
import { warmUp } from "#src/app/warm-up.js";
import type { ModelStatus } from "#src/core/ports.js";
import { testProfile } from "../support/profile.js";

const IDLE: ModelStatus = { state: "idle", model: "m", device: "cpu" };

/** What is loaded for a server whose parts are in these states. */
async function loaded(embedder: ModelStatus, reranker: ModelStatus | undefined, isStoreOwn: boolean) {
  const did: string[] = [];
  const part = (name: string, status: ModelStatus) => ({
    status: () => status,
    warmUp: async () => {
      did.push(name);
      throw new Error("it does not load");
    },
    fingerprint: async () => {
      did.push("question");
      throw new Error("nor does it answer");
    },
  });
  const session = {
    embedder: () => part("embedder", embedder),
    reranker: () => part("reranker", reranker ?? IDLE),
    store: {},
  };
  const profile = testProfile(
    reranker && {
      reranking: { kind: "cross-encoder", models: ["r"], device: "cpu", topK: 50, budgetMs: 120 } as never,
    },
  );
  await warmUp({ config: { collection: "docs" }, profile, session } as unknown as LiveState, isStoreOwn);
  return [...new Set(did)].sort();
}

describe("a server that was asked nothing yet", () => {
  it("loads its models and goes a question's way once, whatever fails", async () => {
    expect(await loaded(IDLE, undefined, true)).toEqual(["embedder", "question"]);
    expect(await loaded(IDLE, IDLE, true)).toEqual(["embedder", "question", "reranker"]);
  });

  it("downloads nothing", async () => {
    const absent = { ...IDLE, isAbsent: true };
    expect(await loaded(absent, IDLE, true)).toEqual(["reranker"]);
    expect(await loaded(IDLE, absent, true)).toEqual(["embedder", "question"]);
    expect(await loaded({ ...IDLE, state: "downloading" }, undefined, true)).toEqual([]);
    expect(await loaded({ ...IDLE, state: "failed" }, undefined, true)).toEqual([]);
  });

  it("asks a store that is somebody else's nothing", async () => {
    expect(await loaded(IDLE, undefined, false)).toEqual(["embedder"]);
  });
});
