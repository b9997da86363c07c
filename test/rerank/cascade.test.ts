import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AppError, type ErrorCode } from "#src/core/errors.js";
import type { Reranked, Reranker, RerankPassage } from "#src/core/ports.js";
import { combine, createCascade } from "#src/rerank/cascade.js";
import { testCall } from "../support/call.js";

const passages: RerankPassage[] = ["a", "b", "c", "d"].map((id) => ({ id, text: id, textHash: id, fused: 0.5 }));
const error = (code: ErrorCode) => new AppError(code, code, { remedy: "-" });

interface Call {
  readonly ids: string;
  readonly budgetMs: number;
}

/** Scores passages by their ids; those without an entry have no time. */
function fake(scores: Record<string, number> | AppError, rest: Partial<Reranked> = {}, took: () => void = () => {}) {
  const calls: Call[] = [];
  const reranker: Reranker = {
    async score(_call, _query, asked, budgetMs) {
      calls.push({ ids: asked.map(({ id }) => id).join(""), budgetMs });
      took();
      if (scores instanceof AppError) throw scores;
      return { scores: asked.map(({ id }) => scores[id]), ...rest };
    },
    warmUp: async () => undefined,
    status: () => ({ state: "ready", model: "fake", device: "cpu" }),
    close: async () => undefined,
  };
  return { reranker, calls };
}

function cascade(small: Reranker, large: Reranker, now = () => 0) {
  return createCascade({ small, large, now }).score(testCall(), "q", passages, 100);
}

describe("a cascade of two re-rankers", () => {
  it("lets the small one score all, and hands them to the large one best first with the time that is left", async () => {
    let time = 0;
    const small = fake({ a: 0.2, b: 0.9, c: 0.5, d: 0.5 }, {}, () => {
      time += 30;
    });
    const large = fake({ a: 0.4, b: 0.3, c: 0.2, d: 0.1 });
    const result = await cascade(small.reranker, large.reranker, () => time);
    expect(small.calls).toEqual([{ ids: "abcd", budgetMs: 50 }]);
    expect(large.calls).toEqual([{ ids: "bcda", budgetMs: 70 }]);
    expect(result).toEqual({ scores: [0.4, 0.3, 0.2, 0.1] });
  });

  it("keeps what only the small one scored below the rest, on the large one's scale", async () => {
    const small = fake({ a: 0.8, b: 0.6, c: 0.3, d: 0.15 });
    const large = fake({ a: 0.2, b: 0.9 });
    // The border is b's 0.6, and the lowest of the large one 0.2.
    const { scores } = await cascade(small.reranker, large.reranker);
    expect(scores.map((score) => score?.toFixed(3))).toEqual(["0.200", "0.900", "0.100", "0.050"]);
  });

  it("leaves those undefined that neither scored, behind the others in their order", async () => {
    const small = fake({ b: 0.6 });
    const large = fake({ b: 0.7, a: 0.5 });
    expect(await cascade(small.reranker, large.reranker)).toEqual({ scores: [0.5, 0.7, undefined, undefined] });
    expect(large.calls[0]?.ids).toBe("bacd");
  });

  it("says rerank_budget when the large one had no time at all", async () => {
    const small = fake({ a: 0.1, b: 0.2, c: 0.3, d: 0.4 });
    expect(await cascade(small.reranker, fake({}).reranker)).toEqual({
      scores: [0.1, 0.2, 0.3, 0.4],
      degraded: "rerank_budget",
    });
  });

  it.each([
    ["model_failed", "rerank_failed"],
    ["model_missing", "rerank_model_missing"],
    ["overloaded", "rerank_failed"],
  ] as const)("goes on with the other one when one fails, and says so: %s", async (code, degraded) => {
    const scores = { a: 0.1, b: 0.2, c: 0.3, d: 0.4 };
    const answer = { scores: [0.1, 0.2, 0.3, 0.4], degraded };
    expect(await cascade(fake(scores).reranker, fake(error(code)).reranker)).toEqual(answer);
    const large = fake(scores);
    expect(await cascade(fake(error(code)).reranker, large.reranker)).toEqual(answer);
    expect(large.calls[0]?.ids).toBe("abcd");
  });

  it("fails when both do", async () => {
    await expect(cascade(fake(error("overloaded")).reranker, fake(error("model_failed")).reranker)).rejects.toThrow(
      "model_failed",
    );
  });

  it.each(["cancelled", "timeout"] as const)("asks the large one nothing when the caller is gone: %s", async (code) => {
    const large = fake({});
    await expect(cascade(fake(error(code)).reranker, large.reranker)).rejects.toMatchObject({ code });
    expect(large.calls).toEqual([]);
  });

  it("carries the large one's reason", async () => {
    const large = fake({ a: 1, b: 1, c: 1, d: 1 }, { degraded: "device_fallback" });
    expect(await cascade(fake({ a: 0.1 }).reranker, large.reranker)).toMatchObject({ degraded: "device_fallback" });
  });
});

describe("scores of two models on one scale", () => {
  const score = fc.option(fc.double({ min: 0, max: 1, noNaN: true }), { nil: undefined });
  const both = fc.array(fc.tuple(score, score), { maxLength: 30 }).map((rows) => ({
    small: rows.map(([small]) => small),
    large: rows.map(([, large]) => large),
  }));

  it("are the large one's where there are any, stay within 0..1, and rank as each model ranked", () => {
    fc.assert(
      fc.property(both, ({ small, large }) => {
        const scores = combine(small, large);
        const scored = large.filter((each) => each !== undefined);
        const lowest = scored.length > 0 ? Math.min(...scored) : 1;
        for (const [i, value] of scores.entries()) {
          if (large[i] !== undefined) expect(value).toBe(large[i]);
          else if (small[i] === undefined) expect(value).toBeUndefined();
          else {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(lowest);
            for (const [j, other] of small.entries()) {
              if (large[j] !== undefined || other === undefined || other > (small[i] as number)) continue;
              expect(scores[j]).toBeLessThanOrEqual(value as number);
            }
          }
        }
      }),
    );
  });
});
