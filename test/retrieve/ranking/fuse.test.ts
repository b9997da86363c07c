import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Candidate, RetrieveMode, Variant } from "#src/core/types.js";
import { askedByLeg } from "#src/retrieve/legs.js";
import { bestVariant, fuse as fuseVariants } from "#src/retrieve/ranking/fuse.js";

const question: Variant = { text: "question", leg: "both", weight: 1 };
/** Of the question alone. */
const fuse = (list: readonly Candidate[], how: RetrieveMode, denseWeight: number) =>
  fuseVariants(list, askedByLeg([question], [], how), { denseWeight, variantWeights: { dense: 1, lexical: 1 } });

const candidate = (id: string, ...scores: number[]): Candidate => ({
  id,
  source: "files",
  document: id,
  ordinal: 0,
  textHash: id,
  scores,
});
const ids = (list: readonly { candidate: Candidate }[]) => list.map(({ candidate: { id } }) => id);

// Thousandths: most of `fc.double` is so small that nothing is told apart.
const thousandths = (min: number, max: number) => fc.integer({ min, max }).map((value) => value / 1_000);
const weight = thousandths(0, 1_000);
const cosine = thousandths(-1_000, 1_000);
const bm25 = thousandths(0, 1_000);
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

describe("a question asked in several ways", () => {
  const weights = { denseWeight: 0.5, variantWeights: { dense: 1, lexical: 1 } };
  const rephrasing: Variant = { text: "another wording", leg: "dense", weight: 0.8 };
  const synonyms: Variant = { text: "other words", leg: "lexical", weight: 0.5 };
  const variants = fc
    .array(fc.record({ leg: fc.constantFrom("dense", "lexical" as const), weight }), { maxLength: 4 })
    .map((list) => [question, ...list.map((each) => ({ ...each, text: "variant" }))]);
  /** A candidate with a score for each variant, and the variants. */
  const asked = variants.chain((list) => {
    const { dense, lexical } = askedByLeg(list, [], "hybrid");
    const scores = fc.tuple(
      fc.array(cosine, { minLength: dense.length, maxLength: dense.length }),
      fc.array(bm25, { minLength: lexical.length, maxLength: lexical.length }),
    );
    return scores.map(([d, l]) => ({ dense, lexical, scores: { dense: d, lexical: l } }));
  });

  it("takes on each leg the best variant's score times its weight", () => {
    const legs = askedByLeg([question, rephrasing, synonyms], [], "hybrid");
    const [found] = fuseVariants([candidate("a", 0.3, 0.6, 0.2, 0.9)], legs, weights);
    expect(found?.dense).toBeCloseTo(0.48);
    expect(found?.lexical).toBeCloseTo(0.45);
    expect(found?.fused).toBeCloseTo((0.48 + 0.45) / 2);
  });

  it("turns all variants but the question down by a parameter", () => {
    expect(bestVariant([0.3, 0.6], [question, rephrasing], 0.5)).toBe(0.3);
    expect(bestVariant([0.3, 0.8], [question, rephrasing], 0.5)).toBeCloseTo(0.32);
  });

  it("asks each leg the question itself, and no leg that the mode leaves out", () => {
    const list = [question, rephrasing, synonyms];
    const exact = [{ term: "1_3_2", mostOften: 1 }];
    const dense = [question, rephrasing];
    const lexical = [question, synonyms];
    expect(askedByLeg(list, exact, "hybrid")).toEqual({ dense, lexical, exact });
    expect(askedByLeg(list, exact, "dense")).toEqual({ dense, lexical: [], exact: [] });
    expect(askedByLeg(list, exact, "lexical")).toEqual({ dense: [], lexical, exact });
  });

  it("counts an exact term by how few passages have it, and takes the mean of several", () => {
    const legs = askedByLeg(
      [question],
      [
        { term: "1_3_2", mostOften: 1 },
        { term: "github", mostOften: 0.1 },
      ],
      "hybrid",
    );
    const exactOf = (...exact: number[]) => fuseVariants([candidate("a", 0.3, 0.6, ...exact)], legs, weights)[0];
    expect(exactOf(0.9, 0)?.exact).toBeCloseTo(0.45);
    expect(exactOf(0.9, 0)?.fused).toBeCloseTo(0.45);
    expect(exactOf(0.9, 0.95)?.exact).toBeCloseTo((0.9 + 0.5) / 2);
    expect(exactOf(0, 0.8)?.exact).toBe(0);
  });

  it("never scores a passage below what the question alone gives it, nor above 1", () => {
    fc.assert(
      fc.property(asked, weight, ({ dense, lexical, scores }, denseWeight) => {
        const [found] = fuseVariants(
          [candidate("a", ...scores.dense, ...scores.lexical)],
          { dense, lexical, exact: [] },
          { ...weights, denseWeight },
        );
        const [alone] = fuse(
          [candidate("a", scores.dense[0] as number, scores.lexical[0] as number)],
          "hybrid",
          denseWeight,
        );
        expect(found?.fused).toBeGreaterThanOrEqual(alone?.fused as number);
        expect(found?.fused).toBeLessThanOrEqual(1 + 1e-12);
      }),
    );
  });

  it("does not let a variant bury a hit of the question: what it alone found scores its weight at most", () => {
    fc.assert(
      fc.property(weight, weight, bm25, (own, scale, score) => {
        const found = bestVariant([0, score], [question, { ...synonyms, weight: own }], scale);
        expect(found).toBeLessThanOrEqual(own * scale);
      }),
    );
  });
});
