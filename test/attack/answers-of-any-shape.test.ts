/** A Qdrant whose answers have any shape: every call ends with a value of its own shape, or with an error that says so. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { AppError } from "#src/core/errors.js";
import type { VectorStore } from "#src/core/ports.js";
import { CORPUS, collect, job, spec, vectorOf } from "../contract/fixtures.js";
import { Stub } from "../store/qdrant/stub.js";
import { testStore } from "../store/qdrant/test-store.js";
import { passFor, testCall } from "../support/call.js";

const VERSION = "docs-1";
const call = testCall();
const docs = passFor("docs");
const legs = [
  { kind: "dense", vector: vectorOf("query") },
  { kind: "lexical", text: "fox keys" },
] as const;

const OPERATIONS: Readonly<Record<string, (store: VectorStore) => Promise<unknown>>> = {
  search: (store) => store.search(call, VERSION, legs, { limit: 3, filter: { lang: { gte: "a", lte: "e" } } }),
  "search for elsewhere": (store) => store.search(call, "plain", legs.slice(0, 1), { limit: 3 }),
  read: (store) => store.read(call, VERSION, [CORPUS[0]?.points[0]?.id as string], { vectors: true, tokens: true }),
  scroll: (store) => collect(store.scroll(call, VERSION, undefined, { vectors: true })),
  "scroll elsewhere": (store) => collect(store.scroll(call, "plain", undefined, { vectors: true })),
  documents: (store) => collect(store.documents(call, VERSION)),
  any: (store) => store.any(call, VERSION, { lang: "en" }),
  describe: (store) => store.describe(call, docs),
  list: (store) => store.list(call),
  jobs: (store) => store.jobs(call, 10),
  snapshots: (store) => store.snapshots(call),
  probe: (store) => store.probe(call),
  write: (store) => store.write(call, VERSION, CORPUS.slice(0, 1)),
  publish: (store) => store.publish(call, docs, VERSION),
  repoint: (store) => store.repoint(call, docs, VERSION),
  lease: async (store) => (await store.lease(call, docs)).release(),
  "record a job": (store) => store.recordJob(call, job("b")),
};

let stub: Stub;
beforeAll(async () => {
  stub = await Stub.start();
  const store = testStore(stub.url);
  await store.create(call, VERSION, spec("docs"));
  await store.write(call, VERSION, CORPUS);
  await store.publish(call, docs, VERSION);
  await store.recordJob(call, job("a"));
  await store.snapshot(call, VERSION);
  await (await store.lease(call, docs)).release();
  await store.close();
  await put("/collections/plain", { vectors: { e5: { size: 8, distance: "Cosine" } } });
  const point = {
    id: "8a1c7c9e-0000-8000-8000-000000000001",
    vector: { e5: [...vectorOf("a")] },
    payload: { text: "a" },
  };
  await put("/collections/plain/points/batch", { operations: [{ upsert: { points: [point] } }] }, "POST");
});
afterAll(() => stub.close());

async function put(path: string, body: object, method = "PUT"): Promise<void> {
  const headers = { "content-type": "application/json" };
  const { ok } = await fetch(stub.url + path, { method, headers, body: JSON.stringify(body) });
  if (!ok) throw new Error(`the stub refuses ${path}`);
}

it("what is wrong with an answer, anywhere in it, is told as the server's fault and never as ours", async () => {
  const wrong = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(null, "\ud800", -1, "", [], {}, [[]]));
  const operation = fc.constantFrom(...Object.keys(OPERATIONS));
  // Which of its answers, and which place in that one.
  const property = fc.asyncProperty(operation, fc.nat(6), fc.nat(), wrong, async (name, which, place, value) => {
    let answered = 0;
    stub.twist = (answer) => (answered++ === which ? replaced(answer, place, value) : answer);
    const store = testStore(stub.url);
    try {
      const result = await (OPERATIONS[name] as (store: VectorStore) => Promise<unknown>)(store);
      if (name.startsWith("search")) expect(result).toEqual(expect.any(Array));
      for (const found of name.startsWith("search") ? (result as readonly object[]) : []) {
        expect(found).toEqual({
          id: expect.any(String),
          source: expect.any(String),
          document: expect.any(String),
          ordinal: expect.any(Number),
          textHash: expect.any(String),
          scores: expect.toSatisfy((scores: number[]) => scores.every(Number.isFinite)),
        });
      }
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      expect(error.code, error.message).not.toBe("bug");
    } finally {
      stub.twist = undefined;
      await store.close();
    }
  });
  await fc.assert(property, { numRuns: 600 });
});

/** With another value at one place of it. */
function replaced(answer: unknown, place: number, value: unknown): unknown {
  const copy = structuredClone({ answer });
  const places = placesIn(copy);
  const { holder, key } = places[place % places.length] as Place;
  holder[key] = value;
  return copy.answer ?? null;
}

interface Place {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function placesIn(holder: object): Place[] {
  return Object.entries(holder).flatMap(([key, value]) => [
    { holder: holder as Record<string, unknown>, key },
    ...(typeof value === "object" && value !== null ? placesIn(value) : []),
  ]);
}
