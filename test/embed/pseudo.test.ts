import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { dot } from "#src/core/vector.js";
import { createPseudoEmbedder } from "#src/embed/pseudo.js";
import { testCall } from "../support/call.js";

const embedder = createPseudoEmbedder();
const one = async (text: string) => (await embedder.embed(testCall(), [text], "passage"))[0] as Float32Array;

describe("the pseudo-embedder", () => {
  it("gives unit vectors of 384 dimensions for any text, in order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.string({ unit: "binary" }), { maxLength: 12 }), async (texts) => {
        const vectors = await embedder.embed(testCall(), texts, "passage");
        expect(vectors).toHaveLength(texts.length);
        for (const [i, vector] of vectors.entries()) {
          expect(vector).toHaveLength(384);
          expect(dot(vector, vector)).toBeCloseTo(1, 4);
          expect(vector).toEqual(await one(texts[i] as string));
        }
      }),
      { numRuns: 50 },
    );
  });

  it("gives the same text the same vector in either role and from another instance", async () => {
    const [asQuery] = await createPseudoEmbedder().embed(testCall(), ["vector search"], "query");
    expect(asQuery).toEqual(await one("vector search"));
  });

  it("brings texts that share words nearer than texts that do not", async () => {
    const query = await one("rotate the signing keys");
    const near = dot(query, await one("how to rotate signing keys every month"));
    const far = dot(query, await one("bread needs flour, water and salt"));
    expect(near).toBeGreaterThan(far + 0.3);
  });

  it("does not see the order of words or their endings", async () => {
    expect(dot(await one("indexed documents"), await one("document indexing"))).toBeCloseTo(1, 5);
  });

  it("tells every answer that it is not a model", async () => {
    expect(embedder.degraded).toBe("pseudo_embeddings");
    expect(await embedder.fingerprint(testCall())).toMatchObject({ model: "pseudo", pooling: "hash", dimension: 384 });
    expect(embedder.status()).toMatchObject({ state: "ready", model: "pseudo" });
  });

  it("counts words as tokens", async () => {
    expect(await embedder.countTokens(testCall(), ["one two  three", "", " \n "])).toEqual([3, 0, 0]);
  });

  it("hears an abort between texts", async () => {
    const caller = new AbortController();
    const running = embedder.embed(
      testCall({ signal: caller.signal }),
      Array(10_000).fill("some words to hash"),
      "passage",
    );
    setImmediate(() => caller.abort());
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
  });
});
