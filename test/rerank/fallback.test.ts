import { describe, expect, it } from "vitest";
import { AppError, type ErrorCode } from "#src/core/errors.js";
import type { Reranked, Reranker, RerankPassage } from "#src/core/ports.js";
import { withFallback } from "#src/rerank/fallback.js";
import { testCall } from "../support/call.js";

const passages: RerankPassage[] = [{ id: "a", text: "a", textHash: "a", fused: 0.5 }];
const error = (code: ErrorCode) => new AppError(code, code, { remedy: "-" });

function fake(result: Reranked | AppError, readsTokens = false): Reranker & { closed: boolean; asked: number } {
  return {
    closed: false,
    asked: 0,
    readsTokens,
    async score() {
      this.asked++;
      if (result instanceof AppError) throw result;
      return result;
    },
    warmUp: async () => undefined,
    status: () => ({ state: "ready", model: "fake", device: "cpu" }),
    async close() {
      this.closed = true;
    },
  };
}

describe("a re-ranker with another behind it", () => {
  it("asks only the first while that answers", async () => {
    const second = fake({ scores: [0.1] });
    const both = withFallback(fake({ scores: [0.9], degraded: "device_fallback" }), second);
    expect(await both.score(testCall(), "q", passages, 100)).toEqual({ scores: [0.9], degraded: "device_fallback" });
    expect(second.asked).toBe(0);
  });

  it.each([
    ["model_missing", "rerank_model_missing"],
    ["model_failed", "rerank_failed"],
    ["overloaded", "rerank_failed"],
  ] as const)("asks the second after %s, and says why: %s", async (code, degraded) => {
    const both = withFallback(fake(error(code)), fake({ scores: [0.1] }));
    expect(await both.score(testCall(), "q", passages, 100)).toEqual({ scores: [0.1], degraded });
  });

  it("fails as the first failed when both do", async () => {
    const both = withFallback(fake(error("model_missing")), fake(error("model_failed")));
    await expect(both.score(testCall(), "q", passages, 100)).rejects.toMatchObject({ code: "model_missing" });
  });

  it("asks nobody else for a caller that left", async () => {
    const second = fake({ scores: [0.1] });
    await expect(
      withFallback(fake(error("cancelled")), second).score(testCall(), "q", passages, 100),
    ).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(second.asked).toBe(0);
  });

  it("has token vectors read when either needs them, and closes both", async () => {
    const [first, second] = [fake({ scores: [1] }), fake({ scores: [1] }, true)];
    const both = withFallback(first, second);
    expect(both.readsTokens).toBe(true);
    await both.close();
    expect([first.closed, second.closed]).toEqual([true, true]);
  });
});
