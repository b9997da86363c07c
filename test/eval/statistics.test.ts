import { describe, expect, it } from "vitest";
import { auc, calibration } from "#src/eval/calibration.js";
import { estimate, quantile, randomFrom, randomisationP } from "#src/eval/statistics.js";

/** Normal by the sum of twelve. */
function normal(random: () => number): number {
  return Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
}

describe("estimate", () => {
  it("has the interval that theory gives for normal values", () => {
    const random = randomFrom(7);
    const values = Array.from({ length: 400 }, () => 0.5 + 0.2 * normal(random));
    const { mean, low, high } = estimate(values, 1);
    const error = (1.96 * 0.2) / Math.sqrt(400);
    expect((high - low) / (2 * error)).toBeCloseTo(1, 1);
    expect(low).toBeLessThan(mean);
    expect(high).toBeGreaterThan(mean);
  });

  it("is the same for the same seed and another for another", () => {
    const values = Array.from({ length: 50 }, (_, i) => Math.sin(i));
    expect(estimate(values, 1)).toEqual(estimate(values, 1));
    expect(estimate(values, 1)).not.toEqual(estimate(values, 2));
  });

  it("has no width for equal values", () => {
    expect(estimate([0.5, 0.5, 0.5], 1)).toEqual({ mean: 0.5, low: 0.5, high: 0.5 });
  });
});

describe("randomisationP", () => {
  it("is the exact share of sign patterns for a few queries", () => {
    // All six differences are positive: of 64 patterns two are as extreme.
    expect(randomisationP([1, 1, 1, 1, 1, 1], 3)).toBeCloseTo(2 / 64, 2);
    // The sum is -1, and no other choice of signs brings it nearer to 0.
    expect(randomisationP([1, 1, -3], 3)).toBe(1);
  });

  it("is 1 without any difference", () => {
    expect(randomisationP([0, 0, 0], 3)).toBe(1);
  });

  it("does not call noise a difference more often than it says", () => {
    const random = randomFrom(11);
    const small = Array.from({ length: 200 }, (_, seed) =>
      randomisationP(
        Array.from({ length: 30 }, () => normal(random)),
        seed,
      ),
    ).filter((p) => p <= 0.05).length;
    expect(small).toBeGreaterThan(2);
    expect(small).toBeLessThan(20);
  });
});

describe("quantile", () => {
  it("lies between the two nearest values", () => {
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect(quantile([1, 2, 3, 4, 5], 1)).toBe(5);
    expect(quantile([], 0.5)).toBe(0);
  });
});

describe("calibration", () => {
  it("is the distance between score and share of relevant passages, weighted by bin", () => {
    const scored = [
      { score: 0.9, relevant: true },
      { score: 0.9, relevant: false },
      { score: 0.1, relevant: false },
      { score: 0.1, relevant: false },
    ];
    const { error, bins } = calibration(scored);
    expect(error).toBeCloseTo(0.5 * 0.4 + 0.5 * 0.1, 12);
    expect(bins).toEqual([
      { score: 0.1, relevant: 0, passages: 2 },
      { score: 0.9, relevant: 0.5, passages: 2 },
    ]);
  });

  it("puts the ends of the scale into the outer bins", () => {
    expect(calibration([{ score: 1, relevant: true }]).error).toBe(0);
    expect(calibration([{ score: 0, relevant: false }]).error).toBe(0);
    expect(calibration([])).toEqual({ error: 0, passages: 0, bins: [] });
  });
});

describe("auc", () => {
  it("is the share of pairs in the right order, ties counting half", () => {
    expect(auc([0.9, 0.8], [0.1, 0.2])).toBe(1);
    expect(auc([0.5], [0.5])).toBe(0.5);
    expect(auc([0.9, 0.1], [0.5])).toBe(0.5);
    expect(auc([], [0.5])).toBeUndefined();
  });
});
