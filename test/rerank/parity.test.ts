import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Tokenizer as RustTokenizer } from "@anush008/tokenizers";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CrossEncoderSession } from "#src/inference/cross-encoder-session.js";
import { Tokenizer } from "#src/inference/tokenizer.js";
import { ELECTRA, isHere, itemsOf, json, REFERENCES, type Reference } from "./references.js";

/**
 * Of the spread of a reference's logits. The same arithmetic differs by the rounding of the reference (5e-7, measured); a
 * processor without 8-bit dot products computes int8 layers a little differently. Two pairs in a row are farther apart.
 */
const TOLERANCE = 1 / 50;

function tokenizerOf(reference: Reference, maxTokens = reference.maxTokens): Tokenizer {
  return new Tokenizer(json(reference, "tokenizer.json"), json(reference, "tokenizer_config.json"), maxTokens);
}

describe.each(REFERENCES)("a cross-encoder's reference: $name", (reference) => {
  if (!isHere(reference)) {
    it.skip(`has the same tokens and logits (skipped: ${reference.folder} is not here)`, () => undefined);
    return;
  }
  const items = itemsOf(reference);
  const tokenizer = tokenizerOf(reference);

  it("has the same token ids and segments, cut where Python cuts", () => {
    expect(items.some(({ input_ids }) => input_ids.length === reference.maxTokens)).toBe(true);
    for (const { query, passage, input_ids, token_type_ids } of items) {
      const { ids, typeIds } = tokenizer.encodePair(query, passage);
      expect({ query, passage, ids, typeIds }).toEqual({ query, passage, ids: input_ids, typeIds: token_type_ids });
    }
  });

  it("has the same logits", async () => {
    const weights = readFileSync(join(reference.folder, reference.weights));
    const session = await CrossEncoderSession.load(weights, "cpu");
    const expected = items.map(({ logit }) => logit);
    const allowed = (Math.max(...expected) - Math.min(...expected)) * TOLERANCE;
    for (const { query, passage, logit } of items) {
      const found = await session.score(tokenizer.encodePair(query, passage));
      expect(Math.abs(found - logit), `${query} | ${passage.slice(0, 40)}`).toBeLessThanOrEqual(allowed);
    }
  });
});

describe("a pair of texts", () => {
  const words = fc.array(fc.constantFrom("who", "first", "water", "of", "the", "people", "?"), { maxLength: 60 });
  const tokenizerJson = join(ELECTRA.folder, "tokenizer.json");

  it("is cut as the Rust tokenizer cuts, longest first, for any lengths and limit", async () => {
    const rust = RustTokenizer.fromFile(tokenizerJson);
    await fc.assert(
      fc.asyncProperty(words, words, fc.integer({ min: 3, max: 70 }), async (query, passage, maxTokens) => {
        fc.pre(passage.length > 0);
        rust.setTruncation(maxTokens); // its default strategy is "longest_first"
        const expected = await rust.encode(query.join(" "), passage.join(" "));
        const { ids, typeIds } = tokenizerOf(ELECTRA, maxTokens).encodePair(query.join(" "), passage.join(" "));
        expect({ ids, typeIds }).toEqual({ ids: expected.getIds(), typeIds: expected.getTypeIds() });
      }),
      { numRuns: 200 },
    );
  });

  it("leaves the choice of tokens to the caller when a passage is too long, and tells its first line's length", () => {
    const tokenizer = tokenizerOf(ELECTRA, 12);
    const asked: unknown[] = [];
    const { ids } = tokenizer.encodePair("who", "first water\nof the people of the water of the first", (tooLong) => {
      asked.push({ lead: tooLong.lead, room: tooLong.room, passage: tooLong.passage.length });
      return tooLong.passage.slice(-tooLong.room);
    });
    expect(asked).toEqual([{ lead: 2, room: 8, passage: 11 }]);
    expect(ids).toHaveLength(12);
    tokenizer.encodePair("who", "first water\nof the people", () => expect.unreachable());
  });
});

describe("a model that is no cross-encoder", () => {
  it("does not load", async () => {
    const embedder = readFileSync("models/all-MiniLM-L6-v2/onnx/model_quantized.onnx");
    await expect(CrossEncoderSession.load(embedder, "cpu")).rejects.toThrow(
      "it gives last_hidden_state, not logits: it is no cross-encoder",
    );
  });
});
