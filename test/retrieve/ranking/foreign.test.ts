import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backgroundOf, withForeignRelevance } from "#src/retrieve/ranking/foreign.js";
import { RANKING_PARAMS } from "#src/retrieve/ranking/ranking-params.js";
import { withRelevance } from "#src/retrieve/ranking/relevance.js";

const { hybrid, lexical } = RANKING_PARAMS.relevance;
const evidence = { denseShare: 0.5, hybrid, lexical };
const passage = (dense: number, words: number) => ({ dense, lexical: words, score: 0.5 * dense + 0.5 * words });
const first = (dense: number, words: number, background: number) =>
  withForeignRelevance([passage(dense, words)], { ...evidence, background })[0]?.score ?? 0;

describe("relevance in a language that the model does not know", () => {
  it("is low for a passage that is no nearer than the others and has few of the words", () => {
    const [known] = withRelevance([passage(0.55, 0.1)], hybrid);
    expect(known?.score).toBeGreaterThan(0.3);
    expect(first(0.55, 0.1, 0.45)).toBeLessThan(0.15);
  });

  it("is high for one that stands out, and for one that has the words", () => {
    expect(first(0.8, 0.1, 0.4)).toBeGreaterThan(0.4);
    expect(first(0.55, 0.6, 0.5)).toBeGreaterThan(0.4);
  });

  it("is what it would be otherwise where nothing else is near", () => {
    const list = [passage(0.8, 0.3), passage(0.3, 0.1)];
    const known = withRelevance(list, hybrid);
    expect(withForeignRelevance(list, { ...evidence, background: 0 })).toEqual(known);
  });

  it("is between 0 and 1, keeps passages and order, and falls as the others come nearer", () => {
    const share = fc.integer({ min: 0, max: 100 }).map((value) => value / 100);
    const passages = fc.array(fc.record({ id: fc.string(), dense: share, lexical: share, score: share }), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(passages, share, share, (list, one, other) => {
        const sorted = [...list].sort((a, b) => b.score - a.score);
        const at = (background: number) => withForeignRelevance(sorted, { ...evidence, background });
        const [far, near] = [at(Math.min(one, other)), at(Math.max(one, other))];
        expect(far.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id));
        const scores = far.map(({ score }) => score);
        expect(scores.every((score) => score >= 0 && score <= 1)).toBe(true);
        expect(scores).toEqual([...scores].sort((a, b) => b - a));
        for (const [i, { score }] of near.entries()) expect(score).toBeLessThanOrEqual(scores[i] as number);
      }),
    );
  });

  it("compares with the ten passages behind the best", () => {
    expect(backgroundOf([])).toBe(0);
    expect(backgroundOf([0.9])).toBe(0);
    expect(backgroundOf([0.2, 0.9, 0.4])).toBeCloseTo(0.3);
    expect(backgroundOf([0.9, ...Array<number>(10).fill(0.5), ...Array<number>(50).fill(0.1)])).toBeCloseTo(0.5);
    expect(backgroundOf([0.9, -0.2])).toBe(0);
  });
});
