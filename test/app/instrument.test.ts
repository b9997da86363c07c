import { describe, expect, it } from "vitest";
import { measuredExpander, measuredReranker } from "#src/app/instrument.js";
import type { RerankPassage } from "#src/core/ports.js";
import type { Expansion } from "#src/core/types.js";
import { createMetrics } from "#src/telemetry/metrics.js";
import { testCall } from "../support/call.js";
import { fakeExpander, fakeReranker, variants } from "../support/fakes.js";

const fresh = () => createMetrics({ defaultMetrics: false });
const passages = (count: number): RerankPassage[] =>
  Array.from({ length: count }, (_, i) => ({ id: String(i), textHash: String(i), text: "text", fused: 0.5 }));

describe("a measured re-ranker", () => {
  it("counts candidates handed in, the time of each call and the scores that were made", async () => {
    const metrics = fresh();
    const reranker = measuredReranker(
      fakeReranker(async () => ({ scores: [0.95, 0.6, undefined] })),
      metrics,
    );
    expect(await reranker.score(testCall(), "question", passages(3), 120)).toEqual({ scores: [0.95, 0.6, undefined] });
    const { body } = await metrics.expose();
    expect(body).toContain("reranker_candidates_total 3\n");
    expect(body).toContain("reranker_latency_seconds_count 1\n");
    expect(body).toContain("reranker_score_distribution_count 2\n");
    expect(body).toContain('reranker_score_distribution_bucket{le="0.5"} 0\n');
    expect(body).toContain('reranker_score_distribution_bucket{le="0.7"} 1\n');
    expect(body).toContain('reranker_score_distribution_bucket{le="0.9"} 1\n');
  });

  it("counts the candidates of a call that fails, but not its time", async () => {
    const metrics = fresh();
    const reranker = measuredReranker(
      fakeReranker(() => Promise.reject(new Error("no"))),
      metrics,
    );
    await expect(reranker.score(testCall(), "question", passages(3), 120)).rejects.toThrow("no");
    const { body } = await metrics.expose();
    expect(body).toContain("reranker_candidates_total 3\n");
    expect(body).toContain("reranker_latency_seconds_count 0\n");
  });

  it("has the runbook's buckets", async () => {
    const { body } = await fresh().expose();
    for (const le of [0.05, 0.1, 0.2]) expect(body).toContain(`reranker_latency_seconds_bucket{le="${le}"}`);
    for (const le of [0.5, 0.7, 0.9]) expect(body).toContain(`reranker_score_distribution_bucket{le="${le}"}`);
    for (const le of [0.01, 0.02]) expect(body).toContain(`query_expansion_latency_seconds_bucket{le="${le}"}`);
  });
});

describe("a measured expander", () => {
  const counted = async (expand: () => Expansion | Promise<Expansion>, signal?: AbortSignal) => {
    const metrics = fresh();
    await measuredExpander(fakeExpander(expand), metrics)
      .expand(testCall({ signal }), "question")
      .catch(() => undefined);
    return (await metrics.expose()).body;
  };

  it("counts the variants of an expanded query, the query itself among them", async () => {
    const body = await counted(() => variants({ text: "other words", leg: "lexical", weight: 0.5 }));
    expect(body).toContain("query_expansion_variants_total 2\n");
    expect(body).toContain("query_expansion_latency_seconds_count 1\n");
    expect(body).not.toContain("query_expansion_skipped_total{");
  });

  it("counts a skipped query by its reason, and no variants for it", async () => {
    const body = await counted(() => ({ ...variants(), skipped: "identifier" }));
    expect(body).toContain("query_expansion_variants_total 0\n");
    expect(body).toContain('query_expansion_skipped_total{reason="identifier"} 1\n');
    expect(body).toContain("query_expansion_latency_seconds_count 1\n");
  });

  it("counts a failure as skipped, but not a call that was cancelled", async () => {
    const fail = () => Promise.reject(new Error("no"));
    expect(await counted(fail)).toContain('query_expansion_skipped_total{reason="failed"} 1\n');
    expect(await counted(fail, AbortSignal.abort())).not.toContain("query_expansion_skipped_total{");
  });
});
