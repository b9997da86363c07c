import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { idf, maxScore, REFERENCE_LENGTH, termWeight } from "#src/store/bm25.js";

const count = fc.integer({ min: 1, max: 1_000_000 });

describe("a term's IDF", () => {
  it("is ln(1 + (N − n + 0.5) / (n + 0.5))", () => {
    expect(idf(10, 5)).toBeCloseTo(Math.log(2), 12);
    expect(idf(10, 0)).toBeCloseTo(Math.log(22), 12);
    expect(idf(0, 0)).toBeCloseTo(Math.log(2), 12);
  });

  it("is above 0 in however many rows the term stands, and falls with each of them", () => {
    fc.assert(
      fc.property(count, fc.double({ min: 0, max: 1, noNaN: true }), (rows, share) => {
        const having = Math.floor(share * (rows - 1));
        expect(idf(rows, having)).toBeGreaterThan(idf(rows, having + 1));
        expect(idf(rows, having + 1)).toBeGreaterThan(0);
      }),
    );
  });
});

describe("a term's weight", () => {
  it("grows with its frequency, falls with the passage's length, and never reaches its bound", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), count, (frequency, length) => {
        const weight = termWeight(frequency, length);
        expect(weight).toBeGreaterThan(0);
        expect(weight).toBeLessThan(maxScore([1]));
        expect(termWeight(frequency + 1, length)).toBeGreaterThan(weight);
        expect(termWeight(frequency, length + 1)).toBeLessThan(weight);
      }),
    );
  });

  it("is 1 for a term that stands once in a passage of the reference length", () => {
    expect(termWeight(1, REFERENCE_LENGTH)).toBeCloseTo(1, 12);
    expect(termWeight(1, 7, 7)).toBeCloseTo(1, 12);
  });
});

it("the most a passage could score counts every term", () => {
  expect(maxScore([1, 2.5])).toBeCloseTo(3.5 * 2.2, 12);
  expect(maxScore([])).toBe(0);
});
