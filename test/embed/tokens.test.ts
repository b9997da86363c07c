import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { Embedder } from "#src/core/ports.js";
import { type TokenVectors, unpackTokens } from "#src/core/token-vectors.js";
import { dot } from "#src/core/vector.js";
import type { InferenceSession } from "#src/inference/onnxruntime.js";
import { openSession, runOne } from "#src/inference/run.js";
import { TermGroups, type Terms } from "#src/inference/terms.js";
import { Tokenizer } from "#src/inference/tokenizer.js";
import { maxSims } from "#src/rerank/max-sim.js";
import { testCall } from "../support/call.js";
import { type Harness, harness, MODEL_FOLDER } from "./fixtures.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const QUERY = "how are signing keys rotated";
const PASSAGES = [
  "Signing keys are rotated every ninety days; the old key stays valid for a week.",
  "The rotation of the earth takes one day.",
  "Keys and locks are kept in the drawer next to the door.",
  "An access token is signed with the newest key and names it.",
  "Bread rises twice before it is baked.",
  "To rotate a picture, hold it by its corner and turn.",
];

let parts: Harness;
let embedTokens: NonNullable<Embedder["embedTokens"]>;
let tokenizer: Tokenizer;
let session: InferenceSession;
beforeAll(async () => {
  parts = harness();
  embedTokens = parts.embedder.embedTokens as NonNullable<Embedder["embedTokens"]>;
  const json = (file: string) => JSON.parse(readFileSync(join(MODEL_FOLDER, file), "utf8")) as object;
  tokenizer = new Tokenizer(json("tokenizer.json"), json("tokenizer_config.json"), 256);
  session = await openSession(readFileSync(join(MODEL_FOLDER, "onnx/model_quantized.onnx")), "cpu");
});
afterAll(() => parts.embedder.close());

const groups = () => new TermGroups((id) => tokenizer.token(id));
const wordsOf = (text: string) => groups().words(tokenizer.encode(text));
const groupsOf = (text: string) => groups().wordsAndPieces(tokenizer.encode(text));

/** The tokens at the positions. */
function named(text: string, groupsIn: (text: string) => Terms): string[][] {
  const tokens = tokenizer.encode(text).map((id) => tokenizer.token(id));
  return groupsIn(text).map((positions) => positions.map((position) => tokens[position] as string));
}

describe("the terms of a text", () => {
  it("are its words without stop words, signs and special tokens, each with all of its pieces", () => {
    expect(named("The tokenizers of a tokenizer!", wordsOf)).toEqual([["token", "##izer", "##s", "token", "##izer"]]);
  });

  it("have their pieces beside them where they are many, the same piece only once", () => {
    expect(named("getUsernames: a username, getUsernames", groupsOf)).toEqual([
      ["get", "##user", "##name", "##s", "get", "##user", "##name", "##s"],
      ["get", "get"],
      ["##user", "##user"],
      ["##name", "##name"],
      ["##s", "##s"],
      ["user", "##name"],
    ]);
  });

  it("come in order of appearance, the same word only once", () => {
    expect(groupsOf("keys lock, lock key")).toEqual([
      [1, 5],
      [2, 4],
    ]);
  });

  it("may be none", () => {
    for (const text of ["", "the of and", "... !?"]) expect(groupsOf(text)).toEqual([]);
  });
});

describe("token vectors", () => {
  it("come with the same sentence vector, for queries and passages alike", async () => {
    const [plain] = await parts.embedder.embed(testCall(), [PASSAGES[0] as string], "passage");
    const [embedding] = await embedTokens(testCall(), [PASSAGES[0] as string], "passage");
    expect(embedding?.vector).toEqual(plain);
    const [query] = await embedTokens(testCall(), [PASSAGES[0] as string], "query");
    expect(query).toEqual(embedding);
  });

  it("of a query are remembered with its vector, and no cache hit for it", async () => {
    const [before, hits] = [parts.batches.length, parts.events.cacheHits];
    await parts.embedder.embed(testCall(), ["a question asked twice"], "query");
    await embedTokens(testCall(), ["a question asked twice"], "query");
    expect(parts.batches.length - before).toBe(1);
    expect(parts.events.cacheHits).toBe(hits);
  });

  it("are one for each term, of a length that an index can keep", async () => {
    const text = PASSAGES.join(" ").repeat(3);
    const [embedding] = await embedTokens(testCall(), [text], "passage");
    const unpacked = unpackTokens(embedding?.tokens as Uint8Array) as TokenVectors;
    expect(unpacked.words).toBe(groupsOf(text).length);
    expect(embedding?.tokens.length).toBeLessThan(4_096);
  });

  it("of a text without words are none", async () => {
    const [embedding] = await embedTokens(testCall(), ["the ..."], "passage");
    expect(unpackTokens(embedding?.tokens as Uint8Array)?.words).toBe(0);
  });

  it("rank passages as whole vectors in double precision do", async () => {
    const [query, ...passages] = await embedTokens(testCall(), [QUERY, ...PASSAGES], "passage");
    const unpack = (tokens: Uint8Array) => unpackTokens(tokens) as TokenVectors;
    const mean = (values: ArrayLike<number>) => Array.from(values).reduce((sum, v) => sum + v, 0) / values.length;
    const compact = passages.map(({ tokens }) =>
      mean(maxSims(unpack((query as { tokens: Uint8Array }).tokens), unpack(tokens))),
    );
    const whole: number[] = [];
    const asked = await wholeTerms(QUERY);
    for (const passage of PASSAGES) {
      const terms = await wholeTerms(passage);
      whole.push(mean(asked.map((q) => Math.max(...terms.map((p) => cosine(q, p))))));
    }
    expect(correlation(compact, whole)).toBeGreaterThan(0.9);
    expect(compact.indexOf(Math.max(...compact))).toBe(whole.indexOf(Math.max(...whole)));
  });
});

/** Mean of each term's last hidden states. */
async function wholeTerms(text: string): Promise<Float64Array[]> {
  const ids = tokenizer.encode(text);
  const hidden = await runOne(session, "last_hidden_state", ids);
  const dimension = hidden.length / ids.length;
  return groupsOf(text).map((positions) =>
    Float64Array.from({ length: dimension }, (_, i) =>
      positions.reduce((sum, position) => sum + (hidden[position * dimension + i] as number), 0),
    ),
  );
}

function cosine(a: Float64Array, b: Float64Array): number {
  const product = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, i) => sum + value * (y[i] as number), 0);
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

function correlation(a: readonly number[], b: readonly number[]): number {
  const centred = (values: readonly number[]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return Float32Array.from(values, (value) => value - mean);
  };
  const [x, y] = [centred(a), centred(b)];
  return dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
}
