import { describe, expect, it } from "vitest";

import { AppError, type ErrorCode } from "#src/core/errors.js";
import type { Reranked, Reranker, RerankPassage } from "#src/core/ports.js";
import { RANKING_PARAMS } from "#src/retrieve/ranking/ranking-params.js";
import { relevance } from "#src/retrieve/ranking/relevance.js";
import { testCall } from "../support/call.js";
import { FakeRetrieval, fakeReranker, falling } from "../support/fakes.js";

const BUDGET_MS = 120;
const callOf = (signal?: AbortSignal) => testCall({ signal });
const reranking = (score: Reranker["score"], topK = 50) => ({
  reranking: { reranker: fakeReranker(score), topK, budgetMs: BUDGET_MS },
});
const ids = ({ passages }: Awaited<ReturnType<FakeRetrieval["retrieve"]>>) => passages.map(({ point }) => point.id);
const scoreAll = (of: (passage: RerankPassage, i: number) => number | undefined): Reranker["score"] => {
  return async (_call, _query, passages): Promise<Reranked> => ({ scores: passages.map(of) });
};

describe("a re-ranked answer", () => {
  it("is ordered by the blend of both scores, each shown beside it", async () => {
    const fake = new FakeRetrieval([
      { id: "first", dense: 0.5, lexical: 0.5 },
      { id: "second", dense: 0.4, lexical: 0.4 },
    ]);
    const { passages, reranked } = await fake.retrieve({}, reranking(scoreAll((_, i) => [0.1, 0.9][i])));
    const { rerankBlend: blend } = RANKING_PARAMS;
    expect(passages.map(({ point, fused, rerank }) => [point.id, fused, rerank])).toEqual([
      ["second", 0.4, 0.9],
      ["first", 0.5, 0.1],
    ]);
    const best = (1 - blend) * 0.4 + blend * 0.9;
    const found = { best, cosine: 0.5 };
    expect(passages[0]?.score).toBeCloseTo(relevance(best, found, RANKING_PARAMS.relevance.hybrid));
    expect(reranked).toEqual({ candidates: 2, scored: 2, blend });
  });

  it("has its model loaded while the question is embedded; a model that does not load is told when it is asked", async () => {
    const fake = new FakeRetrieval(falling(3));
    const steps: string[] = [];
    const loading = async () => {
      steps.push(`loading, ${fake.embedded.length} embedded`);
      throw new AppError("model_failed", "It does not load.", { remedy: "Free some memory." });
    };
    const failing: Reranker["score"] = async () => {
      throw new AppError("model_failed", "It does not load.", { remedy: "Free some memory." });
    };
    const reranker = { ...fakeReranker(failing), warmUp: loading };
    const call = callOf();
    const { passages } = await fake.retrieve({}, { reranking: { reranker, topK: 50, budgetMs: BUDGET_MS } }, call);
    expect(steps).toEqual(["loading, 0 embedded"]);
    expect(passages).toHaveLength(3);
    expect(call.degraded).toContainEqual({ stage: "rerank", reason: "rerank_failed" });
  });

  it("gives the re-ranker the question, what was embedded, best first, the budget and the call's signal", async () => {
    const seen: Parameters<Reranker["score"]>[] = [];
    const fake = new FakeRetrieval([
      { id: "low", dense: 0.1, lexical: 0.1 },
      { id: "high", dense: 0.8, lexical: 0.8, title: "Keys", text: "Rotate them." },
    ]);
    const call = callOf();
    const spy: Reranker["score"] = async (...args) => {
      seen.push(args);
      return { scores: [0.5, 0.5] };
    };
    await fake.retrieve({}, reranking(spy), call);
    const [[seenCall, query, passages, budgetMs]] = seen as [Parameters<Reranker["score"]>];
    expect(query).toBe("question");
    expect(passages.map(({ id, text, fused }) => ({ id, text, fused }))).toEqual([
      { id: "high", text: "Keys\n\nRotate them.", fused: 0.8 },
      { id: "low", text: "Passage low.", fused: 0.1 },
    ]);
    expect(budgetMs).toBe(BUDGET_MS);
    expect(seenCall).toBe(call);
  });

  it("stays in fused order where the index lacks token vectors, and nobody asked for them", async () => {
    const fake = new FakeRetrieval(falling(3));
    const call = callOf();
    const backwards = { ...reranking(scoreAll((_, i) => i / 2)).reranking, absent: "skip" as const };
    const answer = await fake.retrieve({}, { reranking: backwards }, call);
    expect(answer).toMatchObject({ passages: (await new FakeRetrieval(falling(3)).retrieve()).passages });
    expect(answer.reranked).toBeUndefined();
    expect(call.degraded).toEqual([]);
    const { reranked } = await fake.retrieve({ rerank: true }, { reranking: backwards });
    expect(reranked).toMatchObject({ candidates: 3, scored: 3 });
  });

  it("hashes equal texts equally, and one passage under two titles differently", async () => {
    let hashes: string[] = [];
    const same = { dense: 0.5, lexical: 0.5, text: "Rotate them." };
    const fake = new FakeRetrieval([
      { id: "a", ...same, title: "Keys" },
      { id: "b", ...same, title: "Keys" },
      { id: "c", ...same, title: "Tyres" },
    ]);
    const spy: Reranker["score"] = async (_call, _query, passages) => {
      hashes = passages.map(({ textHash }) => textHash);
      return { scores: passages.map(() => 0.5) };
    };
    await fake.retrieve({}, reranking(spy));
    expect(hashes[0]).toBe(hashes[1]);
    expect(hashes[0]).not.toBe(hashes[2]);
  });

  it("re-ranks as many candidates as configured, whatever number is asked for", async () => {
    for (const topK of [1, 10, 100]) {
      const fake = new FakeRetrieval(falling(150));
      const { passages, reranked } = await fake.retrieve(
        { topK },
        reranking(
          scoreAll(() => 0.5),
          30,
        ),
      );
      expect(passages).toHaveLength(topK);
      expect(reranked).toMatchObject({ candidates: 30, scored: 30 });
      expect(fake.read.map((read) => read.length)).toEqual([Math.max(topK, 30)]);
    }
  });

  it("has with 10 asked for the first 10 of 100", async () => {
    const score = scoreAll(({ id }) => (id.charCodeAt(3) % 7) / 7);
    const ten = await new FakeRetrieval(falling(150)).retrieve({ topK: 10 }, reranking(score, 30));
    const hundred = await new FakeRetrieval(falling(150)).retrieve({ topK: 100 }, reranking(score, 30));
    expect(ids(ten)).toEqual(ids(hundred).slice(0, 10));
  });

  it("lifts a passage from below the number asked for", async () => {
    const score = scoreAll(({ id }) => (id === "p012" ? 1 : 0));
    const { passages } = await new FakeRetrieval(falling(40)).retrieve({ topK: 3 }, reranking(score));
    expect(passages[0]?.point.id).toBe("p012");
  });

  it("compares min_score with the final score: lifted above it a passage stays, sunk below it goes", async () => {
    const fake = new FakeRetrieval([
      { id: "sunk", dense: 0.6, lexical: 0.6 },
      { id: "lifted", dense: 0.4, lexical: 0.4 },
    ]);
    const score = scoreAll(({ id }) => (id === "lifted" ? 1 : 0));
    const answer = await fake.retrieve({ minScore: 0.5 }, reranking(score));
    expect(ids(answer)).toEqual(["lifted"]);
    const none = await fake.retrieve({ minScore: 0.99 }, reranking(score));
    expect(none).toMatchObject({ passages: [], emptyReason: "below_min_score" });
  });

  it("is left out when the call says so, when there is no re-ranker, and when nothing was found", async () => {
    const score = reranking(scoreAll(() => 0.5));
    const cases = [
      [falling(5), { rerank: false }, score],
      [falling(5), {}, {}],
      [[], {}, score],
    ] as const;
    for (const [passages, request, parts] of cases) {
      const call = callOf();
      const { reranked } = await new FakeRetrieval(passages).retrieve(request, parts, call);
      expect(reranked).toBeUndefined();
      expect(call.stages.map(({ name }) => name)).not.toContain("rerank");
    }
  });
});

describe("a re-ranker that runs out of time", () => {
  const firstFour = scoreAll((_, i) => (i < 4 ? i / 10 : undefined));

  it("leaves the rest in fused order behind those it scored, and says how many it scored", async () => {
    const call = callOf();
    const answer = await new FakeRetrieval(falling(8)).retrieve({}, reranking(firstFour), call);
    expect(new Set(ids(answer).slice(0, 4))).toEqual(new Set(["p000", "p001", "p002", "p003"]));
    expect(ids(answer).slice(4)).toEqual(["p004", "p005", "p006", "p007"]);
    expect(answer.reranked).toMatchObject({ candidates: 8, scored: 4 });
    expect(call.degraded).toEqual([{ stage: "rerank", reason: "rerank_budget" }]);
    expect(call.stages.at(-1)).toMatchObject({
      name: "rerank",
      status: "degraded",
      attrs: { candidates: 8, scored: 4 },
    });
  });

  it("says so once, when the re-ranker says it too", async () => {
    const call = callOf();
    const cascade: Reranker["score"] = async (...args) => ({
      ...(await firstFour(...args)),
      degraded: "rerank_budget",
    });
    await new FakeRetrieval(falling(8)).retrieve({}, reranking(cascade), call);
    expect(call.degraded).toEqual([{ stage: "rerank", reason: "rerank_budget" }]);
  });

  it("before the first passage leaves the fused answer as it was", async () => {
    const call = callOf();
    const { passages } = await new FakeRetrieval(falling(8)).retrieve({}, reranking(scoreAll(() => undefined)), call);
    expect(passages).toEqual((await new FakeRetrieval(falling(8)).retrieve()).passages);
    expect(call.degraded).toEqual([{ stage: "rerank", reason: "rerank_budget" }]);
  });
});

describe("a re-ranker that fails", () => {
  const failing = (code: ErrorCode) => () => Promise.reject(new AppError(code, "no", { remedy: "Try again." }));

  it.each([
    ["model_failed", "rerank_failed"],
    ["overloaded", "rerank_failed"],
    ["timeout", "rerank_failed"],
    ["model_missing", "rerank_model_missing"],
  ] as const)("with %s leaves the fused answer as it was: %s", async (code, reason) => {
    const call = callOf();
    const { passages } = await new FakeRetrieval(falling(70)).retrieve({}, reranking(failing(code)), call);
    expect(passages).toEqual((await new FakeRetrieval(falling(70)).retrieve()).passages);
    expect(call.degraded).toEqual([{ stage: "rerank", reason }]);
    expect(call.stages.at(-1)).toMatchObject({
      status: "degraded",
      attrs: { candidates: 50, scored: 0, error_code: code },
    });
  });

  it("but has a stand-in is scored by that, and says so", async () => {
    const call = callOf();
    const standIn: Reranker["score"] = async (_call, _query, passages) => ({
      scores: passages.map(({ id }) => (id === "p001" ? 1 : 0)),
      degraded: "rerank_model_missing",
    });
    const answer = await new FakeRetrieval(falling(8)).retrieve({}, reranking(standIn), call);
    expect(ids(answer)[0]).toBe("p001");
    expect(call.degraded).toEqual([{ stage: "rerank", reason: "rerank_model_missing" }]);
  });

  it("is not blamed for a call that was cancelled, or whose deadline passed, meanwhile", async () => {
    for (const [reason, code] of [
      [undefined, "cancelled"],
      [new DOMException("late", "TimeoutError"), "timeout"],
    ] as const) {
      const abort = new AbortController();
      const call = callOf(abort.signal);
      const score: Reranker["score"] = async ({ signal }) => {
        abort.abort(reason);
        signal.throwIfAborted();
        return { scores: [] };
      };
      await expect(new FakeRetrieval(falling(8)).retrieve({}, reranking(score), call)).rejects.toMatchObject({
        code,
        stage: "rerank",
      });
      expect(call.degraded).toEqual([]);
      expect(call.stages.at(-1)).toMatchObject({ name: "rerank", status: "error" });
    }
  });
});
