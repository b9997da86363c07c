import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { METRICS, ranked, scoreRanking } from "#src/eval/metrics.js";

interface Fixture {
  readonly judgements: Record<string, Record<string, number>>;
  readonly run: Record<string, Record<string, number>>;
  readonly expected: Record<string, Record<string, number>>;
}
/** Made with pytrec_eval by tools/trec-eval-fixture.py. */
const fixture = JSON.parse(readFileSync(join(import.meta.dirname, "fixtures/trec-eval.json"), "utf8")) as Fixture;
const map = (values: Record<string, number> | undefined) => new Map(Object.entries(values ?? {}));

describe("scoreRanking", () => {
  it.each(Object.keys(fixture.expected))("gives trec_eval's numbers for %s", (query) => {
    const scores = scoreRanking(ranked(map(fixture.run[query])), map(fixture.judgements[query]));
    for (const metric of METRICS)
      expect(scores[metric], metric).toBeCloseTo(fixture.expected[query]?.[metric] ?? -1, 12);
  });

  it("is tried on what implementations differ in", () => {
    const grades = Object.values(fixture.judgements).flatMap((judged) => Object.values(judged));
    expect(new Set(grades)).toEqual(new Set([-1, 0, 1, 2, 3]));
    const tied = Object.values(fixture.run).filter(
      (ranking) => new Set(Object.values(ranking)).size < Object.keys(ranking).length,
    );
    expect(tied.length).toBeGreaterThan(10);
    expect(Object.keys(fixture.expected)).toEqual(expect.arrayContaining(["no-relevant", "no-result", "float-tie"]));
  });

  it("counts a relevant document only within the depth of the metric", () => {
    const filler = (n: number) => Array.from({ length: n }, (_, i) => `filler-${i}`);
    const grades = new Map([["hit", 1]]);
    expect(scoreRanking([...filler(5), "hit"], grades)).toMatchObject({ "success@5": 0, "MRR@10": 1 / 6 });
    expect(scoreRanking([...filler(10), "hit"], grades)).toMatchObject({ "nDCG@10": 0, "MRR@10": 0, "recall@100": 1 });
    expect(scoreRanking([...filler(100), "hit"], grades)).toMatchObject({ "recall@100": 0 });
  });
});
