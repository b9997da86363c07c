import { describe, expect, it } from "vitest";
import { retrieveOperation } from "#src/api/retrieve/operation.js";
import type { App } from "#src/app/app.js";
import { AppError } from "#src/core/errors.js";
import type { Embedder, Reranker } from "#src/core/ports.js";
import type { Variant } from "#src/core/types.js";
import { RANKING_PARAMS } from "#src/retrieve/ranking/ranking-params.js";
import { relevance } from "#src/retrieve/ranking/relevance.js";
import { testCall } from "../support/call.js";
import { type FakeParts, FakeRetrieval, fakeExpander, fakeReranker, falling, variants } from "../support/fakes.js";
import { testProfile } from "../support/profile.js";

const operation = retrieveOperation({ queryMaxChars: 2_000, profileChoice: false });
const synonyms: Variant = { text: "other words\nof it", leg: "lexical", weight: 0.5 };
const scoreFirst =
  (count: number): Reranker["score"] =>
  async (_call, _query, passages) => ({ scores: passages.map((_, i) => (i < count ? 0.8 : undefined)) });
const everything = (score: Reranker["score"] = scoreFirst(50)): FakeParts => ({
  expander: fakeExpander(() => variants(synonyms)),
  reranking: { reranker: fakeReranker(score), topK: 50, budgetMs: 120 },
});

/** The operation over a server with these parts; its answer fits the schema that clients see. */
async function call(input: object, parts: FakeParts, passages = falling(12)) {
  const fake = new FakeRetrieval(passages);
  const app: Pick<App, "live" | "profile" | "retrieve"> = {
    live: { collection: "docs" } as App["live"],
    profile: () => testProfile(),
    retrieve: (by, { profile: _, ...request }) => fake.retrieve(request, parts, by),
  };
  const parsed = operation.input.parse({ query: "question", ...input });
  const { value, text, brief } = await operation.run(testCall(), app, parsed);
  expect(operation.output.parse(value)).toEqual(value);
  expect(operation.output.parse(brief?.value)).toEqual(brief?.value);
  const sent: Record<string, unknown> = JSON.parse(JSON.stringify(value));
  return { value: sent, text, brief };
}

it("is answered by the profile that it names, and reports that one for its span", async () => {
  const fast = testProfile({ name: "fast", legs: "dense" });
  const choosing = retrieveOperation({ queryMaxChars: 2_000, profileChoice: true });
  const asked: unknown[] = [];
  const app: Pick<App, "live" | "profile" | "retrieve"> = {
    live: { collection: "docs" } as App["live"],
    profile: (name) => (name === "fast" ? fast : testProfile()),
    retrieve: (by, { profile, ...request }) => {
      asked.push(profile);
      return new FakeRetrieval(falling(1)).retrieve(request, everything(), by);
    },
  };
  const input = choosing.input.parse({ query: "question", profile: "fast" });
  await choosing.run(testCall(), app, input);
  expect(asked).toEqual([fast]);
  expect(choosing.profile?.(app, input)).toBe(fast);
});

it("finds files by an ending as people write it", async () => {
  const asked: unknown[] = [];
  const app: Pick<App, "live" | "profile" | "retrieve"> = {
    live: { collection: "docs" } as App["live"],
    profile: () => testProfile(),
    retrieve: (by, { profile: _, ...request }) => {
      asked.push(request.filter);
      return new FakeRetrieval(falling(1)).retrieve({}, everything(), by);
    },
  };
  const filter = { extension: ".TS", lang: ".ts" };
  await operation.run(testCall(), app, operation.input.parse({ query: "q", filter }));
  expect(asked).toEqual([{ extension: ["ts"], lang: ".ts" }]);
});

describe("an answer of retrieve", () => {
  it("names the variants that were searched, times both stages, and shows every score", async () => {
    const { value } = await call({ top_k: 3, explain: true }, everything());
    expect(value.query_variants).toEqual(["question", "other words of it"]);
    expect(value.timings_ms).toMatchObject({ expand: expect.any(Number), rerank: expect.any(Number) });
    const [best] = value.results as { score: number; scores: object }[];
    expect(best?.scores).toEqual({ dense: 0.9, lexical: 0.9, fused: 0.9, rerank: 0.8 });
    const found = { best: 0.7 * 0.9 + 0.3 * 0.8, cosine: 0.9 };
    expect(best?.score).toBeCloseTo(relevance(found.best, found, RANKING_PARAMS.relevance.hybrid));
    expect(value.degraded).toEqual([]);
  });

  it("says in both forms when the re-ranker ran out of time, and how many passages it scored", async () => {
    const { value, text } = await call({}, everything(scoreFirst(2)));
    expect(value.degraded).toEqual([{ stage: "rerank", reason: "rerank_budget" }]);
    expect(value.reranked).toEqual({ candidates: 12, scored: 2 });
    expect(text).toContain("Note: degraded (rerank: rerank_budget; 2 of 12 passages were scored).");
  });

  it("explains its weights and its variants", async () => {
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
    });
  });

  it("without the stages has one variant, no re-rank score and no such times", async () => {
    const { value } = await call({ explain: true }, {});
    expect(value.query_variants).toEqual(["question"]);
    expect((value.results as { scores: object }[])[0]?.scores).toEqual({ dense: 0.9, lexical: 0.9, fused: 0.9 });
    expect(Object.keys(value.timings_ms as object)).not.toContain("rerank");
    expect(Object.keys(value)).not.toContain("reranked");
    expect(Object.keys(value.explain as object)).not.toContain("rerank_blend");
  });
});

describe("a question that the documents do not answer", () => {
  const far = falling(12).map((passage) => ({ ...passage, dense: 0.05, lexical: 0.02, text: "far away. ".repeat(90) }));

  it("gets a verdict in both forms, and one short passage", async () => {
    const { value, text } = await call({}, {}, far);
    const [only, ...others] = value.results as { score: number; text: string; excerpt: boolean }[];
    expect(value.verdict).toBe("not_covered");
    expect(others).toEqual([]);
    expect(only?.score).toBeLessThan(0.1);
    expect(only?.text.length).toBeLessThanOrEqual(240);
    expect(value.truncated).toEqual({ omitted: 9, reason: "verdict" });
    expect(text).toMatch(/^Verdict: the documents probably do not answer this\./);
  });

  it.each([{ detail: "full" }, { detail: "ids" }, { min_score: 0 }, { mode: "lexical" }])(
    "gets all that was found where that is asked for: %j",
    async (input) => {
      const { value } = await call(input, {}, far);
      expect(value.results).toHaveLength(10);
      expect(value.verdict).toBeUndefined();
    },
  );

  it("is not judged by a score that says nothing", async () => {
    const lost = new AppError("model_missing", "No model.", { remedy: "Wait." });
    const embedder = { fingerprint: () => Promise.reject(lost), embed: () => Promise.reject(lost) };
    const { value } = await call({}, { embedder: embedder as unknown as Embedder }, far);
    expect(value.degraded).toMatchObject([{ reason: "lexical_only" }]);
    expect(value.results).toHaveLength(10);
  });
});

describe("an answer's price", () => {
  const long = falling(10).map((passage) => ({ ...passage, text: `Much is said here. ${"More of it. ".repeat(90)}` }));

  it("is two passages whole, and less of each that is less likely", async () => {
    const { value } = await call({}, {}, long);
    const lengths = (value.results as { text: string }[]).map(({ text }) => text.length);
    expect(lengths.slice(0, 2)).toEqual([long[0]?.text.length, long[1]?.text.length]);
    for (const length of lengths.slice(2, 5)) expect(length).toBeLessThanOrEqual(200);
    for (const length of lengths.slice(5)) expect(length).toBeLessThanOrEqual(100);
  });

  it("has scores, stages and the version only with explain", async () => {
    const [lean, explained] = await Promise.all([call({}, {}, long), call({ explain: true }, {}, long)]);
    const of = ({ value }: typeof lean) => Object.keys((value.results as object[])[0] ?? {});
    expect(of(lean)).not.toContain("scores");
    expect(of(explained)).toContain("scores");
    expect(Object.keys(lean.value.timings_ms as object)).toEqual(["total"]);
    expect(Object.keys(lean.value.collection as object)).not.toContain("fingerprint");
    expect(explained.value.collection).toMatchObject({ fingerprint: expect.any(String) });
  });

  it("is paid once: beside the passages stands a list with a sentence of each", async () => {
    const { brief, text } = await call({}, {}, long);
    const results = brief?.value.results ?? [];
    expect(results).toHaveLength(10);
    for (const result of results) expect(result.text?.length).toBeLessThanOrEqual(100);
    expect(brief?.isEnough).toBe(true);
    expect(brief?.text.length).toBeLessThan(text.length / 2);
    for (const { source } of results) expect(brief?.text).toContain(source.uri);
  });
});

describe("max_tokens", () => {
  const long = falling(3).map((passage) => ({ ...passage, text: "some words of it ".repeat(100) }));
  const textsOf = (value: Record<string, unknown>) => (value.results as { text?: string }[]).map(({ text }) => text);

  it("cuts the first passage to what fits, and leaves the others out", async () => {
    const { value } = await call({ max_tokens: 400 }, {}, long);
    const [text = "", ...others] = textsOf(value);
    expect(others).toEqual([]);
    expect(text).toMatch(/^some words .* …$/);
    expect(text.length).toBeGreaterThan(400);
    expect(value.truncated).toEqual({ omitted: 2, reason: "max_tokens 400" });
  });

  it("cuts it to no less than some words", async () => {
    const { value } = await call({ max_tokens: 100 }, {}, long);
    expect(textsOf(value)).toEqual([`${(long[0]?.text ?? "").slice(0, 200)} …`]);
    const short = falling(3).map((passage) => ({ ...passage, text: "a few words" }));
    expect(textsOf((await call({ max_tokens: 100 }, {}, short)).value)).toEqual(["a few words"]);
  });

  it("keeps the first result without a text, instead of saying that nothing matched", async () => {
    const { value, text } = await call({ max_tokens: 100, detail: "ids" }, {}, long);
    expect(textsOf(value)).toEqual([undefined]);
    expect(text).toContain("Note: 2 more left out (max_tokens 100).");
  });
});

describe("a passage of a collection made before metadata was bounded", () => {
  it("is answered with as much of it as is stored now", async () => {
    const metadata = {
      ...Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`f${i}`, i])),
      f1: "v".repeat(2_000),
    };
    const { value } = await call(
      {},
      {},
      falling(1).map((passage) => ({ ...passage, metadata })),
    );
    const [result] = value.results as { metadata: Record<string, unknown> }[];
    expect(Object.keys(result?.metadata ?? {})).toHaveLength(64);
    expect(result?.metadata.f1).toHaveLength(1_000);
  });
});

describe("a query that is too long", () => {
  it("is refused with the setting that says how long it may be", () => {
    const { error } = operation.input.safeParse({ query: "x".repeat(2_001) });
    expect(error?.issues[0]?.message).toBe("longer than 2000 characters, which QUERY_MAX_CHARS allows");
  });
});

describe("a call's switches", () => {
  it.each(["rerank", "expand"])("%s: false leaves the stage out where the server has it", async (stage) => {
    const { value } = await call({ [stage]: false, explain: true }, everything());
    expect(Object.keys(value.timings_ms as object)).not.toContain(stage);
    expect(Object.keys(value.timings_ms as object)).toContain(stage === "rerank" ? "expand" : "rerank");
  });

  it.each(["rerank", "expand"])("%s: true is refused where the server does not have it", async (stage) => {
    await expect(call({ [stage]: true }, {})).rejects.toMatchObject({ code: "bad_request" });
    await expect(call({ [stage]: true }, everything())).resolves.toBeDefined();
  });
});
