/** Always an answer: the lexical leg alone where the model cannot be asked. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { AppError, type ErrorCode } from "#src/core/errors.js";
import type { Embedder } from "#src/core/ports.js";
import { testCall } from "../support/call.js";
import { fakeReranker } from "../support/fakes.js";
import { Bench } from "../support/fixtures.js";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
  await bench.index({ keys: "Signing keys are rotated every ninety days.", bread: "Bread rises twice." });
});
afterEach(() => bench.close());

const failing = (code: ErrorCode) => async () => {
  throw new AppError(code, "It cannot be asked now.", { remedy: "Ask later." });
};
const QUESTION = { query: "how are signing keys rotated" };

describe("a collection that no version of fits the model", () => {
  beforeEach(() => bench.useModel("2"));

  it("is answered by words, with both models and the way out in the reason", async () => {
    const call = testCall();
    const { passages, mode } = await bench.retrieve(QUESTION, call);
    expect(mode).toBe("lexical");
    expect(passages[0]?.point.record.document).toBe("keys");
    expect(passages[0]?.dense).toBeUndefined();
    expect(call.degraded).toContainEqual({
      stage: "search",
      reason: "lexical_only",
      detail: expect.stringMatching(/model-1@.*model-2@.*--full/),
    });
  });

  it("is a mismatch for who asks by meaning alone, and no degradation for who asks by words alone", async () => {
    await expect(bench.retrieve({ ...QUESTION, mode: "dense" })).rejects.toMatchObject({ code: "mismatch" });
    const call = testCall();
    await bench.retrieve({ ...QUESTION, mode: "lexical" }, call);
    expect(call.degraded.map(({ reason }) => reason)).not.toContain("lexical_only");
  });

  it("says that its words are not compared, where the profile re-ranks by them", async () => {
    const reranking = { kind: "late-interaction", absent: "skip", topK: 50, budgetMs: 120 } as const;
    const call = testCall();
    const reranker = () => fakeReranker(async () => ({ scores: [] }));
    const { reranked } = await bench.retrieve({ ...QUESTION, mode: "lexical" }, call, { reranker }, { reranking });
    expect(reranked).toBeUndefined();
    const why = expect.stringMatching(/model-1@.*model-2@/);
    expect(call.degraded).toContainEqual({ stage: "rerank", reason: "rerank_failed", detail: why });
  });

  it("is answered by words where the lexical leg is switched off too: an answer counts more than a setting", async () => {
    const { passages } = await bench.retrieve(QUESTION, testCall(), {}, { legs: "dense" });
    expect(passages[0]?.point.record.document).toBe("keys");
  });
});

describe("a model that is not ready", () => {
  it.each(["model_missing", "model_failed", "config"] as const)("(%s) leaves the answer to the words", async (code) => {
    for (const broken of [{ embed: failing(code) }, { embed: failing(code), fingerprint: failing(code) }]) {
      const call = testCall();
      const embedder = { ...bench.embedder, ...broken };
      const { passages } = await bench.retrieve(QUESTION, call, { embedder: () => embedder });
      expect(passages[0]?.point.record.document).toBe("keys");
      expect(call.degraded).toContainEqual(
        expect.objectContaining({ reason: "lexical_only", detail: "It cannot be asked now. Ask later." }),
      );
    }
  });

  it.each(["overloaded", "bug", "timeout"] as const)("is no excuse for %s, which the caller hears of", async (code) => {
    const embedder = { ...bench.embedder, embed: failing(code) };
    await expect(bench.retrieve(QUESTION, testCall(), { embedder: () => embedder })).rejects.toMatchObject({ code });
  });

  it("fails a question by meaning alone", async () => {
    const embedder = { ...bench.embedder, embed: failing("model_missing") };
    const asked = bench.retrieve({ ...QUESTION, mode: "dense" }, testCall(), { embedder: () => embedder });
    await expect(asked).rejects.toMatchObject({ code: "model_missing", stage: "embed" });
  });
});

describe("a script that the model does not read", () => {
  const zero = new Float32Array(384);
  const unread = (test: RegExp): Embedder => {
    const reads = bench.embedder;
    return {
      ...reads,
      degraded: undefined,
      embed: async (call, texts, role) => {
        const vectors = await reads.embed(call, texts, role);
        return vectors.map((vector, i) => (test.test(texts[i] as string) ? zero : vector));
      },
    };
  };

  it("leaves the question to the words, without re-ranking, and says so", async () => {
    const call = testCall();
    const reranking = { kind: "late-interaction", absent: "compute", topK: 50, budgetMs: 120 } as const;
    const reranker = () => fakeReranker(async () => Promise.reject(new Error("asked")));
    const embedder = unread(/keys/);
    const { passages, mode } = await bench.retrieve(
      QUESTION,
      call,
      { embedder: () => embedder, reranker },
      { reranking },
    );
    expect(mode).toBe("lexical");
    expect(passages[0]?.point.record.document).toBe("keys");
    expect(passages[0]?.dense).toBeUndefined();
    const detail = expect.stringContaining("docs/models.md");
    expect(call.degraded).toEqual([{ stage: "embed", reason: "unread_script", detail }]);
    const byWords = await bench.retrieve({ ...QUESTION, mode: "lexical" });
    expect(passages.map(({ score }) => score)).toEqual(byWords.passages.map(({ score }) => score));
  });

  it("is told to who asks by meaning alone, whose answer then means nothing", async () => {
    const call = testCall();
    const embedder = unread(/keys/);
    const { passages } = await bench.retrieve({ ...QUESTION, mode: "dense" }, call, { embedder: () => embedder });
    expect(call.degraded.map(({ reason }) => reason)).toEqual(["unread_script"]);
    for (const { score } of passages) expect(score).toBeLessThan(0.05);
  });

  it("takes no weight from the words of a passage, whose score is what they say", async () => {
    bench.embedder = unread(/部署/);
    await bench.index({ zh: "使用 Docker 部署到集群", bread: "Bread rises twice." });
    const call = testCall();
    const [best] = (await bench.retrieve({ query: "Docker" }, call)).passages;
    expect(best).toMatchObject({ dense: 0, point: { record: { document: "zh" } } });
    expect(best?.fused).toBe(best?.lexical);
    expect(call.degraded).toMatchObject([{ stage: "fuse", reason: "unread_script" }]);
  });
});
