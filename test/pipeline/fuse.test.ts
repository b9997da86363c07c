import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Candidate } from "#src/core/types.js";
import { fuse } from "#src/pipeline/fuse.js";

const candidate = (id: string, ...scores: number[]): Candidate => ({
  id,
  source: "files",
  document: id,
  ordinal: 0,
  textHash: id,
  scores,
});
const ids = (list: readonly { candidate: Candidate }[]) => list.map(({ candidate: { id } }) => id);

const weight = fc.double({ min: 0, max: 1, noNaN: true });
const cosine = fc.double({ min: -1, max: 1, noNaN: true });
const bm25 = fc.double({ min: 0, max: 1, noNaN: true });
const candidates = fc
  .uniqueArray(fc.tuple(fc.string({ minLength: 1, maxLength: 4 }), cosine, bm25), {
    selector: ([id]) => id,
    maxLength: 30,
  })
  .map((list) => list.map(([id, dense, lexical]) => candidate(id, dense, lexical)));
const mode = fc.constantFrom("hybrid", "dense", "lexical" as const);

describe("fusion", () => {
  it("is the weighted mean of the two scores, each shown beside it", () => {
    expect(fuse([candidate("a", 0.8, 0.4)], "hybrid", 0.75)).toEqual([
      { candidate: candidate("a", 0.8, 0.4), dense: 0.8, lexical: 0.4, fused: 0.75 * 0.8 + 0.25 * 0.4 },
    ]);
  });

  it("with one leg is that leg's score", () => {
    expect(fuse([candidate("a", 0.8)], "dense", 0.1)).toEqual([
      { candidate: candidate("a", 0.8), dense: 0.8, fused: 0.8 },
    ]);
    expect(fuse([candidate("a", 0.3)], "lexical", 0.9)).toEqual([
      { candidate: candidate("a", 0.3), lexical: 0.3, fused: 0.3 },
    ]);
  });

  it("takes a negative cosine as no relevance", () => {
    expect(fuse([candidate("a", -0.5, 0.5)], "hybrid", 0.5)[0]?.fused).toBe(0.25);
  });

  it("gives scores between 0 and 1, best first", () => {
    fc.assert(
      fc.property(candidates, mode, weight, (list, how, share) => {
        const fused = fuse(list, how, share).map((scored) => scored.fused);
        expect(fused.every((score) => score >= 0 && score <= 1 + 1e-12)).toBe(true);
        expect(fused).toEqual([...fused].sort((a, b) => b - a));
      }),
    );
  });

  it("gives an absolute score: other candidates do not change it", () => {
    fc.assert(
      fc.property(candidates, weight, (list, share) => {
        for (const scored of fuse(list, "hybrid", share)) {
          expect(fuse([scored.candidate], "hybrid", share)).toEqual([scored]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it("never falls when a leg's score rises", () => {
    fc.assert(
      fc.property(cosine, cosine, bm25, bm25, weight, (d1, d2, l1, l2, share) => {
        const score = (dense: number, lexical: number) =>
          fuse([candidate("a", dense, lexical)], "hybrid", share)[0]?.fused as number;
        expect(score(Math.max(d1, d2), Math.max(l1, l2))).toBeGreaterThanOrEqual(
          score(Math.min(d1, d2), Math.min(l1, l2)),
        );
      }),
    );
  });

  it("orders ties by id", () => {
    const tied = ["c", "a", "d", "b"].map((id) => candidate(id, 0.5, 0.5));
    expect(ids(fuse(tied, "hybrid", 0.5))).toEqual(["a", "b", "c", "d"]);
  });

  it("does not depend on the order the store brought", () => {
    fc.assert(
      fc.property(
        candidates.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        mode,
        weight,
        ([list, shuffled], how, share) => {
          expect(fuse(shuffled, how, share)).toEqual(fuse(list, how, share));
        },
      ),
    );
  });

  it("leaves its input as it was", () => {
    const list = [candidate("b", 0.1, 0.1), candidate("a", 0.9, 0.9)];
    fuse(list, "hybrid", 0.5);
    expect(list.map(({ id }) => id)).toEqual(["b", "a"]);
  });
});
