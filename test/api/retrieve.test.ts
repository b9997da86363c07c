import { describe, expect, it } from "vitest";
import type { Outcome } from "#src/api/operation.js";
import { retrieveOperation } from "#src/api/retrieve.js";
import type { App } from "#src/compose.js";
import { createCtx } from "#src/core/context.js";
import type { Reranker } from "#src/core/ports.js";
import type { Variant } from "#src/core/types.js";
import { RANKING_PARAMS } from "#src/pipeline/ranking-params.js";
import { relevance } from "#src/pipeline/relevance.js";
import type { RetrieveParts } from "#src/pipeline/retrieve.js";
import { FakeRetrieval, fakeExpander, fakeReranker, falling, variants } from "../pipeline/fakes.js";

const operation = retrieveOperation(2_000);
const synonyms: Variant = { text: "other words\nof it", leg: "lexical", weight: 0.5 };
const scoreFirst =
  (count: number): Reranker["score"] =>
  async (_query, passages) => ({ scores: passages.map((_, i) => (i < count ? 0.8 : undefined)) });
const everything = (score: Reranker["score"] = scoreFirst(50)): Partial<RetrieveParts> => ({
  expander: fakeExpander(() => variants(synonyms)),
  reranking: { reranker: fakeReranker(score), topK: 50, budgetMs: 120 },
});

/** The operation over a server with these parts; its answer fits the schema that clients see. */
async function call(input: object, parts: Partial<RetrieveParts>) {
  const fake = new FakeRetrieval(falling(12));
  const app = {
    flags: { hybrid: true, rerank: parts.reranking !== undefined, expansion: parts.expander !== undefined },
    config: { values: { CANDIDATES: 100 }, collection: "docs", collections: ["docs"] },
    retrieve: (request, ctx) => fake.retrieve(request, parts, ctx),
  } as Pick<App, "retrieve"> as App;
  const ctx = createCtx({ signal: new AbortController().signal });
  const { value, text } = (await operation.run(
    app,
    operation.input.parse({ query: "question", ...input }),
    ctx,
  )) as Outcome<Record<string, unknown>>;
  expect(operation.output.parse(value)).toEqual(value);
  return { value, text };
}

describe("an answer of retrieve", () => {
  it("names the variants that were searched, times both stages, and shows every score", async () => {
    const { value } = await call({ top_k: 3 }, everything());
    expect(value.query_variants).toEqual(["question", "other words of it"]);
    expect(value.timings_ms).toMatchObject({ expand: expect.any(Number), rerank: expect.any(Number) });
    const [best] = value.results as { score: number; scores: object }[];
    expect(best?.scores).toEqual({ dense: 0.9, lexical: 0.9, fused: 0.9, rerank: 0.8 });
    const found = { best: 0.7 * 0.9 + 0.3 * 0.8, cosine: 0.9 };
    expect(best?.score).toBeCloseTo(relevance(found.best, found, RANKING_PARAMS.relevance.hybrid));
    expect(value.degraded).toEqual([]);
  });

  it("says in both forms when the re-ranker ran out of time", async () => {
    const { value, text } = await call({}, everything(scoreFirst(2)));
    expect(value.degraded).toEqual([{ stage: "rerank", reason: "rerank_budget" }]);
    expect(text).toContain("Note: degraded (rerank: rerank_budget).");
  });

  it("explains its weights, its variants and how many candidates were re-ranked", async () => {
    const { value } = await call({ explain: true }, everything(scoreFirst(2)));
    expect(value.explain).toMatchObject({
      mode: "hybrid",
      dense_weight: 0.5,
      candidates_per_leg: 100,
      variants: [
        { text: "question", leg: "both", weight: 1 },
        { text: "other words of it", leg: "lexical", weight: 0.5 },
      ],
      rerank_blend: RANKING_PARAMS.rerankBlend,
      rerank_candidates: 12,
      rerank_scored: 2,
    });
  });

  it("without the stages has one variant, no re-rank score and no such times", async () => {
    const { value } = await call({ explain: true }, {});
    expect(value.query_variants).toEqual(["question"]);
    expect((value.results as { scores: object }[])[0]?.scores).toEqual({ dense: 0.9, lexical: 0.9, fused: 0.9 });
    expect(Object.keys(value.timings_ms as object)).not.toContain("rerank");
    expect(Object.keys(value.explain as object)).not.toContain("rerank_scored");
  });
});

describe("a call's switches", () => {
  it.each(["rerank", "expand"])("%s: false leaves the stage out where the server has it", async (stage) => {
    const { value } = await call({ [stage]: false }, everything());
    expect(Object.keys(value.timings_ms as object)).not.toContain(stage);
    expect(Object.keys(value.timings_ms as object)).toContain(stage === "rerank" ? "expand" : "rerank");
  });

  it.each(["rerank", "expand"])("%s: true is refused where the server does not have it", async (stage) => {
    await expect(call({ [stage]: true }, {})).rejects.toMatchObject({ code: "bad_request" });
    await expect(call({ [stage]: true }, everything())).resolves.toBeDefined();
  });
});
