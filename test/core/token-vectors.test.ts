import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { packTokens, unpackTokens } from "#src/core/token-vectors.js";

const DIMENSION = 8;
const component = fc.double({ min: -1, max: 1, noNaN: true });
const rows = fc.array(fc.array(component, { minLength: DIMENSION, maxLength: DIMENSION }), { maxLength: 12 });

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [dot, squaresA, squaresB] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b[i] as number];
    dot += x * y;
    squaresA += x * x;
    squaresB += y * y;
  }
  return dot / Math.sqrt(squaresA * squaresB);
}

describe("packed token vectors", () => {
  it("take half a byte a component and two bytes more", () => {
    expect(packTokens(new Float32Array(3 * DIMENSION).fill(1), DIMENSION)).toHaveLength(2 + (3 * DIMENSION) / 2);
  });

  it("come back with unit length and nearly the direction they had", () => {
    fc.assert(
      fc.property(rows, (given) => {
        const vectors = Float32Array.from(given.flat());
        const unpacked = unpackTokens(packTokens(vectors, DIMENSION));
        expect(unpacked).toMatchObject({ words: given.length, dimension: DIMENSION });
        for (let row = 0; row < given.length; row++) {
          const before = vectors.subarray(row * DIMENSION, (row + 1) * DIMENSION);
          if (Math.max(...before.map(Math.abs)) < 1e-30) continue;
          const after = unpacked?.values.subarray(row * DIMENSION, (row + 1) * DIMENSION) as Float32Array;
          expect(Math.hypot(...after)).toBeCloseTo(1, 5);
          // The largest component is exact, every other at most half of 1/7 of it away.
          expect(cosine(before, after)).toBeGreaterThan(0.98);
        }
      }),
    );
  });

  it("do not depend on length", () => {
    const vector = Float32Array.of(0.1, -0.7, 0.3, 0.2, 0, 0.5, -0.2, 0.4);
    expect(
      packTokens(
        vector.map((value) => value * 40),
        DIMENSION,
      ),
    ).toEqual(packTokens(vector, DIMENSION));
  });

  it("may be none, or of zeros", () => {
    expect(unpackTokens(packTokens(new Float32Array(0), DIMENSION))?.words).toBe(0);
    const zero = unpackTokens(packTokens(new Float32Array(DIMENSION), DIMENSION));
    expect(zero?.values).toEqual(new Float32Array(DIMENSION));
  });

  it("of another version or shape are none", () => {
    const packed = packTokens(new Float32Array(2 * DIMENSION).fill(1), DIMENSION);
    expect(unpackTokens(packed.with(0, 1))).toBeUndefined();
    expect(unpackTokens(packed.subarray(0, packed.length - 1))).toBeUndefined();
    expect(unpackTokens(packed.with(1, 0))).toBeUndefined();
    expect(unpackTokens(new Uint8Array(0))).toBeUndefined();
  });
});
