import { describe, expect, it } from "vitest";
import type { Call } from "#src/core/call.js";
import { AppError, abortReason } from "#src/core/errors.js";
import type { RerankPassage } from "#src/core/ports.js";
import { packTokens } from "#src/core/token-vectors.js";
import { createLateInteraction, type TokenEmbedder } from "#src/rerank/late-interaction.js";
import { abortedCall, testCall } from "../support/call.js";

const WORDS = ["red", "green", "blue", "key"];
const LONG_MS = 60_000;

/** One axis a word; words that are not among `WORDS` have no vector. */
function tokensOf(text: string): Uint8Array {
  const known = text.split(" ").filter((word) => WORDS.includes(word));
  const rows = known.flatMap((word) => WORDS.map((each) => (each === word ? 1 : 0)));
  return packTokens(Float32Array.from(rows), WORDS.length);
}

function passage(id: string, text: string, stored = true): RerankPassage {
  return { id, text, textHash: id, fused: 0.5, ...(stored ? { tokens: tokensOf(text) } : {}) };
}

function setUp(options: { passagesUntil?: number; queryNever?: boolean; failure?: AppError } = {}) {
  const embedded: string[] = [];
  const embedder = {
    async embedTokens({ signal }: Call, texts: readonly string[], role: string) {
      if (options.failure !== undefined) throw options.failure;
      const isHung = role === "passage" ? embedded.length === options.passagesUntil : options.queryNever;
      if (isHung) {
        await new Promise((_, reject) => {
          signal.addEventListener("abort", () => reject(abortReason(signal)), { once: true });
        });
      }
      if (role === "passage") embedded.push(...texts);
      return texts.map((text) => ({ vector: new Float32Array(4), tokens: tokensOf(text) }));
    },
    status: () => ({ state: "ready", model: "m", device: "cpu", processes: 2 }),
    warmUp: async () => undefined,
  } as unknown as TokenEmbedder;
  return { reranker: createLateInteraction(embedder), embedded };
}

describe("late interaction", () => {
  it("scores the passage that has the query's words above the others, without computing what the index has", async () => {
    const { reranker, embedded } = setUp();
    const passages = [passage("a", "blue green"), passage("b", "red key"), passage("c", "red green")];
    const { scores, degraded } = await reranker.score(testCall(), "red key", passages, LONG_MS);
    const [a, b, c] = scores as [number, number, number];
    expect(b).toBeGreaterThan(c);
    expect(c).toBeGreaterThan(a);
    expect(degraded).toBeUndefined();
    expect(embedded).toEqual([]);
  });

  it("computes what the index lacks, best first, and scores it the same", async () => {
    const { reranker, embedded } = setUp();
    const texts = ["red", "red green", "blue"];
    const stored = await reranker.score(
      testCall(),
      "red",
      texts.map((text) => passage(text, text)),
      LONG_MS,
    );
    const computed = await reranker.score(
      testCall(),
      "red",
      texts.map((text) => passage(text, text, text === "blue")),
      LONG_MS,
    );
    expect(computed).toEqual(stored);
    expect(embedded).toEqual(["red", "red green"]);
  });

  it("leaves without a score what the budget did not reach", async () => {
    const { reranker } = setUp({ passagesUntil: 1 });
    const passages = [passage("a", "red", false), passage("b", "red", false), passage("c", "red")];
    const { scores } = await reranker.score(testCall(), "red", passages, 20);
    expect(scores.map((score) => score !== undefined)).toEqual([true, false, true]);
  });

  it("leaves all without a score when the query's own vectors are not there in time", async () => {
    const { reranker } = setUp({ queryNever: true });
    expect(await reranker.score(testCall(), "red", [passage("a", "red")], 20)).toEqual({ scores: [undefined] });
  });

  it("takes vectors that another version packed for none", async () => {
    const { reranker, embedded } = setUp();
    const old = { ...passage("a", "red"), tokens: tokensOf("red").with(0, 99) };
    const { scores } = await reranker.score(testCall(), "red", [old], LONG_MS);
    expect(embedded).toEqual(["red"]);
    expect(scores[0]).toBeGreaterThan(0.5);
  });

  it("gives fused scores back for a query that has no words to compare", async () => {
    const { reranker } = setUp();
    const passages = [{ ...passage("a", "red"), fused: 0.7 }, passage("b", "red")];
    expect(await reranker.score(testCall(), "the of", passages, LONG_MS)).toEqual({ scores: [0.7, 0.5] });
  });

  it("hears the caller leave, before and while it computes", async () => {
    const { reranker } = setUp({ passagesUntil: 0 });
    const passages = [passage("a", "red", false)];
    await expect(reranker.score(abortedCall(), "red", passages, LONG_MS)).rejects.toMatchObject({
      code: "cancelled",
    });
    const caller = new AbortController();
    const scoring = reranker.score(testCall({ signal: caller.signal }), "red", passages, LONG_MS);
    setImmediate(() => caller.abort());
    await expect(scoring).rejects.toMatchObject({ code: "cancelled" });
  });

  it("fails as the embedder fails", async () => {
    const failure = new AppError("model_failed", "no memory", { remedy: "-" });
    const { reranker } = setUp({ failure });
    await expect(reranker.score(testCall(), "red", [passage("a", "red")], LONG_MS)).rejects.toBe(failure);
  });

  it("is in the state that the embedder is in", () => {
    expect(setUp().reranker.status()).toEqual({
      state: "ready",
      model: "late-interaction",
      device: "cpu",
      processes: 2,
    });
  });
});
