/** Collections that something else made: how they are read without a server, and on a real one. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Scope, StoredPoint } from "#src/core/types.js";
import { foreignLayout } from "#src/store/qdrant/foreign.js";
import { createQdrantStore, type QdrantStore } from "#src/store/qdrant/index.js";
import type { Requests } from "#src/store/qdrant/requests.js";
import { passFor, testCall } from "../../support/call.js";

/** One that nobody ends. */
const call = testCall();

const text = { textField: "text" };
const cosine = (size: number) => ({ size, distance: "Cosine" });

describe("a vector of a foreign collection", () => {
  it("is the only one, without a name or with any", () => {
    expect(foreignLayout("c", cosine(4), text)).toMatchObject({ dimension: 4, hasTerms: false });
    expect(foreignLayout("c", cosine(4), text).vectorName).toBeUndefined();
    expect(foreignLayout("c", { e5: cosine(3) }, text)).toMatchObject({ dimension: 3, vectorName: "e5" });
  });

  it("is chosen by QDRANT_VECTOR_NAME among several", () => {
    const several = { e5: cosine(3), clip: cosine(2) };
    expect(foreignLayout("c", several, { ...text, vectorName: "clip" })).toMatchObject({ dimension: 2 });
    expect(foreignLayout("c", several, text).unsearchable).toMatch(/QDRANT_VECTOR_NAME.*e5, clip/);
    expect(foreignLayout("c", several, { ...text, vectorName: "no" }).unsearchable).toMatch(/no vector "no"/);
    expect(foreignLayout("c", cosine(2), { ...text, vectorName: "no" }).unsearchable).toMatch(/one without a name/);
    expect(foreignLayout("c", {}, text).unsearchable).toMatch(/there is none/);
  });

  it("that is not compared by cosine cannot be searched, and says so", () => {
    expect(foreignLayout("c", { size: 4, distance: "Dot" }, text).unsearchable).toMatch(/by Dot, not by Cosine/);
  });
});

describe("a point of a foreign collection", () => {
  const { toStoredPoint, toPointId, compileFilter } = foreignLayout("old", cosine(2), { textField: "page.body" });
  const nowhere = { requests: undefined as unknown as Requests, collection: "old", indexes: new Set<string>() };
  const filterOf = (filter: Parameters<typeof compileFilter>[1]) => compileFilter(call, filter, nowhere);

  it("is a document of one passage, its other scalars are metadata", () => {
    const payload = { page: { body: "Hello" }, title: "T", n: 3, tags: ["a", "b"], deep: { x: 1 }, none: null };
    const point: StoredPoint = toStoredPoint({ id: 7, payload, vector: [0.6, 0.8] });
    expect(point).toMatchObject({ id: "7", text: "Hello", embedText: "Hello", ordinal: 0 });
    expect(point.record).toMatchObject({ source: "qdrant:old", document: "7", title: "T" });
    expect(point.record.metadata).toEqual({ title: "T", n: 3, tags: ["a", "b"] });
    expect(point.vector).toEqual(Float32Array.from([0.6, 0.8]));
  });

  it("has another hash when its text or metadata changes, and the same when only their order does", () => {
    const hashOf = (payload: object) => toStoredPoint({ id: 1, payload: payload as never }).record.hash;
    const hash = hashOf({ page: { body: "a" }, x: 1, y: 2 });
    expect(hashOf({ y: 2, x: 1, page: { body: "a" } })).toBe(hash);
    expect(hashOf({ page: { body: "b" }, x: 1, y: 2 })).not.toBe(hash);
    expect(hashOf({ page: { body: "a" }, x: 2, y: 2 })).not.toBe(hash);
  });

  it("without payload or text has an empty text", () => {
    expect(toStoredPoint({ id: 1, payload: null as never }).text).toBe("");
    expect(toStoredPoint({ id: 1, payload: { page: { body: 5 } } }).text).toBe("");
  });

  it("with a number beyond 2^53 is a mismatch, never another point's answer", () => {
    expect(() => toStoredPoint({ id: 2 ** 53 + 2, payload: {} })).toThrow(
      expect.objectContaining({ code: "mismatch" }),
    );
  });

  it("is asked for by the id it has", () => {
    expect(toPointId("7")).toBe(7);
    expect(toPointId("8a1c7c9e-0000-8000-8000-000000000001")).toBe("8a1c7c9e-0000-8000-8000-000000000001");
  });

  it("is filtered by its own payload keys", async () => {
    expect(await filterOf({ lang: "en", n: 3, ok: true })).toEqual({
      must: [
        { key: "lang", match: { value: "en" } },
        { key: "n", range: { gte: 3, lte: 3 } },
        { key: "ok", match: { value: true } },
      ],
    });
    expect(await filterOf({ lang: ["en", "de"] })).toEqual({
      must: [
        {
          should: [
            { key: "lang", match: { value: "en" } },
            { key: "lang", match: { value: "de" } },
          ],
        },
      ],
    });
    expect(await filterOf({ n: { gte: 1 } })).toEqual({ must: [{ key: "n", range: { gte: 1 } }] });
    expect(await filterOf({ document: ["7", "no id"] })).toEqual({ must: [{ has_id: [7] }] });
    expect(await filterOf({ document: "no id" })).toBeUndefined();
    expect(await filterOf({ source: "elsewhere" })).toBeUndefined();
    expect(await filterOf({ source: "qdrant:old" })).toEqual({});
    expect(await filterOf({ lang: [] })).toBeUndefined();
    expect(await filterOf(undefined)).toEqual({});
  });

  it("is seen in a scope that has its source, whole", async () => {
    const within = (scope: Scope) => compileFilter(call, { lang: "en" }, { ...nowhere, scope });
    expect(await within([{ source: "file:///ws" }, { source: "qdrant:old" }])).toMatchObject({
      must: [{ key: "lang" }],
    });
    for (const scope of [[], [{ source: "file:///ws" }], [{ source: "qdrant:old", folder: "a/" }]]) {
      expect(await within(scope)).toBeUndefined();
    }
  });
});

const server = process.env.QDRANT_TEST_URL?.split(",")[0];
if (server === undefined) {
  describe("a foreign collection on a server", () => {
    it.skip("is read and never written (skipped: QDRANT_TEST_URL names no server)");
  });
} else onServer(server);

function onServer(url: string): void {
  const name = `foreign-${process.pid}`;
  let store: QdrantStore;
  const ask = (method: string, path: string, body?: object) =>
    fetch(url + path, {
      method,
      ...(body ? { body: JSON.stringify(body), headers: { "content-type": "application/json" } } : {}),
    });

  beforeEach(async () => {
    store = createQdrantStore({
      urls: url,
      poolSize: 3,
      timeoutMs: 30_000,
      maxRetries: 3,
      retryDelayMs: 100,
      failureThreshold: 5,
      resetMs: 1_000,
      textField: "text",
      cluster: { ordering: "medium" },
    });
    await ask("PUT", `/collections/${name}`, { vectors: { size: 2, distance: "Cosine" } });
    const points = [
      { id: 1, vector: [1, 0], payload: { text: "to the east", lang: "en" } },
      { id: 2, vector: [0, 1], payload: { text: "to the north", lang: "de" } },
      { id: "8a1c7c9e-0000-8000-8000-000000000001", vector: [0.8, 0.6], payload: { text: "between", lang: "en" } },
    ];
    await ask("PUT", `/collections/${name}/points?wait=true`, { points });
  });
  afterEach(async () => {
    await store.close();
    await ask("DELETE", `/collections/${name}`);
  });

  describe("a foreign collection on a server", () => {
    const east = { kind: "dense", vector: Float32Array.from([1, 0]) } as const;

    it("is described with what can be known of it", async () => {
      expect(await store.describe(call, passFor(name))).toMatchObject({
        name,
        dimension: 2,
        denseOnly: true,
        points: 3,
        documents: 3,
      });
      expect((await store.describe(call, passFor(name)))?.spec).toBeUndefined();
    });

    it("is searched by its vectors, filtered by its payload, and read", async () => {
      const found = await store.search(call, name, [east], { limit: 3 });
      const scores = Object.fromEntries(found.map(({ document, scores: [score] }) => [document, score?.toFixed(2)]));
      expect(scores).toEqual({ 1: "1.00", 2: "0.00", "8a1c7c9e-0000-8000-8000-000000000001": "0.80" });
      const english = await store.search(call, name, [east], { limit: 3, filter: { lang: "en" } });
      expect(english.map(({ document }) => document).sort()).toEqual(["1", "8a1c7c9e-0000-8000-8000-000000000001"]);
      const [second, first] = await store.read(call, name, ["2", "1"], { vectors: true });
      expect(second).toMatchObject({ id: "2", text: "to the north" });
      expect(first?.vector).toEqual(Float32Array.from([1, 0]));
    });

    it("has no lexical leg: mismatch, with the command that re-embeds it", async () => {
      const lexical = store.search(call, name, [{ kind: "lexical", text: "east" }], { limit: 1 });
      await expect(lexical).rejects.toMatchObject({
        code: "mismatch",
        remedy: expect.stringContaining(`collection:${name}`),
      });
    });

    it("refuses a query of another dimension, and every write", async () => {
      const three = { kind: "dense", vector: Float32Array.from([1, 0, 0]) } as const;
      await expect(store.search(call, name, [three], { limit: 1 })).rejects.toMatchObject({ code: "mismatch" });
      const key = { source: `qdrant:${name}`, document: "1" };
      await expect(store.remove(call, name, [key])).rejects.toMatchObject({ code: "conflict" });
      expect(await store.describe(call, passFor(name))).toMatchObject({ points: 3 });
    });

    it("is scrolled as documents", async () => {
      const documents = [];
      for await (const { document } of store.documents(call, name)) documents.push(document);
      expect(documents.sort()).toEqual(["1", "2", "8a1c7c9e-0000-8000-8000-000000000001"]);
      const points = [];
      for await (const point of store.scroll(call, name, { document: "2" })) points.push(point);
      expect(points).toMatchObject([{ id: "2", text: "to the north" }]);
    });
  });
}
