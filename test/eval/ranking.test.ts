import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collectionName } from "#src/eval/collection.js";
import { toRanking } from "#src/eval/measure.js";
import { ranked } from "#src/eval/metrics.js";

describe("toRanking", () => {
  it("ranks a document by its best passage", () => {
    const passages = [
      { document: "a", score: 0.9 },
      { document: "b", score: 0.8 },
      { document: "a", score: 0.7 },
    ];
    expect([...toRanking(passages)]).toEqual([
      ["a", Math.fround(0.9)],
      ["b", Math.fround(0.8)],
    ]);
  });

  it("gives scores by which programs that read a run find the pipeline's order, whatever its scores were", () => {
    const score = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 0.5, 1, 1e-12));
    fc.assert(
      fc.property(fc.array(score, { maxLength: 150 }), (scores) => {
        const passages = scores.map((each, i) => ({ document: `d${i}`, score: each }));
        expect(ranked(toRanking(passages))).toEqual(passages.slice(0, 100).map(({ document }) => document));
      }),
    );
  });

  it("keeps a hundred documents", () => {
    expect(toRanking(Array.from({ length: 150 }, (_, i) => ({ document: `d${i}`, score: 0.5 }))).size).toBe(100);
  });
});

describe("collectionName", () => {
  it("is a name the stores take, another for each place and model", () => {
    const long = collectionName("a folder with a name that is too long".repeat(3), "/x", `org/${"model".repeat(20)}`);
    expect(long).toMatch(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/);
    const names = [
      collectionName("scifact", "/one", "all-MiniLM-L6-v2"),
      collectionName("scifact", "/two", "all-MiniLM-L6-v2"),
      collectionName("scifact", "/one", "pseudo"),
    ];
    expect(new Set(names).size).toBe(3);
    expect(names[0]).toMatch(/^eval-scifact-[0-9a-f]{6}-all-MiniLM-L6-v2$/);
  });
});
