/** What every adapter of the `VectorStore` port does. */

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nameForms } from "#src/core/name-forms.js";
import type { VectorStore } from "#src/core/ports.js";
import type { DocumentsAsked } from "#src/core/store-options.js";
import type {
  Candidate,
  DocumentKey,
  Filter,
  IndexedDocument,
  Leg,
  Point,
  Scope,
  StoredPoint,
} from "#src/core/types.js";
import { dot } from "#src/core/vector.js";
import { thisProcess } from "#src/process/owner.js";
import { passFor, testCall } from "../support/call.js";
import { abortedCallsContract, type Fixture } from "./aborted-calls.js";
import { CORPUS, collect, DIMENSION, document, job, source, spec, uuidOf, vectorOf } from "./fixtures.js";
import { expectedScores, GROWTH, grownAndAsked } from "./lexical-scores.js";
import { writersContract } from "./writers.js";

/** One that nobody ends. */
const call = testCall();

export function vectorStoreContract(
  name: string,
  factory: () => Promise<Fixture>,
  /** What a snapshot holds; a part where each node of a cluster takes its own. */
  snapshots: "whole" | "part" = "whole",
): void {
  const ofWhole = snapshots === "whole" ? it : it.skip;
  const why = snapshots === "whole" ? "" : " (skipped: a node's snapshot is a part)";
  abortedCallsContract(name, factory);
  writersContract(name, factory);
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
      await store.create(call, collection, spec(alias));
      await store.write(call, collection, CORPUS);
    }
    async function serving(collection = "docs-1", alias = "docs"): Promise<void> {
      await filled(collection, alias);
      await store.publish(call, passFor(alias), collection);
    }
    const keysOf = async (filter?: Filter) => {
      const points = await collect(store.scroll(call, "docs-1", filter));
      return [...new Set(points.map((point) => point.record.document))].sort();
    };

    describe("collections", () => {
      it("are described with what they were made with, and are absent before", async () => {
        expect(await store.describe(call, passFor("docs-1"))).toBeUndefined();
        await store.create(call, "docs-1", spec());
        expect(await store.describe(call, passFor("docs-1"))).toMatchObject({
          name: "docs-1",
          alias: "docs",
          spec: spec(),
          dimension: DIMENSION,
          state: "building",
          serving: false,
          points: 0,
          documents: 0,
        });
        expect(Date.parse((await store.describe(call, passFor("docs-1")))?.createdAt ?? "")).toBeGreaterThan(0);
      });

      it("cannot take a name that is taken", async () => {
        await store.create(call, "docs-1", spec());
        await expect(store.create(call, "docs-1", spec())).rejects.toMatchObject({ code: "conflict" });
      });

      it.each(["", "../up", "a/b", ".hidden", "x".repeat(129), "ö"])("cannot be named %j", async (bad) => {
        await expect(store.create(call, bad, spec())).rejects.toMatchObject({ code: "bad_request" });
      });

      it("are listed newest first, all of them or one alias's", async () => {
        await store.create(call, "a-1", spec("a"));
        await store.create(call, "b-1", spec("b"));
        await store.create(call, "a-2", spec("a"));
        expect((await store.list(call)).map((info) => info.name)).toEqual(["a-2", "b-1", "a-1"]);
        expect((await store.versions(call, passFor("a"))).map((info) => info.name)).toEqual(["a-2", "a-1"]);
      });

      it("that are absent cannot be written, read or searched", async () => {
        const gone = { code: "not_found" };
        await expect(store.write(call, "nope", CORPUS)).rejects.toMatchObject(gone);
        await expect(store.read(call, "nope", [])).rejects.toMatchObject(gone);
        await expect(collect(store.scroll(call, "nope"))).rejects.toMatchObject(gone);
        await expect(store.search(call, "nope", [{ kind: "lexical", text: "x" }], { limit: 1 })).rejects.toMatchObject(
          gone,
        );
        await expect(store.publish(call, passFor("docs"), "nope")).rejects.toMatchObject(gone);
      });
    });

    describe("sources", () => {
      it("are kept as they were given last, and come back with a snapshot", async () => {
        await serving();
        expect((await store.describe(call, passFor("docs")))?.sources).toBeUndefined();
        await store.keepSources(call, "docs-1", [source("one"), source("two")]);
        await store.keepSources(call, "docs-1", [source("two"), source("three")]);
        const kept = [source("two"), source("three")];
        expect((await store.describe(call, passFor("docs")))?.sources).toEqual(kept);
        expect((await store.versions(call, passFor("docs"))).map((info) => info.sources)).toEqual([kept]);
        const { name } = await store.snapshot(call, "docs-1");
        await store.keepSources(call, "docs-1", []);
        expect((await store.describe(call, passFor("docs")))?.sources).toEqual([]);
        if (snapshots === "part") return;
        await store.restore(call, name, "docs-2");
        expect((await store.describe(call, passFor("docs-2")))?.sources).toEqual(kept);
      });

      it("of a collection that is absent cannot be kept", async () => {
        await expect(store.keepSources(call, "nope", [])).rejects.toMatchObject({ code: "not_found" });
      });
    });

    describe("writing", () => {
      it("counts points and documents", async () => {
        await filled();
        expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ points: 6, documents: 4 });
      });

      it("replaces a document whole", async () => {
        await filled();
        await store.write(call, "docs-1", [document("alpha", ["Nothing but cats"], { hash: "h2" })]);
        expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ points: 5, documents: 4 });
        const points = await collect(store.scroll(call, "docs-1", { document: "alpha" }));
        expect(points.map((point) => point.text)).toEqual(["Nothing but cats"]);
        expect(points[0]?.record).toMatchObject({ hash: "h2", metadata: {} });
        const found = await store.search(call, "docs-1", [{ kind: "lexical", text: "fox" }], { limit: 5 });
        expect(found).toEqual([]);
      });

      it("keeps documents of the same id from different sources apart", async () => {
        await filled();
        await store.write(call, "docs-1", [document("alpha", ["From the wiki"], { source: "wiki" })]);
        expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ points: 7, documents: 5 });
      });

      it("refuses a bad vector and writes nothing of its batch", async () => {
        await store.create(call, "docs-1", spec());
        const good = document("good", ["fine"]);
        const bad = (vector: Float32Array) => {
          const made = document("bad", ["broken"]);
          return [good, { ...made, points: made.points.map((point) => ({ ...point, vector })) }];
        };
        const cases: [Float32Array, string][] = [
          [vectorOf("x", DIMENSION + 1), "mismatch"],
          [new Float32Array(DIMENSION).fill(0.1), "bad_request"],
          [new Float32Array(DIMENSION).fill(Number.NaN), "bad_request"],
          [new Float32Array(DIMENSION).fill(1), "bad_request"],
        ];
        for (const [vector, code] of cases) {
          await expect(store.write(call, "docs-1", bad(vector))).rejects.toMatchObject({ code });
        }
        expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ points: 0, documents: 0 });
      });

      it("removes documents by key, and nothing for an empty list", async () => {
        await filled();
        await store.remove(call, "docs-1", []);
        expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ points: 6 });
        await store.remove(call, "docs-1", [
          { source: "files", document: "alpha" },
          { source: "files", document: "delta" },
        ]);
        expect(await keysOf()).toEqual(["beta", "delta", "gamma"]);
      });
    });

    describe("reading", () => {
      it("gives points in the order of the ids, without those that are gone", async () => {
        await filled();
        const [first, second] = [CORPUS[1]?.points[0]?.id, CORPUS[0]?.points[1]?.id] as [string, string];
        const points = await store.read(call, "docs-1", [first, uuidOf("gone"), "no id", "123", second]);
        expect(points.map((point) => point.id)).toEqual([first, second]);
        expect(points[0]?.vector).toBeUndefined();
      });

      it("gives back everything that was written", async () => {
        await filled();
        const { points: _points, ...record } = CORPUS[0] as IndexedDocument;
        const written = CORPUS[0]?.points[1] as Point;
        const [read] = await store.read(call, "docs-1", [written.id], { vectors: true });
        const { vector, ...rest } = read as StoredPoint & { vector: Float32Array };
        const { vector: original, ...point } = written;
        expect(rest).toEqual({ ...point, record });
        expect(dot(vector, original as Float32Array)).toBeCloseTo(1, 5);
      });

      it("gives token vectors to those who ask, of the points that have them", async () => {
        await store.create(call, "docs-1", spec());
        const made = document("alpha", ["with", "without"]);
        const tokens = Uint8Array.of(1, 8, 0, 255, 127, 128);
        const points = made.points.map((point) => (point.ordinal === 0 ? { ...point, tokens } : point));
        await store.write(call, "docs-1", [{ ...made, points }]);
        const ids = points.map(({ id }) => id);
        const [first, second] = await store.read(call, "docs-1", ids, { tokens: true });
        expect(first?.tokens).toEqual(tokens);
        expect(second?.tokens).toBeUndefined();
        const scrolled = await collect(store.scroll(call, "docs-1", {}, { vectors: true, tokens: true }));
        expect(scrolled.map((point) => point.tokens)).toEqual([tokens, undefined]);
        for (const point of await store.read(call, "docs-1", ids)) expect(point?.tokens).toBeUndefined();
        for await (const point of store.scroll(call, "docs-1")) expect(point?.tokens).toBeUndefined();
      });

      it("gives back the names of a table's columns, and keeps equal rows under other names apart", async () => {
        await store.create(call, "docs-1", spec());
        const made = document("alpha", ["1 | 2", "1 | 2", "1 | 2"]);
        const headers = ["Rate | Burst", "Rate | Limit", undefined];
        const points = made.points.map((point, i) => ({ ...point, tableHeader: headers[i] }));
        await store.write(call, "docs-1", [{ ...made, points }]);
        const ids = points.map(({ id }) => id);
        for (const read of [await store.read(call, "docs-1", ids), await collect(store.scroll(call, "docs-1"))]) {
          expect(read.map(({ tableHeader }) => tableHeader)).toEqual(headers);
        }
        const legs = [{ kind: "lexical", text: "2" }] as const;
        const found = await store.search(call, "docs-1", legs, { limit: 5 });
        expect(new Set(found.map(({ textHash }) => textHash)).size).toBe(3);
      });

      it("finds a passage without a vector by its words alone, until it is written with one", async () => {
        const known = document("known", ["Docker keeps layers"]);
        const late = document("late", ["Docker keeps volumes"]);
        const wordsOnly = { ...late, points: late.points.map(({ vector: _, ...point }) => point) };
        const [id] = late.points.map((point) => point.id) as [string];
        const dense = { kind: "dense", vector: vectorOf("Docker keeps volumes") } as const;
        const search = (...legs: Leg[]) => store.search(call, "docs-1", legs, { limit: 10 });
        await store.create(call, "docs-1", spec());
        await store.write(call, "docs-1", [known, wordsOnly]);
        expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ points: 2, documents: 2 });
        expect((await search(dense)).map(({ document: of }) => of)).toEqual(["known"]);
        const both = await search(dense, { kind: "lexical", text: "volumes" });
        expect(scoreOf(both, id)?.[0]).toBe(0);
        expect(scoreOf(both, id)?.[1]).toBeGreaterThan(0);
        const [read] = await store.read(call, "docs-1", [id], { vectors: true, tokens: true });
        expect(read).toMatchObject({ text: "Docker keeps volumes" });
        expect(read?.vector).toBeUndefined();
        expect(await collect(store.scroll(call, "docs-1", {}, { vectors: true }))).toHaveLength(2);
        await store.write(call, "docs-1", [late]);
        expect(scoreOf(await search(dense), id)?.[0]).toBeCloseTo(1, 5);
        expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ points: 2, documents: 2 });
      });

      it("forgets the token vectors of what is replaced", async () => {
        await store.create(call, "docs-1", spec());
        const made = document("alpha", ["same id"]);
        const withTokens = made.points.map((point) => ({ ...point, tokens: Uint8Array.of(1, 2, 3) }));
        await store.write(call, "docs-1", [{ ...made, points: withTokens }]);
        await store.write(call, "docs-1", [made]);
        const [point] = await store.read(call, "docs-1", [made.points[0]?.id as string], { tokens: true });
        expect(point?.tokens).toBeUndefined();
      });

      it("scrolls by document and ordinal over many pages", async () => {
        await store.create(call, "docs-1", spec());
        const ids = Array.from({ length: 150 }, (_, i) => `d${String(i).padStart(3, "0")}`);
        await store.write(
          call,
          "docs-1",
          [...ids].reverse().map((id) =>
            document(
              id,
              [0, 1, 2, 3].map((part) => `${id} part ${part}`),
            ),
          ),
        );
        const points = await collect(store.scroll(call, "docs-1"));
        expect(points.map((point) => point.text)).toEqual(
          ids.flatMap((id) => [0, 1, 2, 3].map((part) => `${id} part ${part}`)),
        );
        const listed = await collect(store.documents(call, "docs-1"));
        expect(listed.map((record) => record.document)).toEqual(ids);
      });

      it("lists documents by source and id, or one source's", async () => {
        await filled();
        const keys = (await collect(store.documents(call, "docs-1"))).map(
          (record) => `${record.source}/${record.document}`,
        );
        expect(keys).toEqual(["files/alpha", "files/beta", "files/gamma", "wiki/delta"]);
        expect(await collect(store.documents(call, "docs-1", "wiki"))).toHaveLength(1);
        expect(await collect(store.documents(call, "docs-1", "none"))).toEqual([]);
      });

      it("gives the documents of a source a page at a time, each once, though some go meanwhile", async () => {
        await store.create(call, "docs-1", spec());
        const ids = Array.from({ length: 60 }, (_, i) => `${i % 2 === 0 ? "é" : "f"}/${String(i).padStart(2, "0")}`);
        await store.write(
          call,
          "docs-1",
          ids.map((id) => document(id, [`${id} one`, `${id} two`])),
        );
        await store.write(call, "docs-1", [document("other", ["of the wiki"], { source: "wiki" })]);
        const seen: string[] = [];
        let from: string | undefined;
        do {
          const page = await store.documentPage(call, "docs-1", { source: "files", from, limit: 7 });
          expect(page.documents.length).toBeLessThanOrEqual(7);
          seen.push(...page.documents.map(({ document: id }) => id));
          from = page.next;
          if (seen.length === 14) {
            const gone = [...page.documents.slice(-1), ...(await next(from))];
            await store.remove(
              call,
              "docs-1",
              gone.map(({ document: id }) => ({ source: "files", document: id })),
            );
          }
        } while (from !== undefined);
        expect(new Set(seen).size).toBe(seen.length);
        expect(seen).toHaveLength(59);
        expect(ids).toEqual(expect.arrayContaining(seen));

        async function next(place: string | undefined) {
          const asked = { source: "files", from: place, limit: 1 };
          return (await store.documentPage(call, "docs-1", asked)).documents;
        }
      });

      it("begins a page at the place of any document, and keeps to what a prefix leaves", async () => {
        await filled();
        const all = async (asked: Partial<DocumentsAsked>) => {
          const found: string[] = [];
          let from = asked.from;
          do {
            const page = await store.documentPage(call, "docs-1", { source: "files", limit: 2, ...asked, from });
            found.push(...page.documents.map(({ document: id }) => id));
            from = page.next;
          } while (from !== undefined);
          return found;
        };
        const { documents } = await store.documentPage(call, "docs-1", { source: "files", limit: 3 });
        const order = documents.map(({ document: id }) => id);
        expect([...order].sort()).toEqual(["alpha", "beta", "gamma"]);
        expect(documents.map(({ title }) => title).sort()).toEqual(["Animals", undefined, undefined]);
        for (const [i, { place }] of documents.entries()) expect(await all({ from: place })).toEqual(order.slice(i));
        expect(await all({ prefix: "b" })).toEqual(["beta"]);
        expect(await all({ prefix: "bet" })).toEqual(["beta"]);
        expect(await all({ prefix: "x" })).toEqual([]);
        expect(await all({ prefix: "%" })).toEqual([]);
        expect(await all({ source: "none" })).toEqual([]);
      });

      it("reads one document in order, from any of its passages on, as far as it is wanted", async () => {
        await store.create(call, "docs-1", spec());
        const texts = Array.from({ length: 250 }, (_, i) => `part ${i}`);
        await store.write(call, "docs-1", [document("long", texts), document("short", ["one"])]);
        const of = { source: "files", document: "long" };
        const ordinals = async (fromOrdinal?: number) =>
          (await collect(store.scroll(call, "docs-1", of, { fromOrdinal }))).map(({ ordinal }) => ordinal);
        expect(await ordinals()).toEqual(texts.map((_, i) => i));
        expect(await ordinals(199)).toEqual(Array.from({ length: 51 }, (_, i) => i + 199));
        expect(await ordinals(250)).toEqual([]);
        const all = await collect(store.scroll(call, "docs-1", undefined, { fromOrdinal: 249 }));
        expect(all.map(({ ordinal }) => ordinal)).toEqual([249]);
        for await (const { ordinal } of store.scroll(call, "docs-1", of)) if (ordinal === 2) break;
      });

      it("says whether any point fits a filter", async () => {
        await filled();
        expect(await store.any(call, "docs-1", { lang: "de" })).toBe(true);
        expect(await store.any(call, "docs-1", { lang: "fr" })).toBe(false);
      });
    });

    describe("searching", () => {
      it("finds the nearest vectors with their cosine", async () => {
        await filled();
        const vector = vectorOf("any query");
        const found = await store.search(call, "docs-1", [{ kind: "dense", vector }], { limit: 3 });
        const best = CORPUS.flatMap((doc) => doc.points)
          .map((point) => ({ id: point.id, cosine: dot(point.vector as Float32Array, vector) }))
          .sort((a, b) => b.cosine - a.cosine)
          .slice(0, 3);
        expect(new Set(found.map((candidate) => candidate.id))).toEqual(new Set(best.map((point) => point.id)));
        for (const { id, cosine } of best) expect(scoreOf(found, id)[0]).toBeCloseTo(cosine, 4);
      });

      it("finds words in any inflection, title included, scored from 0 to 1", async () => {
        await filled();
        const found = await store.search(call, "docs-1", [{ kind: "lexical", text: "key rotating" }], { limit: 5 });
        expect(new Set(found.map((candidate) => candidate.document))).toEqual(new Set(["beta", "gamma"]));
        for (const { scores } of found) {
          expect(scores[0]).toBeGreaterThan(0);
          expect(scores[0]).toBeLessThanOrEqual(1);
        }
        const byTitle = await store.search(call, "docs-1", [{ kind: "lexical", text: "animal" }], { limit: 5 });
        expect(byTitle.map((candidate) => candidate.document)).toEqual(["alpha", "alpha"]);
      });

      it("finds a document by its tags, in every passage of it", async () => {
        await filled();
        const found = async (text: string) => {
          const candidates = await store.search(call, "docs-1", [{ kind: "lexical", text }], { limit: 5 });
          return candidates.map((candidate) => candidate.document);
        };
        expect(await found("foxes")).toEqual(["alpha", "alpha"]);
        expect(await found("security")).toEqual(["beta"]);
      });

      it("scores words by the function that all stores share, also when the texts have grown", async () => {
        let run = 0;
        const scored = fc.asyncProperty(GROWTH, async (growth) => {
          const found = await grownAndAsked(store, `grown${++run}-1`, growth);
          const expected = expectedScores(growth);
          expect(found).toHaveLength(expected.size);
          for (const { id, scores } of found) expect(scores[0]).toBeCloseTo(expected.get(id) as number, 5);
        });
        await fc.assert(scored, { numRuns: 10 });
      }, 60_000);

      it("gives a word that stands in every passage a share of the score", async () => {
        await store.create(call, "docs-1", spec());
        await store.write(call, "docs-1", [document("a", ["common words"]), document("b", ["common sense"])]);
        const found = await store.search(call, "docs-1", [{ kind: "lexical", text: "common" }], { limit: 5 });
        expect(found).toHaveLength(2);
        for (const { scores } of found) expect(scores[0]).toBeGreaterThan(0.3);
      });

      it("finds nothing for a text without terms", async () => {
        await filled();
        for (const text of ["", "the of and", '"* () OR']) {
          expect(await store.search(call, "docs-1", [{ kind: "lexical", text }], { limit: 5 })).toEqual([]);
          const both: Leg[] = [
            { kind: "dense", vector: vectorOf("q") },
            { kind: "lexical", text },
          ];
          const found = await store.search(call, "docs-1", both, { limit: 5 });
          expect(found.map(({ scores }) => scores[1])).toEqual([0, 0, 0, 0, 0]);
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
        const all = await store.search(call, "docs-1", legs, { limit: 100 });
        const few = await store.search(call, "docs-1", legs, { limit: 1 });
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
        await store.create(call, "docs-1", spec());
        await store.write(call, "docs-1", [document("a", ["Same  text"]), document("b", ["same\nTEXT"])]);
        const found = await store.search(call, "docs-1", [{ kind: "lexical", text: "text" }], { limit: 5 });
        expect(found).toHaveLength(2);
        expect(found[0]?.textHash).toMatch(/^[0-9a-f]{16}$/);
        expect(found[0]?.textHash).toBe(found[1]?.textHash);
        expect(found[0]).toMatchObject({ source: "files", ordinal: 0 });
      });

      it("finds a passage without a direction at cosine 0 by its vector, and by its words", async () => {
        const zero = new Float32Array(DIMENSION);
        const unread = document("unread", ["Docker 部署"]);
        const documents = [{ ...unread, points: unread.points.map((point) => ({ ...point, vector: zero })) }];
        await store.create(call, "docs-1", spec());
        await store.write(call, "docs-1", [...CORPUS, ...documents]);
        const [point] = await store.read(call, "docs-1", [unread.points[0]?.id as string], { vectors: true });
        expect(point?.vector).toEqual(zero);
        const legs = [
          { kind: "dense", vector: vectorOf("A lazy dog sleeps all day") },
          { kind: "lexical", text: "部署" },
        ] as const;
        const found = await store.search(call, "docs-1", legs, { limit: 100 });
        const own = found.find(({ id }) => id === unread.points[0]?.id);
        expect(own?.scores[0]).toBe(0);
        expect(own?.scores[1]).toBeGreaterThan(0);
        for (const { scores } of found) expect(scores.every(Number.isFinite)).toBe(true);
        const [first] = [...found].sort((a, b) => (b.scores[0] as number) - (a.scores[0] as number));
        expect(first?.scores[0]).toBeCloseTo(1, 5);
        expect(await store.search(call, "docs-1", [{ kind: "dense", vector: zero }], { limit: 2 })).toHaveLength(2);
      });

      it("refuses a query vector of the wrong size", async () => {
        await filled();
        const legs = [{ kind: "dense", vector: vectorOf("x", 3) }] as const;
        await expect(store.search(call, "docs-1", legs, { limit: 1 })).rejects.toMatchObject({ code: "mismatch" });
      });

      it("finds nothing in an empty collection", async () => {
        await store.create(call, "docs-1", spec());
        const legs = [
          { kind: "dense", vector: vectorOf("x") },
          { kind: "lexical", text: "fox" },
        ] as const;
        expect(await store.search(call, "docs-1", legs, { limit: 3 })).toEqual([]);
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
        ["names by a pattern", { document: ["?eta", "gam*"] }, ["beta", "gamma"]],
        ["a pattern that nothing fits", { document: "b?a" }, []],
        ["a field nobody has", { nope: "x" }, []],
        ["a name that tries to be SQL", { "x') OR 1=1 --": "' OR ''='" }, []],
      ];

      it.each(cases)("match %s", async (_what, filter, expected) => {
        await filled();
        expect(await keysOf(filter)).toEqual(expected);
        expect(await store.any(call, "docs-1", filter)).toBe(expected.length > 0);
        const found = async (leg: Parameters<VectorStore["search"]>[2][number]) => {
          const candidates = await store.search(call, "docs-1", [leg], { limit: 50, filter });
          return [...new Set(candidates.map((candidate) => candidate.document))].sort();
        };
        expect(await found({ kind: "dense", vector: vectorOf("q") })).toEqual(expected);
        const text = "fox dog rotate fuchs lock backup";
        expect(await found({ kind: "lexical", text })).toEqual(expected);
      });
    });

    it("filters match paths by folder and pattern, and whole days", async () => {
      await store.create(call, "docs-1", spec());
      const of = (path: string, date: string) => document(path, [path], { metadata: { path, date } });
      const paths = ["docs/a.md", "docs/sub/b.md", "docs/sub/c.txt", "docsets/d.md", "é/[e]*.md"];
      const dates = ["2024-05-16", "2024-05-17", "2024-05-17T23:59:59.000Z", "2024-05-18", "2023-01-01"];
      await store.write(
        call,
        "docs-1",
        paths.map((path, i) => of(path, dates[i] as string)),
      );
      const cases: [Filter, number[]][] = [
        [{ path: "docs/" }, [0, 1, 2]],
        [{ path: "docs/*.md" }, [0]],
        [{ path: "docs/**/*.md" }, [0, 1]],
        [{ path: "**/?.md" }, [0, 1, 3]],
        [{ path: "**/sub/**" }, [1, 2]],
        [{ path: "é/[e]*.md" }, [4]],
        [{ path: ["docsets/d.md", "docs/sub/"] }, [1, 2, 3]],
        [{ path: "docs" }, []],
        [{ date: { lte: "2024-05-17" } }, [0, 1, 2, 4]],
        [{ date: { gte: "2024-05-17", lte: "2024-05-17" } }, [1, 2]],
      ];
      for (const [filter, expected] of cases) {
        expect(await keysOf(filter), JSON.stringify(filter)).toEqual(expected.map((i) => paths[i]).sort());
      }
    });

    it("filters find a file's name composed and taken apart, whichever way it is kept", async () => {
      const names = ["caf\u00e9/r\u00e9sum\u00e9.md", "cafe\u0301/re\u0301sume\u0301 2.md", "cafe/resume.md"];
      await store.create(call, "docs-1", spec());
      await store.write(
        call,
        "docs-1",
        names.map((path) => document(path, [path], { metadata: { path } })),
      );
      for (const form of ["NFC", "NFD"]) {
        for (const field of ["path", "document"]) {
          const of = (name: string) => keysOf({ [field]: nameForms(name.normalize(form)) });
          expect(await of(names[0] as string)).toEqual([names[0]]);
          expect(await of(names[1] as string)).toEqual([names[1]]);
          expect(await of("caf\u00e9/")).toEqual([names[0], names[1]].sort());
          expect(await of("caf\u00e9/r?sum?*.md")).toEqual([names[0], names[1]].sort());
        }
      }
    });

    it("fields are told with the types of their values, of the documents in a scope", async () => {
      await store.create(call, "docs-1", spec());
      expect(await store.fields(call, "docs-1")).toEqual([]);
      await store.write(call, "docs-1", [
        document("a", ["a"], { metadata: { year: 2020, "due date": "soon", flag: true } }),
        document("b", ["b"], { metadata: { year: "late", _x_: [1, "one"], none: [] }, source: "wiki" }),
      ]);
      const both = ["text", "number"];
      expect(await store.fields(call, "docs-1")).toEqual([
        { name: "_x_", types: both },
        { name: "due date", types: ["text"] },
        { name: "flag", types: ["text"] },
        { name: "year", types: both },
      ]);
      expect(await store.fields(call, "docs-1", [{ source: "wiki" }])).toEqual([
        { name: "_x_", types: both },
        { name: "year", types: ["text"] },
      ]);
      expect(await store.fields(call, "docs-1", [])).toEqual([]);
    });

    describe("a scope", () => {
      const around = "file:///home/ann";
      const names = [
        "proj/a.md",
        "proj/deep/b.md",
        "project/c.md",
        "proj0.md",
        "proj.md",
        "x/proj/d.md",
        "proj/ö #?%.md",
      ];
      const everything = [...names.map((name) => `${around} ${name}`), "file:///other a.md"].sort();
      const cases: [string, Scope, readonly string[]][] = [
        ["nothing", [], []],
        ["a source", [{ source: "file:///other" }], ["file:///other a.md"]],
        [
          "a folder of one, whose name others begin with",
          [{ source: around, folder: "proj/" }],
          [`${around} proj/a.md`, `${around} proj/deep/b.md`, `${around} proj/ö #?%.md`],
        ],
        ["a folder in a folder", [{ source: around, folder: "proj/deep/" }], [`${around} proj/deep/b.md`]],
        ["a folder that has none", [{ source: around, folder: "pro/" }], []],
        ["a source that is not there", [{ source: "file:///none" }, { source: "file:///none", folder: "proj/" }], []],
        [
          "several parts",
          [{ source: "file:///other" }, { source: around, folder: "x/" }, { source: around, folder: "project/" }],
          [`${around} project/c.md`, `${around} x/proj/d.md`, "file:///other a.md"],
        ],
        ["everything", [{ source: around }, { source: "file:///other" }], everything],
      ];
      beforeEach(async () => {
        await store.create(call, "docs-1", spec());
        const below = names.map((name) => document(name, [`the fox of ${name}`, "another"], { source: around }));
        const other = document("a.md", ["the fox of another", "another"], { source: "file:///other" });
        await store.write(call, "docs-1", [...below, other]);
      });

      it.each(cases)("of %s bounds search, count, documents and any", async (_what, scope, expected) => {
        const legs = [
          { kind: "dense", vector: vectorOf("fox") },
          { kind: "lexical", text: "fox" },
        ] as const;
        const keysOf = (keys: readonly DocumentKey[]) =>
          [...new Set(keys.map(({ source, document }) => `${source} ${document}`))].sort();
        const wanted = [...expected].sort();
        expect(keysOf(await store.search(call, "docs-1", legs, { limit: 100, scope }))).toEqual(wanted);
        expect(keysOf(await collect(store.documents(call, "docs-1", undefined, scope)))).toEqual(wanted);
        const listed = await collect(store.documents(call, "docs-1", around, scope));
        expect(keysOf(listed)).toEqual(wanted.filter((key) => key.startsWith(around)));
        expect(await store.count(call, "docs-1", scope)).toEqual({
          documents: wanted.length,
          points: 2 * wanted.length,
        });
        for (const key of everything) {
          const [source, document] = [key.slice(0, key.indexOf(" ")), key.slice(key.indexOf(" ") + 1)];
          expect(await store.any(call, "docs-1", { source, document }, scope), key).toBe(wanted.includes(key));
        }
      });

      it("narrows a filter, and changes with what is written", async () => {
        const scope = [{ source: around, folder: "proj/" }];
        const search = async (filter?: Filter) => {
          const ask = { limit: 100, filter, scope };
          const found = await store.search(call, "docs-1", [{ kind: "dense", vector: vectorOf("fox") }], ask);
          return [...new Set(found.map((candidate) => candidate.document))].sort();
        };
        expect(await search({ document: ["proj/a.md", "project/c.md"] })).toEqual(["proj/a.md"]);
        expect(await search({ source: "file:///other" })).toEqual([]);
        await store.write(call, "docs-1", [document("proj/new.md", ["a new fox"], { source: around })]);
        await store.remove(call, "docs-1", [{ source: around, document: "proj/a.md" }]);
        expect(await search()).toEqual(["proj/deep/b.md", "proj/new.md", "proj/ö #?%.md"]);
      });
    });

    describe("aliases", () => {
      it("serve the collection they point at, and move in one step", async () => {
        await serving("docs-1");
        expect(await store.describe(call, passFor("docs"))).toMatchObject({
          name: "docs-1",
          serving: true,
          state: "ready",
        });
        await store.create(call, "docs-2", spec());
        expect(await store.publish(call, passFor("docs"), "docs-2")).toEqual({ previous: "docs-1" });
        expect(await store.describe(call, passFor("docs"))).toMatchObject({ name: "docs-2", points: 0 });
        expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ serving: false });
        expect(await store.repoint(call, passFor("docs"), "docs-1")).toEqual({ previous: "docs-2" });
        expect(await store.describe(call, passFor("docs"))).toMatchObject({ name: "docs-1", points: 6 });
      });

      it("serve a version whose vectors are being made, which is told until it is published whole", async () => {
        await filled();
        await store.publish(call, passFor("docs"), "docs-1", { from: null, embedding: true });
        expect(await store.describe(call, passFor("docs"))).toMatchObject({ serving: true, state: "embedding" });
        await store.repoint(call, passFor("docs"), "docs-1");
        expect(await store.versions(call, passFor("docs"))).toMatchObject([{ state: "embedding" }]);
        await store.create(call, "docs-2", spec());
        await store.publish(call, passFor("docs"), "docs-2");
        expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ serving: false, state: "embedding" });
        await store.publish(call, passFor("docs"), "docs-1");
        expect(await store.describe(call, passFor("docs"))).toMatchObject({ name: "docs-1", state: "ready" });
        await store.publish(call, passFor("docs"), "docs-1", { embedding: true });
        expect(await store.describe(call, passFor("docs"))).toMatchObject({ state: "ready" });
      });

      it("have no previous collection the first time", async () => {
        await filled();
        expect(await store.publish(call, passFor("docs"), "docs-1")).toEqual({});
      });

      it("never point at a collection that is missing or not ready", async () => {
        await serving("docs-1");
        await store.create(call, "docs-2", spec());
        await expect(store.repoint(call, passFor("docs"), "docs-2")).rejects.toMatchObject({ code: "conflict" });
        await expect(store.repoint(call, passFor("docs"), "docs-9")).rejects.toMatchObject({ code: "not_found" });
        expect(await store.describe(call, passFor("docs"))).toMatchObject({ name: "docs-1" });
      });

      it("keep their collection from being dropped", async () => {
        await serving("docs-1");
        await expect(store.drop(call, "docs-1")).rejects.toMatchObject({ code: "conflict" });
        await store.create(call, "docs-2", spec());
        expect(await store.drop(call, "docs-2")).toBe(true);
        expect(await store.drop(call, "docs-2")).toBe(false);
        expect(await store.describe(call, passFor("docs-2"))).toBeUndefined();
        await store.create(call, "docs-2", spec());
        expect(await store.describe(call, passFor("docs-2"))).toMatchObject({ points: 0 });
      });

      it("go with what they serve where that is asked for, and their name is free again", async () => {
        await serving("docs-1");
        expect(await store.drop(call, "docs-1", { serving: true })).toBe(true);
        expect(await store.describe(call, passFor("docs"))).toBeUndefined();
        expect(await store.list(call)).toEqual([]);
        await serving("docs-2");
        expect(await store.describe(call, passFor("docs"))).toMatchObject({ name: "docs-2", points: 6 });
        expect(await store.drop(call, "docs-1", { serving: true })).toBe(false);
      });
    });

    describe("scrubbing", () => {
      it("leaves what is there as it is, and knows no collection that is absent", async () => {
        await serving();
        await store.remove(call, "docs-1", [{ source: "files", document: "alpha" }]);
        const legs = [{ kind: "lexical", text: "dog" } as const, { kind: "dense", vector: vectorOf("x") } as const];
        const before = await store.search(call, "docs-1", legs, { limit: 5 });
        const points = await collect(store.scroll(call, "docs-1", undefined, { vectors: true }));
        const isCleaned = await store.scrub(call, "docs-1");
        expect(await store.scrub(call)).toBe(isCleaned);
        expect(await store.search(call, "docs-1", legs, { limit: 5 })).toEqual(before);
        expect(await collect(store.scroll(call, "docs-1", undefined, { vectors: true }))).toEqual(points);
        await store.write(call, "docs-1", [document("late", ["The dog is late"])]);
        expect(await keysOf({ document: "late" })).toEqual(["late"]);
        await expect(store.scrub(call, "nope")).rejects.toMatchObject({ code: "not_found" });
      });
    });

    describe("snapshots", () => {
      ofWhole(`bring a collection back as it was, under a new name${why}`, async () => {
        await serving("docs-1");
        const snapshot = await store.snapshot(call, "docs-1");
        expect(snapshot).toMatchObject({
          collection: "docs-1",
          spec: spec(),
          points: 6,
          documents: 4,
          sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
        });
        expect(snapshot.bytes).toBeGreaterThan(0);
        expect(await store.snapshots(call)).toEqual([snapshot]);
        const before = await collect(store.scroll(call, "docs-1", undefined, { vectors: true }));
        await store.remove(call, "docs-1", [{ source: "files", document: "alpha" }]);
        await store.restore(call, snapshot.name, "docs-2");
        expect(await store.describe(call, passFor("docs-2"))).toMatchObject({
          state: "ready",
          alias: "docs",
          points: 6,
          documents: 4,
        });
        expect(await collect(store.scroll(call, "docs-2", undefined, { vectors: true }))).toEqual(before);
        expect(await store.repoint(call, passFor("docs"), "docs-2")).toEqual({ previous: "docs-1" });
        expect(await store.search(call, "docs-2", [{ kind: "lexical", text: "jumps" }], { limit: 5 })).toHaveLength(1);
      });

      ofWhole(`outlive their collection${why}`, async () => {
        await filled();
        const snapshot = await store.snapshot(call, "docs-1");
        await store.drop(call, "docs-1");
        await store.restore(call, snapshot.name, "docs-1");
        expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ points: 6 });
      });

      ofWhole(`are restored as unfinished builds where that is asked for${why}`, async () => {
        await serving("docs-1");
        const { name } = await store.snapshot(call, "docs-1");
        await store.restore(call, name, "docs-2", { state: "building" });
        expect(await store.describe(call, passFor("docs-2"))).toMatchObject({ state: "building", points: 6 });
        await expect(store.repoint(call, passFor("docs"), "docs-2")).rejects.toMatchObject({ code: "conflict" });
      });

      it("are not restored over a name that is taken, nor when unknown", async () => {
        await filled();
        const snapshot = await store.snapshot(call, "docs-1");
        await expect(store.restore(call, snapshot.name, "docs-1")).rejects.toMatchObject({ code: "conflict" });
        await expect(store.restore(call, "nope", "docs-2")).rejects.toMatchObject({ code: "not_found" });
        await expect(store.snapshot(call, "nope")).rejects.toMatchObject({ code: "not_found" });
      });

      it("that are deleted are gone, and no other", async () => {
        await serving("docs-1");
        const first = await store.snapshot(call, "docs-1");
        const second = await store.snapshot(call, "docs-1");
        expect(await store.snapshots(call)).toEqual([second, first]);
        expect(await store.deleteSnapshot(call, first.name)).toBe(true);
        expect(await store.deleteSnapshot(call, first.name)).toBe(false);
        expect(await store.snapshots(call)).toEqual([second]);
        await expect(store.restore(call, first.name, "docs-2")).rejects.toMatchObject({ code: "not_found" });
        if (snapshots === "part") return;
        await store.restore(call, second.name, "docs-2");
        expect(await store.describe(call, passFor("docs-2"))).toMatchObject({ points: 6 });
      });

      if (snapshots === "part") {
        it("of which a node holds a part are not restored, and leave nothing behind", async () => {
          await serving("docs-1");
          const { name: snapshot } = await store.snapshot(call, "docs-1");
          await expect(store.restore(call, snapshot, "docs-2")).rejects.toMatchObject({ code: "mismatch" });
          expect(await store.describe(call, passFor("docs-2"))).toBeUndefined();
          expect(await store.describe(call, passFor("docs"))).toMatchObject({ name: "docs-1", points: 6 });
        });
      }

      it("are deleted after their collection too, which stays gone", async () => {
        await filled();
        const snapshot = await store.snapshot(call, "docs-1");
        await store.drop(call, "docs-1");
        expect(await store.deleteSnapshot(call, snapshot.name)).toBe(true);
        expect(await store.snapshots(call)).toEqual([]);
        expect(await store.describe(call, passFor("docs-1"))).toBeUndefined();
      });
    });

    describe("leases", () => {
      it("let one writer in at a time and name the holder", async () => {
        const lease = await store.lease(call, passFor("docs"));
        expect(lease.lost.aborted).toBe(false);
        await expect(store.lease(call, passFor("docs"))).rejects.toMatchObject({
          code: "conflict",
          message: expect.stringContaining(lease.owner),
        });
        const other = await store.lease(call, passFor("other"));
        await lease.release();
        const next = await store.lease(call, passFor("docs"));
        await lease.release(); // releases only its own
        await expect(store.lease(call, passFor("docs"))).rejects.toMatchObject({ code: "conflict" });
        await next.release();
        await other.release();
      });
    });

    describe("jobs", () => {
      it("are listed newest first and updated in place", async () => {
        await store.recordJob(call, job("a", { startedAt: "2026-01-01T00:00:00.000Z" }));
        await store.recordJob(call, job("b", { startedAt: "2026-01-02T00:00:00.000Z", state: "running" }));
        const place = "file:///ws/notes";
        await store.recordJob(call, job("a", { startedAt: "2026-01-01T00:00:00.000Z", chunks: 7, place }));
        const jobs = await store.jobs(call, 10);
        expect(jobs.map((entry) => [entry.id, entry.state, entry.chunks, entry.place])).toEqual([
          ["b", "running", 1, undefined],
          ["a", "done", 7, place],
        ]);
        expect(await store.jobs(call, 1)).toHaveLength(1);
      });

      it("count towards the limit only when they are wanted", async () => {
        for (let day = 1; day <= 4; day++) {
          const collection = day <= 2 ? "docs" : "theirs";
          await store.recordJob(call, job(`j${day}`, { collection, startedAt: `2026-01-0${day}T00:00:00.000Z` }));
        }
        const ours = async (limit: number) =>
          (await store.jobs(call, limit, ({ collection }) => collection === "docs")).map(({ id }) => id);
        expect(await ours(2)).toEqual(["j2", "j1"]);
        expect(await ours(1)).toEqual(["j2"]);
      });

      it("whose process is gone or silent read as failed", async () => {
        await store.recordJob(call, job("dead", { state: "running", owner: thisProcess(4194305) }));
        await store.recordJob(
          call,
          job("silent", { state: "queued", updatedAt: new Date(Date.now() - 91_000).toISOString() }),
        );
        await store.recordJob(call, job("done", { owner: thisProcess(4194305) }));
        const states = new Map((await store.jobs(call, 10)).map((entry) => [entry.id, entry]));
        expect(states.get("dead")).toMatchObject({ state: "failed", error: { code: "cancelled" } });
        expect(states.get("silent")).toMatchObject({ state: "failed" });
        expect(states.get("done")).toMatchObject({ state: "done" });
      });
    });

    describe("what a document says of itself", () => {
      it("may have names that every object has", async () => {
        const metadata = Object.fromEntries(
          ["constructor", "prototype", "toString", "__proto__"].map((key) => [key, "x"]),
        );
        await serving();
        await store.write(call, "docs-1", [document("odd", ["an odd fox"], { metadata })]);
        for (const key of ["constructor", "toString"]) {
          expect(await store.any(call, "docs-1", { [key]: "x" })).toBe(true);
          expect(await store.any(call, "docs-1", { [key]: "y" })).toBe(false);
        }
        expect(await store.any(call, "docs-1", { valueOf: "x" } as unknown as Filter)).toBe(false);
        const records = await collect(store.documents(call, "docs-1"));
        const odd = records.find((record) => record.document === "odd");
        expect(Object.entries(odd?.metadata ?? {}).sort()).toEqual(Object.entries(metadata).sort());
      });

      it("is refused when every passage would carry too much of it, and nothing is written", async () => {
        await serving();
        for (const much of [
          { title: "t".repeat(301) },
          { metadata: { ["k".repeat(101)]: 1 } },
          { metadata: { long: "v".repeat(1_001) } },
          { metadata: { list: Array(51).fill(1) } },
          { metadata: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`f${i}`, i])) },
          { metadata: Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`f${i}`, "v".repeat(999)])) },
        ]) {
          const write = store.write(call, "docs-1", [document("much", ["much"], much)]);
          await expect(write).rejects.toMatchObject({ code: "bad_request", message: expect.stringContaining("much") });
        }
        expect(await store.any(call, "docs-1", { document: "much" })).toBe(false);
      });
    });

    describe("text that not every store can hold", () => {
      const bad = { code: "bad_request" };
      const made = document("fine", ["fine"]);
      const withPoint = (change: Partial<Point>) => ({
        ...made,
        points: made.points.map((each) => ({ ...each, ...change })),
      });

      it.each([
        ["NUL", "a\0b"],
        ["the first half of a surrogate pair", "a\ud83d"],
        ["the second half of a surrogate pair", "\ude00b"],
      ])("is refused wherever it comes in: %s", async (_what, unfit) => {
        await serving();
        const filters: Filter[] = [
          { [unfit]: "x" },
          { lang: unfit },
          { lang: ["en", unfit] },
          { lang: { gte: unfit } },
          { lang: { gte: "a", lte: unfit } },
          { document: unfit },
          { source: ["files", unfit] },
        ];
        for (const filter of filters) {
          await expect(store.any(call, "docs-1", filter)).rejects.toMatchObject(bad);
          await expect(collect(store.scroll(call, "docs-1", filter))).rejects.toMatchObject(bad);
          const legs = [{ kind: "lexical", text: "fox" }] as const;
          await expect(store.search(call, "docs-1", legs, { limit: 1, filter })).rejects.toMatchObject(bad);
        }
        const legs = [{ kind: "lexical", text: `fox ${unfit}` }] as const;
        await expect(store.search(call, "docs-1", legs, { limit: 1 })).rejects.toMatchObject(bad);
        await expect(store.read(call, "docs-1", [uuidOf("x"), unfit])).rejects.toMatchObject(bad);
        await expect(collect(store.documents(call, "docs-1", unfit))).rejects.toMatchObject(bad);
        for (const key of [
          { source: "files", document: unfit },
          { source: unfit, document: "alpha" },
        ]) {
          await expect(store.remove(call, "docs-1", [key])).rejects.toMatchObject(bad);
        }
        await expect(store.restore(call, unfit, "docs-2")).rejects.toMatchObject(bad);
        await expect(store.deleteSnapshot(call, unfit)).rejects.toMatchObject(bad);
        expect(await store.describe(call, passFor("docs"))).toMatchObject({ points: 6 });
      });

      it.each(["a\0b", "a\ud83d"])("is refused in what is written, and nothing of the batch is: %j", async (unfit) => {
        await store.create(call, "docs-1", spec());
        const documents: IndexedDocument[] = [
          { ...made, document: unfit },
          { ...made, source: unfit },
          { ...made, title: unfit },
          { ...made, metadata: { [unfit]: 1 } },
          { ...made, metadata: { tags: ["a", unfit] } },
          withPoint({ text: unfit, embedText: unfit }),
          withPoint({ headings: ["A", unfit] }),
        ];
        for (const each of documents) {
          await expect(store.write(call, "docs-1", [document("good", ["good"]), each])).rejects.toMatchObject(bad);
        }
        expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ points: 0, documents: 0 });
      });

      it("is no name", async () => {
        await serving();
        for (const unfit of ["a\0b", "a\ud83d", "a/b", "ä"]) {
          const pass = passFor(unfit);
          await expect(store.describe(call, pass)).rejects.toMatchObject(bad);
          await expect(store.versions(call, pass)).rejects.toMatchObject(bad);
          await expect(store.lease(call, pass)).rejects.toMatchObject(bad);
          await expect(store.publish(call, pass, "docs-1")).rejects.toMatchObject(bad);
          await expect(store.repoint(call, pass, "docs-1")).rejects.toMatchObject(bad);
          await expect(store.search(call, unfit, [], { limit: 1 })).rejects.toMatchObject(bad);
          await expect(store.drop(call, unfit)).rejects.toMatchObject(bad);
        }
      });
    });

    it("answers a probe with what and where it is", async () => {
      const status = await store.probe(call);
      expect(status.version).not.toBe("");
      expect(status.location).not.toBe("");
    });
  });
}

function scoreOf(candidates: readonly Candidate[], id: string): readonly number[] {
  return candidates.find((candidate) => candidate.id === id)?.scores ?? [];
}
