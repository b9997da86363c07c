/** What every `Embedder` does. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Embedder, Role } from "#src/core/ports.js";
import { unpackTokens } from "#src/core/token-vectors.js";
import { dot } from "#src/core/vector.js";
import { testCall } from "../support/call.js";
import { freshTexts, rejectsAtOnce, rejectsWhenAborted, stopsTheWork, type Worker } from "./ended-calls.js";

export interface EmbedderFixture {
  readonly embedder: Embedder;
  readonly worker: Worker;
  /** Texts and words in each whose embedding takes a while. */
  readonly much?: readonly [texts: number, words: number];
  /** In a script that its model does not read; it reads all others here. */
  readonly unread?: string;
  dispose(): Promise<void>;
}

const TEXTS = ["rotate the signing keys", "", "bread and butter", " ", "Schlüssel zum Haus 🎉 \u0000"];

export function embedderContract(name: string, factory: () => Promise<EmbedderFixture>): void {
  describe(`${name} as an embedder`, () => {
    let fixture: EmbedderFixture;
    let embedder: Embedder;
    const worker = () => fixture.worker;
    beforeAll(async () => {
      fixture = await factory();
      embedder = fixture.embedder;
    });
    afterAll(() => fixture.dispose());

    it("has a fingerprint that stays, without loading anything", async () => {
      const { state } = embedder.status();
      const fingerprint = await embedder.fingerprint(testCall());
      expect(fingerprint).toMatchObject({ maxTokens: embedder.maxTokens, normalized: true });
      expect(fingerprint.dimension).toBeGreaterThan(0);
      expect(embedder.status().state).toBe(state);
      await embedder.warmUp(testCall());
      expect(await embedder.fingerprint(testCall())).toEqual(fingerprint);
    });

    it("is ready once it is warm", async () => {
      await embedder.warmUp(testCall());
      expect(embedder.status()).toMatchObject({ state: "ready", device: expect.stringMatching(/^(cpu|cuda)$/) });
      expect(embedder.status().error).toBeUndefined();
    });

    it.each<Role>(["query", "passage"])("gives a unit vector for each text, in order, for a %s", async (role) => {
      const { dimension } = await embedder.fingerprint(testCall());
      const vectors = await embedder.embed(testCall(), TEXTS, role);
      expect(vectors).toHaveLength(TEXTS.length);
      for (const [i, vector] of vectors.entries()) {
        expect(vector).toBeInstanceOf(Float32Array);
        expect(vector).toHaveLength(dimension);
        expect(Math.sqrt(dot(vector, vector))).toBeCloseTo(1, 4);
        const [alone] = await embedder.embed(testCall(), [TEXTS[i] as string], role);
        expect(alone).toEqual(vector);
      }
      expect(await embedder.embed(testCall(), [], role)).toEqual([]);
    });

    it("tells, if it can, whether its model knows the language of a text", async () => {
      const { knowsWords } = embedder;
      if (knowsWords === undefined) return expect(fixture.unread).toBeUndefined();
      expect(await knowsWords(testCall(), "The keys of the house hang beside the door.")).toBe(true);
      expect(await knowsWords(testCall(), "Die Hausschlüssel hängen neben der Wohnungstür.")).toBe(false);
      await expect(knowsWords(testCall({ signal: AbortSignal.abort() }), "keys")).rejects.toMatchObject({
        code: "cancelled",
      });
    });

    it("gives a text that its model does not read the zero vector, and no token vectors", async () => {
      const { unread } = fixture;
      const { dimension } = await embedder.fingerprint(testCall());
      const texts = [unread ?? "ключи 鍵", "keys"];
      for (const role of ["query", "passage"] as const) {
        const [first, second] = (await embedder.embed(testCall(), texts, role)) as [Float32Array, Float32Array];
        expect(first).toHaveLength(dimension);
        expect(Math.sqrt(dot(first, first))).toBeCloseTo(unread === undefined ? 1 : 0, 4);
        expect(Math.sqrt(dot(second, second))).toBeCloseTo(1, 4);
      }
      const [embedding] = (await embedder.embedTokens?.(testCall(), texts, "passage")) ?? [];
      if (embedding !== undefined && unread !== undefined) expect(unpackTokens(embedding.tokens)?.words).toBe(0);
    });

    it("cuts texts that are too long", async () => {
      const [vector] = await embedder.embed(testCall(), ["word ".repeat(embedder.maxTokens * 3)], "passage");
      expect(dot(vector as Float32Array, vector as Float32Array)).toBeCloseTo(1, 4);
    });

    it("has token vectors beside the same vectors, or none at all", async () => {
      if (embedder.embedTokens === undefined) return;
      const embeddings = await embedder.embedTokens(testCall(), TEXTS, "passage");
      expect(embeddings.map(({ vector }) => vector)).toEqual(await embedder.embed(testCall(), TEXTS, "passage"));
      for (const { tokens } of embeddings) expect(unpackTokens(tokens)).toBeDefined();
      expect(await embedder.embedTokens(testCall(), [], "passage")).toEqual([]);
    });

    rejectsWhenAborted("fingerprint", (call) => embedder.fingerprint(call));
    rejectsWhenAborted("warmUp", (call) => embedder.warmUp(call));
    rejectsWhenAborted("embed", (call) => embedder.embed(call, ["text"], "passage"));
    rejectsWhenAborted("embed of a remembered query", async (call) => {
      await embedder.embed(testCall(), ["asked before"], "query");
      return embedder.embed(call, ["asked before"], "query");
    });
    rejectsWhenAborted("embed without texts", (call) => embedder.embed(call, [], "passage"));
    rejectsWhenAborted(
      "embedTokens",
      (call) => embedder.embedTokens?.(call, ["text"], "query") ?? embedder.warmUp(call),
    );

    rejectsAtOnce("embed", worker, (call) => embedder.embed(call, freshTexts(20, 10), "passage"));
    rejectsAtOnce("embed of a query", worker, (call) => embedder.embed(call, freshTexts(1, 10), "query"));
    rejectsAtOnce(
      "embedTokens",
      worker,
      (call) => embedder.embedTokens?.(call, freshTexts(1, 10), "passage") ?? embedder.embed(call, ["a"], "passage"),
    );
    stopsTheWork(
      "embed",
      worker,
      () => {
        const texts = freshTexts(...(fixture.much ?? [60, 200]));
        return (call) => embedder.embed(call, texts, "passage");
      },
      (call) => embedder.embed(call, ["a"], "passage"),
    );

    it("goes on for those who stay when another caller leaves", async () => {
      const caller = new AbortController();
      const gone = embedder.embed(testCall({ signal: caller.signal }), freshTexts(30, 100), "passage");
      const rejected = expect(gone).rejects.toMatchObject({ code: "cancelled" });
      const stays = embedder.embed(testCall(), freshTexts(4, 100), "passage");
      await new Promise(setImmediate);
      caller.abort();
      await rejected;
      expect(await stays).toHaveLength(4);
    });
  });
}
