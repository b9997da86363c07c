import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RANKING_PARAMS, withDenseWeight } from "#src/retrieve/ranking/ranking-params.js";
import { relevance, withRelevance } from "#src/retrieve/ranking/relevance.js";

const params = fc.constantFrom(...Object.values(RANKING_PARAMS.relevance));
const thousandths = fc.integer({ min: 0, max: 1_000 }).map((value) => value / 1_000);
const passages = fc.array(fc.record({ id: fc.string(), score: thousandths, dense: thousandths }), { maxLength: 20 });
const bestFirst = passages.map((list) => list.sort((a, b) => b.score - a.score));

describe("relevance", () => {
  it("is the logistic of the best score, the best cosine and the root of the distance", () => {
    const found = { best: 0.6, cosine: 0.5 };
    const value = relevance(0.56, found, { best: 4, cosine: 2, behind: 10, offset: -3 });
    expect(value).toBeCloseTo(1 / (1 + Math.exp(-(4 * 0.6 + 2 * 0.5 - 10 * 0.2 - 3))), 12);
  });

  it("is between 0 and 1, keeps passages and order, and changes nothing else", () => {
    fc.assert(
      fc.property(bestFirst, params, (list, how) => {
        const judged = withRelevance(list, how);
        expect(judged.map(({ id, dense }) => [id, dense])).toEqual(list.map(({ id, dense }) => [id, dense]));
        const scores = judged.map(({ score }) => score);
        expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
      }),
    );
  });

  it("does not depend on the order of the passages", () => {
    fc.assert(
      fc.property(bestFirst, params, (list, how) => {
        expect(withRelevance([...list].reverse(), how)).toEqual(withRelevance(list, how).reverse());
      }),
    );
  });

  it("of the best passage rises with its score and with the best cosine", () => {
    fc.assert(
      fc.property(thousandths, thousandths, thousandths, params, (one, other, cosine, how) => {
        const [low, high] = [Math.min(one, other), Math.max(one, other)];
        const at = (best: number, close: number) => relevance(best, { best, cosine: close }, how);
        expect(at(high, cosine)).toBeGreaterThanOrEqual(at(low, cosine));
        expect(at(one, high)).toBeGreaterThanOrEqual(at(one, low));
      }),
    );
  });

  it("does not fall for a passage as good as the best when more of them are found", () => {
    const [alone] = withRelevance([{ score: 0.7, dense: 0.6 }], RANKING_PARAMS.relevance.hybrid);
    const many = withRelevance(Array(5).fill({ score: 0.7, dense: 0.6 }), RANKING_PARAMS.relevance.hybrid);
    expect(many.map(({ score }) => score)).toEqual(Array(5).fill(alone?.score));
  });
});

describe("the tuned numbers", () => {
  it("are shares between 0 and 1, and no relevance rises with the distance", () => {
    const { denseWeight, relevance: maps } = RANKING_PARAMS;
    expect(Object.values(denseWeight).every((share) => share >= 0 && share <= 1)).toBe(true);
    expect(Object.values(maps).every(({ behind, best, cosine }) => Math.min(behind, best, cosine) >= 0)).toBe(true);
  });

  it("give way to a weight that the operator chose, for every form of question", () => {
    expect(withDenseWeight(RANKING_PARAMS, 0.3).denseWeight).toEqual({ plain: 0.3, question: 0.3, quoted: 0.3 });
    expect(withDenseWeight(RANKING_PARAMS, 0).denseWeight.plain).toBe(0);
    expect(withDenseWeight(RANKING_PARAMS, "auto")).toBe(RANKING_PARAMS);
  });
});
