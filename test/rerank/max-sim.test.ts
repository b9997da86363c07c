import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packTokens, type TokenVectors, unpackTokens } from "#src/core/token-vectors.js";
import { lateInteractionScore, maxSims, wordWeights } from "#src/rerank/max-sim.js";

const DIMENSION = 4;
const component = fc.double({ min: -1, max: 1, noNaN: true });
const row = fc.array(component, { minLength: DIMENSION, maxLength: DIMENSION }).filter((r) => Math.hypot(...r) > 0.01);
const text = fc.array(row, { minLength: 1, maxLength: 8 });

function vectors(rows: readonly (readonly number[])[]): TokenVectors {
  return unpackTokens(packTokens(Float32Array.from(rows.flat()), DIMENSION)) as TokenVectors;
}

/** The definition, in double precision. */
function reference(query: TokenVectors, passage: TokenVectors): number[] {
  const rowOf = ({ values }: TokenVectors, i: number) => [...values.subarray(i * DIMENSION, (i + 1) * DIMENSION)];
  const all = (of: TokenVectors) => Array.from({ length: of.words }, (_, i) => rowOf(of, i));
  const dot = (a: number[], b: number[]) => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
  return all(query).map((q) => Math.max(...all(passage).map((p) => dot(q, p))));
}

describe("the most that each word of a query has in common with a passage", () => {
  it("is what the definition says in double precision", () => {
    fc.assert(
      fc.property(text, text, (query, passage) => {
        const [q, p] = [vectors(query), vectors(passage)];
        const expected = reference(q, p);
        for (const [i, sim] of maxSims(q, p).entries()) expect(sim).toBeCloseTo(expected[i] as number, 5);
      }),
    );
  });

  it("does not depend on the order of the passage's words, and never falls when there are more of them", () => {
    fc.assert(
      fc.property(text, text, text, (query, passage, more) => {
        const q = vectors(query);
        const sims = maxSims(q, vectors(passage));
        expect(maxSims(q, vectors([...passage].reverse()))).toEqual(sims);
        const longer = maxSims(q, vectors([...passage, ...more]));
        for (const [i, sim] of longer.entries()) expect(sim).toBeGreaterThanOrEqual(sims[i] as number);
      }),
    );
  });

  it("is 1 for the same words and 0 for a passage without any", () => {
    const q = vectors([
      [1, 0, 0, 0],
      [0, 1, 1, 0],
    ]);
    for (const sim of maxSims(q, q)) expect(sim).toBeCloseTo(1, 6);
    expect([...maxSims(q, vectors([]))]).toEqual([0, 0]);
  });
});

describe("a word's weight", () => {
  it("is larger the fewer passages answer it, and always above 0", () => {
    const sims = [Float32Array.of(1, 0.9, -1), Float32Array.of(1, 0.1, -1), Float32Array.of(1, 0.1, -1)];
    const [everywhere, once, nowhere] = [...wordWeights(sims, 3)] as [number, number, number];
    expect(everywhere).toBeGreaterThan(0);
    expect(once).toBeGreaterThan(everywhere);
    expect(nowhere).toBeGreaterThan(once);
  });

  it("is there when no passage has vectors", () => {
    expect([...wordWeights([], 2)]).toEqual([Math.log(2), Math.log(2)]);
  });
});

describe("a late-interaction score", () => {
  it("stays between 0 and 1 whatever it is made of", () => {
    const sims = fc.float32Array({ min: -1, max: 1, noNaN: true, minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(sims, fc.nat(10_000), (similar, words) => {
        const score = lateInteractionScore(similar, wordWeights([similar], similar.length), words);
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }),
    );
  });

  it("is lower for a longer passage that answers no better", () => {
    const weights = Float64Array.of(1, 1);
    const of = (words: number) => lateInteractionScore(Float32Array.of(0.8, 0.6), weights, words);
    expect(of(60)).toBeLessThan(of(20));
    expect(of(3)).toBeCloseTo(0.7);
  });

  it("is 0 for a query without words, and for a passage without", () => {
    expect(lateInteractionScore(new Float32Array(2), Float64Array.of(1, 1), 0)).toBe(0);
    expect(lateInteractionScore(new Float32Array(0), new Float64Array(0), 5)).toBe(0);
  });
});
