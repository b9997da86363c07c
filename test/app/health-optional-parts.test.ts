import { describe, expect, it } from "vitest";
import { type Parts, partsHealth } from "#src/app/parts-health.js";
import type { Embedder, RerankerStatus, VectorStore } from "#src/core/ports.js";
import { testCall } from "../support/call.js";
import { FINGERPRINT, fakeExpander, fakeReranker, variants } from "../support/fakes.js";

const parts: Parts = {
  embedder: {
    warmUp: async () => undefined,
    fingerprint: async () => FINGERPRINT,
    status: () => ({ state: "ready", model: FINGERPRINT.model, device: "cpu" }),
  } as unknown as Embedder,
  store: {
    probe: async () => ({ kind: "sqlite", version: "3", location: "memory" }),
    list: async () => [],
    jobs: async () => [],
  } as unknown as VectorStore,
  analyser: "test",
  names: [],
  isShown: () => true,
};
const expander = fakeExpander(() => variants());
const reranker = fakeReranker(async () => ({ scores: [] }));
const check = (optional: Partial<Parts>) => partsHealth(testCall(), { ...parts, ...optional });

describe("health of the optional parts", () => {
  it("is absent when they are", async () => {
    const found = await check({});
    expect(found.state).toBe("ok");
    expect(found.expander).toBeUndefined();
    expect(found.reranker).toBeUndefined();
  });

  it("is what each says of itself once it was asked to load", async () => {
    const loaded: string[] = [];
    const found = await check({
      expander: { ...expander, warmUp: async () => void loaded.push("expander") },
      reranker: { ...reranker, warmUp: async () => void loaded.push("reranker") },
    });
    expect(found).toMatchObject({ state: "ok", expander: expander.status(), reranker: reranker.status() });
    expect(loaded.sort()).toEqual(["expander", "reranker"]);
  });

  it("makes the whole degraded when one failed, never down: answers go on without it", async () => {
    const failed: RerankerStatus = { ...reranker.status(), state: "failed", error: "no", remedy: "Try again." };
    const found = await check({
      expander,
      reranker: { ...reranker, warmUp: () => Promise.reject(new Error("no")), status: () => failed },
    });
    expect(found).toMatchObject({ state: "degraded", reranker: failed });
  });
});
