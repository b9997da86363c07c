import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError, abortReason } from "#src/core/errors.js";
import type { RerankPassage } from "#src/core/ports.js";
import type { InferencePool } from "#src/inference/pool.js";
import type { ModelRunner } from "#src/models/model-handle.js";
import { createCrossEncoder } from "#src/rerank/cross-encoder.js";
import { handleOver } from "../models/handles.js";
import { testCall } from "../support/call.js";

const passages = (...texts: string[]): RerankPassage[] =>
  texts.map((text) => ({ id: text, text, textHash: text, fused: 0.5 }));
const modelFailed = () => new AppError("model_failed", "out of memory", { remedy: "-" });

/** A pool that the test drives: each passage's logit comes when it says so. */
function driven(options: { load?: () => Promise<unknown> } = {}) {
  const asked: { query: string; texts: readonly string[]; signal: AbortSignal }[] = [];
  const answers = new Map<string, { resolve(logit: number): void; reject(error: Error): void }>();
  const cacheHits = { count: 0 };
  const pool: ModelRunner & Pick<InferencePool, "score"> = {
    processes: 1,
    load: async () => {
      await options.load?.();
      return { checksumVerified: true as const };
    },
    close: async () => undefined,
    score({ signal }, query, texts) {
      asked.push({ query, texts, signal });
      return texts.map(
        (text) =>
          new Promise<number>((resolve, reject) => {
            answers.set(text, { resolve, reject });
            signal.addEventListener("abort", () => reject(abortReason(signal)));
          }),
      );
    },
  };
  const handle = handleOver(pool, { reloadPauseMs: 1_000 });
  const reranker = createCrossEncoder({ handle, onCacheHit: () => cacheHits.count++ });
  const answer = (logits: Record<string, number>) => {
    for (const [text, logit] of Object.entries(logits)) answers.get(text)?.resolve(logit);
  };
  const fail = (text: string, error: Error) => answers.get(text)?.reject(error);
  return { reranker, asked, answer, fail, cacheHits };
}

/** Lets promises go on without moving the clock. */
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the cross-encoder re-ranker", () => {
  it("hands the passages over best first, and gives the sigmoid of each logit in their order", async () => {
    const { reranker, asked, answer } = driven();
    const result = reranker.score(testCall(), "q", passages("a", "b", "c"), 100);
    await settle();
    expect(asked).toMatchObject([{ query: "q", texts: ["a", "b", "c"] }]);
    answer({ c: 8.6, a: 0, b: -4.3 });
    const { scores } = await result;
    const expected = [0.5, 1 / (1 + Math.exp(4.3)), 1 / (1 + Math.exp(-8.6))];
    for (const [i, score] of scores.entries()) expect(score).toBeCloseTo(expected[i] as number, 12);
  });

  it("ends at its budget: what is not scored by then is undefined, and nobody works on it any more", async () => {
    const { reranker, asked, answer } = driven();
    const result = reranker.score(testCall(), "q", passages("a", "b", "c"), 100);
    await settle();
    answer({ a: 0, c: 0 });
    let ended = false;
    void result.then(() => {
      ended = true;
    });
    await vi.advanceTimersByTimeAsync(99);
    expect(ended).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(ended).toBe(true);
    expect(await result).toEqual({ scores: [0.5, undefined, 0.5] });
    expect(asked[0]?.signal.aborted).toBe(true);
  });

  it("counts loading as part of the budget, and goes on loading for the next call", async () => {
    const load = vi.fn(() => new Promise((done) => setTimeout(done, 300)));
    const { reranker, answer } = driven({ load });
    const first = reranker.score(testCall(), "q", passages("a"), 100);
    await vi.advanceTimersByTimeAsync(100);
    expect(await first).toEqual({ scores: [undefined] });
    await vi.advanceTimersByTimeAsync(1_200);
    const second = reranker.score(testCall(), "q", passages("a"), 100);
    await settle();
    answer({ a: 0 });
    expect(await second).toEqual({ scores: [0.5] });
    expect(load).toHaveBeenCalledTimes(1);
  });

  it("remembers scores by query and text, and asks only for the others", async () => {
    const { reranker, asked, answer, cacheHits } = driven();
    const first = reranker.score(testCall(), "q", passages("a", "b"), 100);
    await settle();
    answer({ a: 0, b: 1 });
    await first;
    expect(cacheHits.count).toBe(0);

    const second = reranker.score(testCall(), "q", passages("c", "a"), 100);
    await settle();
    expect(asked[1]?.texts).toEqual(["c"]);
    answer({ c: 0 });
    expect(await second).toEqual({ scores: [0.5, 0.5] });
    expect(cacheHits.count).toBe(1);

    void reranker.score(testCall(), "other", passages("a"), 100);
    await settle();
    expect(asked[2]).toMatchObject({ query: "other", texts: ["a"] });
  });

  it("asks nothing when every score is remembered, or when there is no time", async () => {
    const { reranker, asked, answer } = driven();
    const first = reranker.score(testCall(), "q", passages("a"), 100);
    await settle();
    answer({ a: 0 });
    await first;
    expect(await reranker.score(testCall(), "q", passages("a", "a"), 100)).toEqual({ scores: [0.5, 0.5] });
    expect(await reranker.score(testCall(), "q", passages("a", "new"), 0)).toEqual({ scores: [0.5, undefined] });
    expect(asked).toHaveLength(1);
  });

  it("fails the call when the model fails, stops the rest of it, and works at the next call", async () => {
    const { reranker, asked, answer, fail } = driven();
    const result = reranker.score(testCall(), "q", passages("a", "b"), 100);
    await settle();
    fail("a", modelFailed());
    await expect(result).rejects.toMatchObject({ code: "model_failed" });
    expect(asked[0]?.signal.aborted).toBe(true);
    const next = reranker.score(testCall(), "q", passages("a"), 100);
    await settle();
    answer({ a: 0 });
    expect(await next).toEqual({ scores: [0.5] });
  });

  it("says why it does not load, in its status too, and tries again a second later", async () => {
    const load = vi.fn().mockRejectedValueOnce(modelFailed()).mockResolvedValue(undefined);
    const { reranker, answer } = driven({ load });
    await expect(reranker.score(testCall(), "q", passages("a"), 100)).rejects.toMatchObject({ code: "model_failed" });
    expect(reranker.status()).toMatchObject({ state: "failed", model: "org/model", error: "out of memory" });
    // Not at once: loading costs more than the call may take.
    await expect(reranker.score(testCall(), "q", passages("a"), 100)).rejects.toMatchObject({ code: "model_failed" });
    expect(load).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_000);
    const next = reranker.score(testCall(), "q", passages("a"), 100);
    await settle();
    answer({ a: 0 });
    expect(await next).toEqual({ scores: [0.5] });
  });

  it("that failed to load says so within half of the next call's time, while it is loaded again", async () => {
    const slow = () => new Promise((_, reject) => setTimeout(() => reject(modelFailed()), 300));
    const { reranker } = driven({ load: slow });
    const first = reranker.score(testCall(), "q", passages("a"), 100);
    await vi.advanceTimersByTimeAsync(100);
    expect(await first).toEqual({ scores: [undefined] }); // it may only be slow
    await vi.advanceTimersByTimeAsync(200);
    const second = reranker.score(testCall(), "q", passages("a"), 100);
    const rejected = expect(second).rejects.toMatchObject({ code: "model_failed" });
    await vi.advanceTimersByTimeAsync(50);
    await rejected;
  });

  it.each([
    ["cancelled", new AppError("cancelled", "left", { remedy: "-" })],
    ["timeout", new DOMException("late", "TimeoutError")],
  ])("hears the caller's signal at once: %s", async (code, reason) => {
    const { reranker, asked } = driven();
    const caller = new AbortController();
    const result = reranker.score(testCall({ signal: caller.signal }), "q", passages("a"), 100);
    const rejected = expect(result).rejects.toMatchObject({ code });
    await settle();
    caller.abort(reason);
    await rejected;
    expect(asked[0]?.signal.aborted).toBe(true);
  });
});
