/** What every adapter of the `VectorStore` port does. */
import { createHash } from "node:crypto";
import { hostname } from "node:os";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Job } from "#src/core/job.js";
import type { VectorStore } from "#src/core/ports.js";
import type {
  Candidate,
  CollectionSpec,
  Filter,
  IndexedDocument,
  Metadata,
  Point,
  StoredPoint,
} from "#src/core/types.js";
import { dot, normalize } from "#src/core/vector.js";

const DIMENSION = 8;

export function spec(alias = "docs", dimension = DIMENSION): CollectionSpec {
  return {
    alias,
    analyser: "en-porter2-1",
    fingerprint: {
      model: "pseudo",
      sha256: "0",
      dimension,
      pooling: "hash",
      queryPrefix: "",
      passagePrefix: "",
      maxTokens: 256,
      normalized: true,
    },
  };
}

/** A unit vector that is the same for the same seed. */
export function vectorOf(seed: string, dimension = DIMENSION): Float32Array {
  const vector = new Float32Array(dimension);
  for (let i = 0; i < dimension; i++) {
    vector[i] = createHash("sha256").update(`${seed}/${i}`).digest().readInt32LE(0) / 2 ** 31;
  }
  return normalize(vector);
}

export function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export interface DocumentOptions {
  readonly source?: string;
  readonly title?: string;
  readonly metadata?: Metadata;
  readonly dimension?: number;
  readonly hash?: string;
}

/** A document with one chunk for each text. */
export function document(id: string, texts: readonly string[], options: DocumentOptions = {}): IndexedDocument {
  const { source = "files", title, metadata = {}, dimension = DIMENSION, hash = "h1" } = options;
  const points = texts.map(
    (text, ordinal): Point => ({
      id: uuidOf(`${source}/${id}/${ordinal}`),
      ordinal,
      text,
      start: ordinal * 100,
      end: ordinal * 100 + text.length,
      // Formats have lines, or pages, or neither.
      ...(ordinal % 3 === 0 ? { lines: { first: ordinal + 1, last: ordinal + 2 } } : {}),
      ...(ordinal % 3 === 1 ? { pages: { first: ordinal, last: ordinal + 1 } } : {}),
      headings: ["Guide", `Part ${ordinal}`],
      embedText: `${title ?? ""}\n${text}`,
      vector: vectorOf(text, dimension),
    }),
  );
  return { source, document: id, hash, chunker: "c1", metadata, points, ...(title === undefined ? {} : { title }) };
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

function job(id: string, change: Partial<Job> = {}): Job {
  const now = new Date().toISOString();
  return {
    id,
    collection: "docs",
    source: "files",
    mode: "full",
    state: "done",
    phase: "finished",
    dryRun: false,
    documents: { seen: 1, added: 1, changed: 0, unchanged: 0, removed: 0 },
    chunks: 1,
    skipped: [],
    skippedTotal: 0,
    failed: [],
    failedTotal: 0,
    startedAt: now,
    updatedAt: now,
    elapsedMs: 5,
    owner: `${hostname()}:${process.pid}`,
    ...change,
  };
}

const CORPUS = [
  document("alpha", ["The quick brown fox jumps", "A lazy dog sleeps all day"], {
    title: "Animals",
    metadata: { lang: "en", year: 2020, draft: false, tags: ["fox", "dog"] },
  }),
  document("beta", ["Rotate the signing keys every month"], {
    metadata: { lang: "en", year: 2023, draft: true, tags: ["security"] },
  }),
  document("gamma", ["Der schnelle Fuchs", "Keys and locks, locks and keys"], {
    metadata: { lang: "de", year: 2025, version: "2020" },
  }),
  document("delta", ["Backups are taken every night"], { source: "wiki", metadata: { lang: "en", tags: [] } }),
];

export function vectorStoreContract(
  name: string,
  factory: () => Promise<{ store: VectorStore; dispose(): Promise<void> }>,
  /** What a snapshot holds; a part where each node of a cluster takes its own. */
  snapshots: "whole" | "part" = "whole",
): void {
  const ofWhole = snapshots === "whole" ? it : it.skip;
  const why = snapshots === "whole" ? "" : " (skipped: a node's snapshot is a part)";
  describe(name, () => {
    let store: VectorStore;
    let dispose: () => Promise<void>;
    beforeEach(async () => {
      ({ store, dispose } = await factory());
    });
    afterEach(async () => {
      await dispose();
    });

    async function filled(collection = "docs-1", alias = "docs"): Promise<void> {
      await store.create(collection, spec(alias));
      await store.write(collection, CORPUS);
    }
    async function serving(collection = "docs-1", alias = "docs"): Promise<void> {
      await filled(collection, alias);
      await store.publish(alias, collection);
    }
    const keysOf = async (filter?: Filter) => {
      const points = await collect(store.scroll("docs-1", filter));
      return [...new Set(points.map((point) => point.record.document))].sort();
    };

    describe("collections", () => {
      it("are described with what they were made with, and are absent before", async () => {
        expect(await store.describe("docs-1")).toBeUndefined();
        await store.create("docs-1", spec());
        expect(await store.describe("docs-1")).toMatchObject({
          name: "docs-1",
          alias: "docs",
          spec: spec(),
          dimension: DIMENSION,
          state: "building",
          serving: false,
          points: 0,
          documents: 0,
        });
        expect(Date.parse((await store.describe("docs-1"))?.createdAt ?? "")).toBeGreaterThan(0);
      });

      it("cannot take a name that is taken", async () => {
        await store.create("docs-1", spec());
        await expect(store.create("docs-1", spec())).rejects.toMatchObject({ code: "conflict" });
      });

      it.each(["", "../up", "a/b", ".hidden", "x".repeat(129), "ö"])("cannot be named %j", async (bad) => {
        await expect(store.create(bad, spec())).rejects.toMatchObject({ code: "bad_request" });
      });

      it("are listed newest first, all of them or one alias's", async () => {
        await store.create("a-1", spec("a"));
        await store.create("b-1", spec("b"));
        await store.create("a-2", spec("a"));
        expect((await store.list()).map((info) => info.name)).toEqual(["a-2", "b-1", "a-1"]);
        expect((await store.list("a")).map((info) => info.name)).toEqual(["a-2", "a-1"]);
      });

      it("that are absent cannot be written, read or searched", async () => {
        const gone = { code: "not_found" };
        await expect(store.write("nope", CORPUS)).rejects.toMatchObject(gone);
        await expect(store.read("nope", [])).rejects.toMatchObject(gone);
        await expect(collect(store.scroll("nope"))).rejects.toMatchObject(gone);
        await expect(store.search("nope", [{ kind: "lexical", text: "x" }], { limit: 1 })).rejects.toMatchObject(gone);
        await expect(store.publish("docs", "nope")).rejects.toMatchObject(gone);
      });
    });

    describe("writing", () => {
      it("counts points and documents", async () => {
        await filled();
        expect(await store.describe("docs-1")).toMatchObject({ points: 6, documents: 4 });
      });

      it("replaces a document whole", async () => {
        await filled();
        await store.write("docs-1", [document("alpha", ["Nothing but cats"], { hash: "h2" })]);
        expect(await store.describe("docs-1")).toMatchObject({ points: 5, documents: 4 });
        const points = await collect(store.scroll("docs-1", { document: "alpha" }));
        expect(points.map((point) => point.text)).toEqual(["Nothing but cats"]);
        expect(points[0]?.record).toMatchObject({ hash: "h2", metadata: {} });
        const found = await store.search("docs-1", [{ kind: "lexical", text: "fox" }], { limit: 5 });
        expect(found).toEqual([]);
      });

      it("keeps documents of the same id from different sources apart", async () => {
        await filled();
        await store.write("docs-1", [document("alpha", ["From the wiki"], { source: "wiki" })]);
        expect(await store.describe("docs-1")).toMatchObject({ points: 7, documents: 5 });
      });

      it("refuses a bad vector and writes nothing of its batch", async () => {
        await store.create("docs-1", spec());
        const good = document("good", ["fine"]);
        const bad = (vector: Float32Array) => {
          const made = document("bad", ["broken"]);
          return [good, { ...made, points: made.points.map((point) => ({ ...point, vector })) }];
        };
        const cases: [Float32Array, string][] = [
          [vectorOf("x", DIMENSION + 1), "mismatch"],
          [new Float32Array(DIMENSION), "bad_request"],
          [new Float32Array(DIMENSION).fill(Number.NaN), "bad_request"],
          [new Float32Array(DIMENSION).fill(1), "bad_request"],
        ];
        for (const [vector, code] of cases) {
          await expect(store.write("docs-1", bad(vector))).rejects.toMatchObject({ code });
        }
        expect(await store.describe("docs-1")).toMatchObject({ points: 0, documents: 0 });
      });

      it("removes documents by key, and nothing for an empty list", async () => {
        await filled();
        await store.remove("docs-1", []);
        expect(await store.describe("docs-1")).toMatchObject({ points: 6 });
        await store.remove("docs-1", [
          { source: "files", document: "alpha" },
          { source: "files", document: "delta" },
        ]);
        expect(await keysOf()).toEqual(["beta", "delta", "gamma"]);
      });

      it("hears a signal that is aborted already", async () => {
        await store.create("docs-1", spec());
        const aborted = AbortSignal.abort();
        await expect(store.write("docs-1", CORPUS, aborted)).rejects.toMatchObject({ code: "cancelled" });
        const legs = [{ kind: "lexical", text: "fox" }] as const;
        await expect(store.search("docs-1", legs, { limit: 1 }, aborted)).rejects.toMatchObject({ code: "cancelled" });
        expect(await store.describe("docs-1")).toMatchObject({ points: 0 });
      });
    });

    describe("reading", () => {
      it("gives points in the order of the ids, without those that are gone", async () => {
        await filled();
        const [first, second] = [CORPUS[1]?.points[0]?.id, CORPUS[0]?.points[1]?.id] as [string, string];
        const points = await store.read("docs-1", [first, uuidOf("gone"), second]);
        expect(points.map((point) => point.id)).toEqual([first, second]);
        expect(points[0]).not.toHaveProperty("vector");
      });

      it("gives back everything that was written", async () => {
        await filled();
        const { points: _points, ...record } = CORPUS[0] as IndexedDocument;
        const written = CORPUS[0]?.points[1] as Point;
        const [read] = await store.read("docs-1", [written.id], { vectors: true });
        const { vector, ...rest } = read as Required<StoredPoint>;
        const { vector: original, ...point } = written;
        expect(rest).toEqual({ ...point, record });
        expect(dot(vector, original)).toBeCloseTo(1, 5);
      });

      it("gives token vectors to those who ask, of the points that have them", async () => {
        await store.create("docs-1", spec());
        const made = document("alpha", ["with", "without"]);
        const tokens = Uint8Array.of(1, 8, 0, 255, 127, 128);
        const points = made.points.map((point) => (point.ordinal === 0 ? { ...point, tokens } : point));
        await store.write("docs-1", [{ ...made, points }]);
        const ids = points.map(({ id }) => id);
        const [first, second] = await store.read("docs-1", ids, { tokens: true });
        expect(first?.tokens).toEqual(tokens);
        expect(second).not.toHaveProperty("tokens");
        const scrolled = await collect(store.scroll("docs-1", {}, { vectors: true, tokens: true }));
        expect(scrolled.map((point) => point.tokens)).toEqual([tokens, undefined]);
        for (const point of await store.read("docs-1", ids)) expect(point).not.toHaveProperty("tokens");
        for await (const point of store.scroll("docs-1")) expect(point).not.toHaveProperty("tokens");
      });

      it("forgets the token vectors of what is replaced", async () => {
        await store.create("docs-1", spec());
        const made = document("alpha", ["same id"]);
        const withTokens = made.points.map((point) => ({ ...point, tokens: Uint8Array.of(1, 2, 3) }));
        await store.write("docs-1", [{ ...made, points: withTokens }]);
        await store.write("docs-1", [made]);
        const [point] = await store.read("docs-1", [made.points[0]?.id as string], { tokens: true });
        expect(point).not.toHaveProperty("tokens");
      });

      it("scrolls by document and ordinal over many pages", async () => {
        await store.create("docs-1", spec());
        const ids = Array.from({ length: 150 }, (_, i) => `d${String(i).padStart(3, "0")}`);
        await store.write(
          "docs-1",
          [...ids].reverse().map((id) =>
            document(
              id,
              [0, 1, 2, 3].map((part) => `${id} part ${part}`),
            ),
          ),
        );
        const points = await collect(store.scroll("docs-1"));
        expect(points.map((point) => point.text)).toEqual(
          ids.flatMap((id) => [0, 1, 2, 3].map((part) => `${id} part ${part}`)),
        );
        const listed = await collect(store.documents("docs-1"));
        expect(listed.map((record) => record.document)).toEqual(ids);
      });

      it("lists documents by source and id, or one source's", async () => {
        await filled();
        const keys = (await collect(store.documents("docs-1"))).map((record) => `${record.source}/${record.document}`);
        expect(keys).toEqual(["files/alpha", "files/beta", "files/gamma", "wiki/delta"]);
        expect(await collect(store.documents("docs-1", "wiki"))).toHaveLength(1);
        expect(await collect(store.documents("docs-1", "none"))).toEqual([]);
      });

      it("says whether any point fits a filter", async () => {
        await filled();
        expect(await store.any("docs-1", { lang: "de" })).toBe(true);
        expect(await store.any("docs-1", { lang: "fr" })).toBe(false);
      });
    });

    describe("searching", () => {
      it("finds the nearest vectors with their cosine", async () => {
        await filled();
        const vector = vectorOf("any query");
        const found = await store.search("docs-1", [{ kind: "dense", vector }], { limit: 3 });
        const best = CORPUS.flatMap((doc) => doc.points)
          .map((point) => ({ id: point.id, cosine: dot(point.vector, vector) }))
          .sort((a, b) => b.cosine - a.cosine)
          .slice(0, 3);
        expect(new Set(found.map((candidate) => candidate.id))).toEqual(new Set(best.map((point) => point.id)));
        for (const { id, cosine } of best) expect(scoreOf(found, id)[0]).toBeCloseTo(cosine, 4);
      });

      it("finds words in any inflection, title included, scored from 0 to 1", async () => {
        await filled();
        const found = await store.search("docs-1", [{ kind: "lexical", text: "key rotating" }], { limit: 5 });
        expect(new Set(found.map((candidate) => candidate.document))).toEqual(new Set(["beta", "gamma"]));
        for (const { scores } of found) {
          expect(scores[0]).toBeGreaterThan(0);
          expect(scores[0]).toBeLessThanOrEqual(1);
        }
        const byTitle = await store.search("docs-1", [{ kind: "lexical", text: "animal" }], { limit: 5 });
        expect(byTitle.map((candidate) => candidate.document)).toEqual(["alpha", "alpha"]);
      });

      it("finds nothing for a text without terms", async () => {
        await filled();
        for (const text of ["", "the of and", '"* () OR']) {
          expect(await store.search("docs-1", [{ kind: "lexical", text }], { limit: 5 })).toEqual([]);
        }
      });

      it("completes every leg's score for what only another leg found", async () => {
        await filled();
        const vector = vectorOf("Backups are taken every night");
        const text = "signing keys and locks";
        const legs = [
          { kind: "dense", vector },
          { kind: "lexical", text },
        ] as const;
        const all = await store.search("docs-1", legs, { limit: 100 });
        const few = await store.search("docs-1", legs, { limit: 1 });
        expect(all).toHaveLength(6);
        expect(few).toHaveLength(2);
        for (const candidate of few) {
          const [cosine, lexical] = scoreOf(all, candidate.id) as [number, number];
          expect(candidate.scores[0]).toBeCloseTo(cosine, 5);
          expect(candidate.scores[1]).toBeCloseTo(lexical, 5);
        }
        expect(Math.min(...all.map((candidate) => candidate.scores[1] as number))).toBe(0);
      });

      it("hands out who the candidate is and the hash of its text without case and spacing", async () => {
        await store.create("docs-1", spec());
        await store.write("docs-1", [document("a", ["Same  text"]), document("b", ["same\nTEXT"])]);
        const found = await store.search("docs-1", [{ kind: "lexical", text: "text" }], { limit: 5 });
        expect(found).toHaveLength(2);
        expect(found[0]?.textHash).toMatch(/^[0-9a-f]{16}$/);
        expect(found[0]?.textHash).toBe(found[1]?.textHash);
        expect(found[0]).toMatchObject({ source: "files", ordinal: 0 });
      });

      it("refuses a query vector of the wrong size", async () => {
        await filled();
        const legs = [{ kind: "dense", vector: vectorOf("x", 3) }] as const;
        await expect(store.search("docs-1", legs, { limit: 1 })).rejects.toMatchObject({ code: "mismatch" });
      });

      it("finds nothing in an empty collection", async () => {
        await store.create("docs-1", spec());
        const legs = [
          { kind: "dense", vector: vectorOf("x") },
          { kind: "lexical", text: "fox" },
        ] as const;
        expect(await store.search("docs-1", legs, { limit: 3 })).toEqual([]);
      });
    });

    describe("filters", () => {
      const cases: [string, Filter, string[]][] = [
        ["nothing at all", {}, ["alpha", "beta", "delta", "gamma"]],
        ["an equal text", { lang: "en" }, ["alpha", "beta", "delta"]],
        ["an equal number", { year: 2023 }, ["beta"]],
        ["a number, never a text that looks like it", { version: 2020 }, []],
        ["a text, never a number that looks like it", { year: "2023" }, []],
        ["a boolean", { draft: false }, ["alpha"]],
        ["an element of a list", { tags: "dog" }, ["alpha"]],
        ["any of several", { tags: ["dog", "security"] }, ["alpha", "beta"]],
        ["any of several types", { year: [2020, "2025", 2023] }, ["alpha", "beta"]],
        ["none of nothing", { lang: [] }, []],
        ["a range of numbers, ends included", { year: { gte: 2020, lte: 2023 } }, ["alpha", "beta"]],
        ["a range open above", { year: { gte: 2021 } }, ["beta", "gamma"]],
        ["a range of texts", { lang: { gte: "de", lte: "dz" } }, ["gamma"]],
        ["a document's id", { document: "beta" }, ["beta"]],
        ["ids of several documents", { document: ["beta", "delta", "none"] }, ["beta", "delta"]],
        ["a source", { source: "wiki" }, ["delta"]],
        ["all conditions together", { lang: "en", year: { lte: 2022 } }, ["alpha"]],
        ["a field nobody has", { nope: "x" }, []],
        ["a name that tries to be SQL", { "x') OR 1=1 --": "' OR ''='" }, []],
      ];

      it.each(cases)("match %s", async (_what, filter, expected) => {
        await filled();
        expect(await keysOf(filter)).toEqual(expected);
        expect(await store.any("docs-1", filter)).toBe(expected.length > 0);
        const found = async (leg: Parameters<VectorStore["search"]>[1][number]) => {
          const candidates = await store.search("docs-1", [leg], { limit: 50, filter });
          return [...new Set(candidates.map((candidate) => candidate.document))].sort();
        };
        expect(await found({ kind: "dense", vector: vectorOf("q") })).toEqual(expected);
        const text = "fox dog rotate fuchs lock backup";
        expect(await found({ kind: "lexical", text })).toEqual(expected);
      });
    });

    describe("aliases", () => {
      it("serve the collection they point at, and move in one step", async () => {
        await serving("docs-1");
        expect(await store.describe("docs")).toMatchObject({ name: "docs-1", serving: true, state: "ready" });
        await store.create("docs-2", spec());
        expect(await store.publish("docs", "docs-2")).toEqual({ previous: "docs-1" });
        expect(await store.describe("docs")).toMatchObject({ name: "docs-2", points: 0 });
        expect(await store.describe("docs-1")).toMatchObject({ serving: false });
        expect(await store.search("docs", [{ kind: "lexical", text: "fox" }], { limit: 5 })).toEqual([]);
        expect(await store.repoint("docs", "docs-1")).toEqual({ previous: "docs-2" });
        expect(await store.search("docs", [{ kind: "lexical", text: "fox" }], { limit: 5 })).toHaveLength(1);
      });

      it("have no previous collection the first time", async () => {
        await filled();
        expect(await store.publish("docs", "docs-1")).toEqual({});
      });

      it("never point at a collection that is missing or not ready", async () => {
        await serving("docs-1");
        await store.create("docs-2", spec());
        await expect(store.repoint("docs", "docs-2")).rejects.toMatchObject({ code: "conflict" });
        await expect(store.repoint("docs", "docs-9")).rejects.toMatchObject({ code: "not_found" });
        expect(await store.describe("docs")).toMatchObject({ name: "docs-1" });
      });

      it("keep their collection from being dropped", async () => {
        await serving("docs-1");
        await expect(store.drop("docs-1")).rejects.toMatchObject({ code: "conflict" });
        await store.create("docs-2", spec());
        expect(await store.drop("docs-2")).toBe(true);
        expect(await store.drop("docs-2")).toBe(false);
        expect(await store.describe("docs-2")).toBeUndefined();
        await store.create("docs-2", spec());
        expect(await store.describe("docs-2")).toMatchObject({ points: 0 });
      });
    });

    describe("snapshots", () => {
      ofWhole(`bring a collection back as it was, under a new name${why}`, async () => {
        await serving("docs-1");
        const snapshot = await store.snapshot("docs-1");
        expect(snapshot).toMatchObject({
          collection: "docs-1",
          spec: spec(),
          points: 6,
          documents: 4,
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        });
        expect(snapshot.bytes).toBeGreaterThan(0);
        expect(await store.snapshots()).toEqual([snapshot]);
        const before = await collect(store.scroll("docs-1", undefined, { vectors: true }));
        await store.remove("docs-1", [{ source: "files", document: "alpha" }]);
        await store.restore(snapshot.name, "docs-2");
        expect(await store.describe("docs-2")).toMatchObject({
          state: "ready",
          alias: "docs",
          points: 6,
          documents: 4,
        });
        expect(await collect(store.scroll("docs-2", undefined, { vectors: true }))).toEqual(before);
        expect(await store.repoint("docs", "docs-2")).toEqual({ previous: "docs-1" });
        expect(await store.search("docs", [{ kind: "lexical", text: "fox" }], { limit: 5 })).toHaveLength(1);
      });

      ofWhole(`outlive their collection${why}`, async () => {
        await filled();
        const snapshot = await store.snapshot("docs-1");
        await store.drop("docs-1");
        await store.restore(snapshot.name, "docs-1");
        expect(await store.describe("docs-1")).toMatchObject({ points: 6 });
      });

      it("are not restored over a name that is taken, nor when unknown", async () => {
        await filled();
        const snapshot = await store.snapshot("docs-1");
        await expect(store.restore(snapshot.name, "docs-1")).rejects.toMatchObject({ code: "conflict" });
        await expect(store.restore("nope", "docs-2")).rejects.toMatchObject({ code: "not_found" });
        await expect(store.snapshot("nope")).rejects.toMatchObject({ code: "not_found" });
      });

      it("that are deleted are gone, and no other", async () => {
        await serving("docs-1");
        const first = await store.snapshot("docs-1");
        const second = await store.snapshot("docs-1");
        expect(await store.snapshots()).toEqual([second, first]);
        expect(await store.deleteSnapshot(first.name)).toBe(true);
        expect(await store.deleteSnapshot(first.name)).toBe(false);
        expect(await store.snapshots()).toEqual([second]);
        await expect(store.restore(first.name, "docs-2")).rejects.toMatchObject({ code: "not_found" });
        if (snapshots === "part") return;
        await store.restore(second.name, "docs-2");
        expect(await store.describe("docs-2")).toMatchObject({ points: 6 });
      });

      if (snapshots === "part") {
        it("of which a node holds a part are not restored, and leave nothing behind", async () => {
          await serving("docs-1");
          const { name: snapshot } = await store.snapshot("docs-1");
          await expect(store.restore(snapshot, "docs-2")).rejects.toMatchObject({ code: "mismatch" });
          expect(await store.describe("docs-2")).toBeUndefined();
          expect(await store.describe("docs")).toMatchObject({ name: "docs-1", points: 6 });
        });
      }

      it("are deleted after their collection too, which stays gone", async () => {
        await filled();
        const snapshot = await store.snapshot("docs-1");
        await store.drop("docs-1");
        expect(await store.deleteSnapshot(snapshot.name)).toBe(true);
        expect(await store.snapshots()).toEqual([]);
        expect(await store.describe("docs-1")).toBeUndefined();
      });
    });

    describe("leases", () => {
      it("let one writer in at a time and name the holder", async () => {
        const lease = await store.lease("docs");
        expect(lease.lost.aborted).toBe(false);
        await expect(store.lease("docs")).rejects.toMatchObject({
          code: "conflict",
          message: expect.stringContaining(lease.owner),
        });
        const other = await store.lease("other");
        await lease.release();
        const next = await store.lease("docs");
        await lease.release(); // releases only its own
        await expect(store.lease("docs")).rejects.toMatchObject({ code: "conflict" });
        await next.release();
        await other.release();
      });
    });

    describe("jobs", () => {
      it("are listed newest first and updated in place", async () => {
        await store.recordJob(job("a", { startedAt: "2026-01-01T00:00:00.000Z" }));
        await store.recordJob(job("b", { startedAt: "2026-01-02T00:00:00.000Z", state: "running" }));
        await store.recordJob(job("a", { startedAt: "2026-01-01T00:00:00.000Z", chunks: 7 }));
        const jobs = await store.jobs(10);
        expect(jobs.map((entry) => [entry.id, entry.state, entry.chunks])).toEqual([
          ["b", "running", 1],
          ["a", "done", 7],
        ]);
        expect(await store.jobs(1)).toHaveLength(1);
      });

      it("whose process is gone or silent read as failed", async () => {
        await store.recordJob(job("dead", { state: "running", owner: `${hostname()}:4194305` }));
        await store.recordJob(
          job("silent", { state: "queued", updatedAt: new Date(Date.now() - 91_000).toISOString() }),
        );
        await store.recordJob(job("done", { owner: `${hostname()}:4194305` }));
        const states = new Map((await store.jobs(10)).map((entry) => [entry.id, entry]));
        expect(states.get("dead")).toMatchObject({ state: "failed", error: { code: "cancelled" } });
        expect(states.get("silent")).toMatchObject({ state: "failed" });
        expect(states.get("done")).toMatchObject({ state: "done" });
      });
    });

    it("answers a probe with what and where it is", async () => {
      const status = await store.probe();
      expect(status.version).not.toBe("");
      expect(status.location).not.toBe("");
    });
  });
}

function scoreOf(candidates: readonly Candidate[], id: string): readonly number[] {
  return candidates.find((candidate) => candidate.id === id)?.scores ?? [];
}
