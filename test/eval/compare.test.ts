import { describe, expect, it } from "vitest";
import { compare } from "#src/eval/compare.js";
import { judgeExpansion } from "#src/eval/expansion.js";
import { answer, measured, measurement, question, SEED } from "./fixtures.js";

const run = (values: readonly number[]) => measurement(values.map((value, i) => answer(question(`q${i}`), value)));

describe("compare", () => {
  it("counts queries that got better, stayed and got worse, and shows the five that moved most", () => {
    const before = run([0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.9]);
    const after = run([0.6, 0.7, 0.8, 0.9, 1.0, 0.55, 0.5, 0.4, 0.1]);
    const { wins, ties, losses, helped, hurt, against } = compare("before", before, after, SEED);
    expect([against, wins, ties, losses]).toEqual(["before", 6, 1, 2]);
    expect(helped.map(({ id }) => id)).toEqual(["q4", "q3", "q2", "q1", "q0"]);
    expect(hurt.map(({ id }) => id)).toEqual(["q8", "q7"]);
    expect(hurt[0]).toEqual({ id: "q8", question: "What is q8?", before: 0.9, after: 0.1 });
  });

  it("is sure of a difference that every query has, and of none without any", () => {
    const before = run(Array.from({ length: 30 }, (_, i) => i / 60));
    const after = run(Array.from({ length: 30 }, (_, i) => i / 60 + 0.1));
    const difference = compare("before", before, after, SEED).differences["nDCG@10"];
    expect(difference.mean).toBeCloseTo(0.1, 12);
    expect(difference.low).toBeCloseTo(0.1, 12);
    expect(difference.p).toBeLessThan(0.001);
    expect(compare("itself", before, before, SEED).differences["nDCG@10"]).toEqual({ mean: 0, low: 0, high: 0, p: 1 });
  });
});

describe("judgeExpansion", () => {
  const rows = (expanded: number) => [
    measured("hybrid", [answer(question("q"), 0.5)]),
    measured("hybrid + synonyms", [answer(question("q"), expanded)]),
    { configuration: { name: "hybrid + multi_query", fields: {}, against: [] }, unavailable: "not built" },
  ];

  it("calls a loss harm, and no gain", () => {
    expect(judgeExpansion(rows(0.49))).toMatchObject([{ strategy: "synonyms", hurts: true }]);
    expect(judgeExpansion(rows(0.5))).toMatchObject([{ strategy: "synonyms", hurts: false, ndcg: 0 }]);
    expect(judgeExpansion(rows(0.6))).toMatchObject([{ strategy: "synonyms", hurts: false }]);
  });
});
