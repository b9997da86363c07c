import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { blend, blendScore, type Ranked } from "#src/retrieve/ranking/blend.js";
import { RANKING_PARAMS } from "#src/retrieve/ranking/ranking-params.js";

// Thousandths: most of `fc.double` is so small that nothing is told apart.
const unit = fc.integer({ min: 0, max: 1_000 }).map((thousandths) => thousandths / 1_000);
const share = fc.integer({ min: 0, max: 500 }).map((thousandths) => thousandths / 1_000);
const maybe = fc.option(unit, { nil: undefined });

const passage = (id: string, fused: number): Ranked =>
  ({ candidate: { id }, fused, score: fused }) as unknown as Ranked;
const ids = (list: readonly Ranked[]) => list.map(({ candidate }) => candidate.id);
/** Passages in fused order, with a re-rank score or none for each. */
const pool = fc.array(fc.tuple(unit, maybe), { minLength: 1, maxLength: 30 }).map((list) => {
  const sorted = [...list].sort(([a], [b]) => b - a);
  return {
    passages: sorted.map(([fused], i) => passage(String(i).padStart(2, "0"), fused)),
    scores: sorted.map(([, score]) => score),
  };
});

const by = (rerankBlend: number) => ({ rerankBlend, exactShare: 0.5 });

describe("the blend of fused and re-rank score", () => {
  it("lies between the two, so between 0 and 1", () => {
    fc.assert(
      fc.property(unit, unit, share, (fused, rerank, part) => {
        const score = blendScore(fused, rerank, part);
        expect(score).toBeGreaterThanOrEqual(Math.min(fused, rerank) - 1e-12);
        expect(score).toBeLessThanOrEqual(Math.max(fused, rerank) + 1e-12);
      }),
    );
  });

  it("never falls when either rises", () => {
    fc.assert(
      fc.property(unit, unit, unit, unit, share, (f1, f2, r1, r2, part) => {
        const low = blendScore(Math.min(f1, f2), Math.min(r1, r2), part);
        expect(blendScore(Math.max(f1, f2), Math.max(r1, r2), part)).toBeGreaterThanOrEqual(low);
      }),
    );
  });

  it("takes a score outside 0 to 1 as the nearest within", () => {
    expect(blendScore(0.5, 7, 0.4)).toBe(blendScore(0.5, 1, 0.4));
    expect(blendScore(0.5, -7, 0.4)).toBe(blendScore(0.5, 0, 0.4));
  });

  it("never buries an exact hit: a lead above share / (1 - share) outlasts any re-rank scores", () => {
    fc.assert(
      fc.property(pool, share, ({ passages, scores }, part) => {
        const place = new Map(ids(blend(passages, scores, by(part))).map((id, i) => [id, i]));
        const of = ({ candidate }: Ranked) => place.get(candidate.id) as number;
        for (const ahead of passages) {
          for (const behind of passages) {
            if (ahead.fused - behind.fused > part / (1 - part) + 1e-9) expect(of(ahead)).toBeLessThan(of(behind));
          }
        }
      }),
    );
  });

  it("keeps an exact hit above a weak one with the parameters in force, whatever the re-ranker says", () => {
    expect(RANKING_PARAMS.rerankBlend).toBeLessThan(0.5);
    const [best] = blend([passage("exact", 0.95), passage("weak", 0.45)], [0, 1], RANKING_PARAMS);
    expect(best?.candidate.id).toBe("exact");
  });

  it("keeps passages that were not scored in fused order", () => {
    fc.assert(
      fc.property(pool, share, ({ passages, scores }, part) => {
        const unscored = ids(passages.filter((_, i) => scores[i] === undefined));
        const after = ids(blend(passages, scores, by(part))).filter((id) => unscored.includes(id));
        expect(after).toEqual(unscored);
      }),
    );
  });

  it("keeps what was not reached behind what was, when the best were scored first", () => {
    fc.assert(
      fc.property(pool, share, fc.nat(9), ({ passages }, part, reached) => {
        const scores = passages.map((_, i) => (i < reached ? (i % 3) / 2 : undefined));
        const after = ids(blend(passages, scores, by(part)));
        expect(new Set(after.slice(0, reached))).toEqual(new Set(ids(passages).slice(0, reached)));
      }),
    );
  });

  it("keeps the distances between those that were not reached, and to the worst that was", () => {
    const passages = [passage("a", 0.7), passage("b", 0.65), passage("c", 0.6)];
    const [a, b, c] = blend(passages, [0.5], by(0.2));
    expect((a?.score ?? 0) - (b?.score ?? 0)).toBeCloseTo(0.8 * 0.05, 12);
    expect((b?.score ?? 0) - (c?.score ?? 0)).toBeCloseTo(0.8 * 0.05, 12);
  });

  it("gives scores best first, one passage each, the fused ones kept", () => {
    fc.assert(
      fc.property(pool, share, ({ passages, scores }, part) => {
        const after = blend(passages, scores, by(part));
        expect(after.map(({ score }) => score)).toEqual(after.map(({ score }) => score).sort((a, b) => b - a));
        expect(ids(after).sort()).toEqual(ids(passages).sort());
        for (const { candidate, fused } of after) expect(fused).toBe(passages[Number(candidate.id)]?.fused);
      }),
    );
  });

  it("leaves what has what the question names before what has not, whatever the re-ranker says", () => {
    const named = { ...passage("named", 0.2), exact: 0.9 };
    expect(ids(blend([named, passage("alike", 0.7)], [0, 1], by(0.4)))).toEqual(["named", "alike"]);
  });

  it("changes nothing when nothing was scored", () => {
    const passages = [passage("a", 0.7), passage("b", 0.2)];
    expect(blend(passages, [undefined, undefined], by(0.3))).toEqual(passages);
  });
});
