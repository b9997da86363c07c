import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { vectorJson, withField } from "#src/store/qdrant/json.js";

describe("JSON for a Qdrant", () => {
  it("holds every component of a vector to nine decimals", () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, maxLength: 800, min: -9, max: 9, noNaN: true }), (vector) => {
        const read = JSON.parse(vectorJson(vector)) as number[];
        expect(read).toHaveLength(vector.length);
        for (const [i, value] of read.entries()) expect(Math.abs(value - (vector[i] as number))).toBeLessThan(6e-10);
      }),
    );
  });

  it("writes the ends of the range", () => {
    expect(JSON.parse(vectorJson(Float32Array.of(1, -1, 0, -0, 1e-9, -1e-12)))).toEqual([1, -1, 0, 0, 1e-9, 0]);
  });

  it("adds a field to an object, the empty one too", () => {
    expect(JSON.parse(withField({ a: 1 }, "b", "[2]"))).toEqual({ a: 1, b: [2] });
    expect(JSON.parse(withField({}, "b", "[2]"))).toEqual({ b: [2] });
  });
});
