/** What is SQLite's own: files, durability, several processes, and exactness. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, renameSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import type { IndexedDocument } from "#src/core/types.js";
import { dot } from "#src/core/vector.js";
import { candidatesOf } from "#src/store/sqlite/found.js";
import { createHandlers } from "#src/store/sqlite/handlers.js";
import { createSqliteStore } from "#src/store/sqlite/index.js";
import { openDatabase, pragma } from "#src/store/sqlite/open.js";
import { CATALOG, COLLECTION } from "#src/store/sqlite/schema.js";
import { collect, document, job, source, spec, uuidOf, vectorOf } from "../../contract/fixtures.js";
import { scoresOf } from "../../contract/lexical-scores.js";
import { passFor, testCall } from "../../support/call.js";
import { openBeside } from "./open-beside.js";
import { childPids } from "./processes.js";
import { createIn, dropIn, task } from "./tasks.js";

/** One that nobody ends. */
const call = testCall();

let home: string;
let folder: string;
const stores: VectorStore[] = [];

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "aura-sqlite-"));
  folder = join(home, "data");
});
afterEach(async () => {
  await Promise.all(stores.splice(0).map((store) => store.close()));
  await rm(home, { recursive: true, force: true });
});

function open(): VectorStore {
  const store = createSqliteStore({ folder, vectorMemoryMb: 64 });
  stores.push(store);
  return store;
}

const collectionFile = (name = "docs-1") => join(folder, "collections", `${name}.db`);

/** The process that the work starts. */
async function pidOf(work: () => Promise<unknown>): Promise<number> {
  const before = new Set(childPids(folder));
  await work();
  return childPids(folder).find((pid) => !before.has(pid)) as number;
}

describe("the store's files", () => {
  it("are not made before the first call", async () => {
    open();
    await sleep(20);
    expect(readdirSync(home)).toEqual([]);
  });

  it("are WAL with synchronous=FULL, foreign keys on, and no extension can be loaded any more", () => {
    const db = openDatabase(join(home, "x.db"), CATALOG, () => undefined);
    expect(pragma(db, "journal_mode")).toBe("wal");
    expect(pragma(db, "synchronous")).toBe(2);
    expect(pragma(db, "foreign_keys")).toBe(1);
    expect(pragma(db, "busy_timeout")).toBe(5_000);
    expect(() => db.get("SELECT load_extension('x')")).toThrow();
    db.close();
  });

  it.skipIf(process.platform === "win32")("are readable by this user only", async () => {
    const store = open();
    await store.create(call, "docs-1", spec());
    await store.write(call, "docs-1", [document("a", ["text"])]);
    await store.snapshot(call, "docs-1");
    const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
    for (const part of ["", "collections", "snapshots"]) {
      expect(mode(join(folder, part)), part).toBe("700");
      for (const entry of readdirSync(join(folder, part), { withFileTypes: true })) {
        if (entry.isFile()) expect(mode(join(folder, part, entry.name)), entry.name).toBe("600");
      }
    }
  });

  it("of a newer version are refused and left as they are", async () => {
    const store = open();
    await store.create(call, "docs-1", spec());
    await store.close();
    for (const file of [collectionFile(), join(folder, "catalog.db")]) {
      const bytes = readFileSync(file);
      bytes.writeInt32BE(99, 60);
      writeFileSync(file, bytes);
      await expect(open().describe(call, passFor("docs-1"))).rejects.toMatchObject({
        code: "mismatch",
        message: expect.stringContaining(file),
        remedy: expect.stringContaining("Upgrade"),
      });
      await Promise.all(stores.splice(0).map((each) => each.close()));
      expect(readFileSync(file).equals(bytes)).toBe(true);
    }
  });

  it("of another program are refused", async () => {
    const file = join(home, "other.db");
    const other = openBeside(file);
    other.exec("PRAGMA application_id = 1; CREATE TABLE t (a)");
    other.close();
    expect(() => openDatabase(file, COLLECTION)).toThrow(/another program/);
  });

  it.each([
    ["whose header is overwritten", 0, 64],
    ["whose pages are overwritten", 16_384, 400_000],
  ])("%s are named, with what to do", async (_what, from, length) => {
    const store = open();
    await store.create(call, "docs-1", spec());
    await store.write(call, "docs-1", [
      document(
        "a",
        Array.from({ length: 200 }, (_, i) => `text number ${i}`),
      ),
    ]);
    await store.close();
    const bytes = readFileSync(collectionFile());
    bytes.fill(0x5a, from, Math.min(from + length, bytes.length));
    writeFileSync(collectionFile(), bytes);
    const legs = [{ kind: "dense", vector: vectorOf("x") }] as const;
    await expect(open().search(call, "docs-1", legs, { limit: 5 })).rejects.toMatchObject({
      code: "store_down",
      message: expect.stringContaining("docs-1.db"),
      remedy: expect.stringMatching(/snapshot.*reindex/),
    });
  });

  it("that are missing are listed as damaged, and named when they are used", async () => {
    const store = open();
    await store.create(call, "docs-1", spec());
    await store.publish(call, passFor("docs"), "docs-1");
    await store.close();
    await rm(collectionFile());
    const again = open();
    expect(await again.describe(call, passFor("docs-1"))).toMatchObject({ state: "damaged", points: 0 });
    await expect(again.any(call, "docs-1", {})).rejects.toMatchObject({
      code: "store_down",
      message: expect.stringContaining("docs-1.db"),
    });
  });

  it("of a damaged snapshot are not restored", async () => {
    const store = open();
    await store.create(call, "docs-1", spec());
    const { name } = await store.snapshot(call, "docs-1");
    const file = join(folder, "snapshots", `${name}.db`);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1] = (bytes.at(-1) as number) ^ 1;
    writeFileSync(file, bytes);
    await expect(store.restore(call, name, "docs-2")).rejects.toMatchObject({ code: "store_down" });
    expect(await store.describe(call, passFor("docs-2"))).toBeUndefined();
    expect(readdirSync(join(folder, "collections")).filter((entry) => entry.includes("docs-2"))).toEqual([]);
  });

  it("of a deleted snapshot are gone", async () => {
    const store = open();
    await store.create(call, "docs-1", spec());
    const { name } = await store.snapshot(call, "docs-1");
    expect(readdirSync(join(folder, "snapshots"))).toEqual([`${name}.db`]);
    await store.deleteSnapshot(call, name);
    expect(readdirSync(join(folder, "snapshots"))).toEqual([]);
  });

  it("of a snapshot that is lost do not keep it from being deleted", async () => {
    const store = open();
    await store.create(call, "docs-1", spec());
    const { name } = await store.snapshot(call, "docs-1");
    await rm(join(folder, "snapshots", `${name}.db`));
    await expect(store.restore(call, name, "docs-2")).rejects.toMatchObject({ code: "store_down" });
    expect(await store.deleteSnapshot(call, name)).toBe(true);
    expect(await store.snapshots(call)).toEqual([]);
  });

  it.each([1, 2, 3])("of catalogues of format %i are brought to the present form", async (format) => {
    const store = open();
    await store.create(call, "docs-1", spec());
    await store.publish(call, passFor("docs"), "docs-1");
    const { name: snapshot } = await store.snapshot(call, "docs-1");
    await store.recordJob(call, job("j1"));
    await store.close();
    const old = openBeside(join(folder, "catalog.db"));
    old.exec(`
      CREATE TABLE collections (name TEXT PRIMARY KEY, uid TEXT NOT NULL, spec TEXT NOT NULL, state TEXT NOT NULL, created_at TEXT NOT NULL);
      INSERT INTO collections SELECT key, 'u', record -> 'spec', record ->> 'state', record ->> 'createdAt' FROM records WHERE kind = 'collection';
      ALTER TABLE aliases RENAME TO now;
      CREATE TABLE aliases (alias TEXT PRIMARY KEY, collection TEXT NOT NULL REFERENCES collections (name)) WITHOUT ROWID;
      INSERT INTO aliases SELECT * FROM now; DROP TABLE now;
      CREATE TABLE jobs (id TEXT PRIMARY KEY, started_at TEXT NOT NULL, job TEXT NOT NULL);
      INSERT INTO jobs SELECT key, record ->> 'startedAt', record FROM records WHERE kind = 'job';
      CREATE TABLE snapshots (name TEXT PRIMARY KEY, collection TEXT NOT NULL, spec TEXT NOT NULL, points INTEGER NOT NULL, documents INTEGER NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, created_at TEXT NOT NULL);
      INSERT INTO snapshots SELECT key, 'docs-1', record -> 'info' -> 'spec', 0, 0, record -> 'info' ->> 'bytes', record -> 'info' ->> 'sha256', record -> 'info' ->> 'createdAt' FROM records WHERE kind = 'snapshot';
      DELETE FROM records; PRAGMA user_version = ${format};
      ${format < 3 ? "DROP TABLE records; ALTER TABLE leases DROP COLUMN token;" : ""}`);
    if (format === 1) {
      old.exec(`DROP TABLE snapshots;
        CREATE TABLE snapshots (name TEXT PRIMARY KEY, collection TEXT NOT NULL, bytes INTEGER NOT NULL, sha256 TEXT NOT NULL, created_at TEXT NOT NULL)`);
    }
    old.close();
    const files = openBeside(collectionFile());
    files.prepare("UPDATE about SET sources = ?").run(JSON.stringify([source("one")]));
    files.close();
    const now = open();
    const info = { name: "docs-1", spec: spec(), state: "ready", serving: true, sources: [source("one")] };
    expect(await now.describe(call, passFor("docs"))).toMatchObject(info);
    expect(await now.list(call)).toMatchObject([info]);
    expect(await now.jobs(call, 5)).toMatchObject([{ id: "j1" }]);
    expect((await now.snapshots(call)).map(({ name }) => name)).toEqual(format === 1 ? [] : [snapshot]);
    if (format > 1) {
      await now.restore(call, snapshot, "docs-2");
      expect(await now.describe(call, passFor("docs-2"))).toMatchObject({ state: "ready", documents: 0 });
    }
    await now.keepSources(call, "docs-1", [source("two")]);
    await now.scrub(call, "docs-1");
    expect(readFileSync(collectionFile()).includes(source("one").location)).toBe(false);
    expect(await now.describe(call, passFor("docs"))).toMatchObject({ sources: [source("two")] });
  });

  it("in a folder that cannot be made are an error with a remedy", async () => {
    writeFileSync(join(home, "data"), "a file, not a folder");
    await expect(open().probe(call)).rejects.toMatchObject({
      code: "store_down",
      remedy: expect.stringMatching(/folder/),
    });
  });
});

describe("several processes", () => {
  const legs = [
    { kind: "dense", vector: vectorOf("q") },
    { kind: "lexical", text: "number" },
  ] as const;

  it("read while one writes, and see whole documents only", async () => {
    const writer = open();
    await writer.create(call, "docs-1", spec());
    let writing = true;
    const readers = [open(), open(), open()].map(async (reader) => {
      let searches = 0;
      while (writing) {
        const found = await reader.search(call, "docs-1", legs, { limit: 1_000 });
        expect(found.length % 5).toBe(0);
        searches++;
      }
      return searches;
    });
    for (let i = 0; i < 30; i++) {
      await writer.write(call, "docs-1", [
        document(
          `d${i}`,
          [0, 1, 2, 3, 4].map((part) => `number ${i} ${part}`),
        ),
      ]);
    }
    writing = false;
    for (const searches of await Promise.all(readers)) expect(searches).toBeGreaterThan(0);
    expect(await writer.describe(call, passFor("docs-1"))).toMatchObject({ points: 150, documents: 30 });
  });

  it("write to one collection without losing a document", async () => {
    const [a, b] = [open(), open()];
    await a.create(call, "docs-1", spec());
    const writes = (store: VectorStore, prefix: string) =>
      Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          store.write(call, "docs-1", [document(`${prefix}${i}`, [`text ${prefix} ${i}`])]),
        ),
      );
    await Promise.all([writes(a, "a"), writes(b, "b")]);
    expect(await a.describe(call, passFor("docs-1"))).toMatchObject({ points: 40, documents: 40 });
  });

  it("that cannot have the file in time are told to try again", { timeout: 15_000 }, async () => {
    const store = open();
    await store.create(call, "docs-1", spec());
    const other = openBeside(collectionFile());
    other.exec("BEGIN IMMEDIATE");
    await expect(store.write(call, "docs-1", [document("a", ["text"])])).rejects.toMatchObject({
      code: "overloaded",
      retryAfterMs: expect.any(Number),
    });
    other.exec("ROLLBACK");
    other.close();
    await store.write(call, "docs-1", [document("a", ["text"])]);
  });

  it.skipIf(process.platform !== "linux")("close a collection that another one dropped", async () => {
    const [reader, other] = [open(), open()];
    await other.create(call, "docs-1", spec());
    await other.create(call, "docs-2", spec());
    const pid = await pidOf(() => reader.describe(call, passFor("docs-1")));
    const handles = () =>
      readdirSync(`/proc/${pid}/fd`).filter((fd) => {
        try {
          return readlinkSync(`/proc/${pid}/fd/${fd}`).includes("docs-1");
        } catch {
          return false;
        }
      });
    expect(handles()).not.toEqual([]);
    await other.drop(call, "docs-1");
    await reader.describe(call, passFor("docs-2"));
    await expect.poll(handles).toEqual([]);
    await other.create(call, "docs-1", spec());
    expect(await reader.describe(call, passFor("docs-1"))).toMatchObject({ points: 0 });
  });

  it("make the folder at the same moment", async () => {
    await Promise.all([open(), open(), open(), open()].map((store) => store.probe(call)));
  });
});

describe.skipIf(process.platform !== "linux")("a child process", () => {
  it("is started for a third question in line, and not for what is looked up before two", async () => {
    const store = open();
    await store.create(call, "docs-1", spec("docs"));
    await store.write(call, "docs-1", [document("one", ["one"])]);
    const search = () => store.search(call, "docs-1", [{ kind: "lexical", text: "one" }], { limit: 5 });
    const before = childPids(folder).length;
    await Promise.all([store.describe(call, passFor("docs-1")), search(), search()]);
    expect(childPids(folder)).toHaveLength(before);
    await Promise.all([search(), search(), search()]);
    expect(childPids(folder)).toHaveLength(before + (availableParallelism() > 1 ? 1 : 0));
  });

  it("that is killed in the middle of a call is replaced, and the call answered", async () => {
    const store = open();
    const pid = await pidOf(() => store.probe(call));
    await store.create(call, "docs-1", spec());
    process.kill(pid, "SIGSTOP");
    const answer = store.describe(call, passFor("docs-1"));
    await sleep(20);
    process.kill(pid, "SIGKILL");
    expect(await answer).toMatchObject({ name: "docs-1" });
    expect(childPids(folder)).not.toContain(pid);
  });

  it("that dies again during the second try is reported as store_down", async () => {
    const store = open();
    const first = await pidOf(() => store.probe(call));
    process.kill(first, "SIGSTOP");
    // The next process opens the catalogue, and waits there for a writer who never comes: it cannot answer before it dies.
    const [catalogue, aside] = [join(folder, "catalog.db"), join(home, "aside.db")];
    renameSync(catalogue, aside);
    execFileSync("mkfifo", [catalogue]);
    const answer = store.describe(call, passFor("docs-1")).catch((error: unknown) => error);
    process.kill(first, "SIGKILL");
    const second = () => childPids(folder).find((pid) => pid !== first);
    await expect.poll(second, { timeout: 20_000, interval: 5 }).toBeDefined();
    process.kill(second() as number, "SIGKILL");
    expect(await answer).toMatchObject({ code: "store_down" });
    renameSync(aside, catalogue);
    expect(await store.describe(call, passFor("docs-1"))).toBeUndefined();
  });

  it("that writes can be killed at any time without losing an acknowledged document", { timeout: 60_000 }, async () => {
    const store = open();
    const acknowledged: string[] = [];
    await store.probe(call);
    let pid = await pidOf(() => store.create(call, "docs-1", spec()));
    for (let round = 0; round < 5; round++) {
      const writes = Array.from({ length: 12 }, async (_, i) => {
        const id = `r${round}-${i}`;
        await store.write(call, "docs-1", [document(id, [`first ${id}`, `second ${id}`])]).then(
          () => acknowledged.push(id),
          () => undefined,
        );
      });
      const before = acknowledged.length;
      while (acknowledged.length < before + 1 + round) await sleep(1);
      pid = await pidOf(async () => {
        process.kill(pid, "SIGKILL");
        await Promise.all(writes);
        // Where every write was acknowledged before the kill, none of them started the next process.
        await store.remove(call, "docs-1", []);
      });
    }
    const kept = (await collect(store.documents(call, "docs-1"))).map((record) => record.document);
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
    expect(acknowledged.length).toBeGreaterThan(15);
    expect(await store.describe(call, passFor("docs-1"))).toMatchObject({
      documents: kept.length,
      points: 2 * kept.length,
    });
    const raw = openBeside(collectionFile());
    expect(raw.prepare("PRAGMA integrity_check").get()).toEqual({ integrity_check: "ok" });
    raw.close();
  });
});

describe("scores", () => {
  /** The handlers in this process: the same code without the IPC. */
  async function direct() {
    const { calls, close } = createHandlers({ folder, vectorBytes: 0 });
    await createIn(calls, "docs-1", spec());
    return { calls, close };
  }

  it("of the lexical leg are the best by the shared function, of equals the first ids, filtered or not", async () => {
    const words = ["fox", "dog", "key", "lock", "night", "maxTokens", "naïve", "日本語", "rare", "the"];
    const text = fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((parts) => parts.join(" "));
    const corpus = fc.array(fc.array(text, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 });
    const ask = fc.record({
      query: text,
      limit: fc.integer({ min: 1, max: 8 }),
      group: fc.option(fc.nat(2), { nil: undefined }),
    });
    let run = 0;
    const { calls, close } = await direct();
    await fc.assert(
      fc.asyncProperty(corpus, corpus, ask, async (first, replacing, { query, limit, group }) => {
        const collection = `docs-${++run + 1}`;
        await createIn(calls, collection, spec());
        const there = new Map<string, IndexedDocument>();
        for (const lists of [first, replacing]) {
          const documents = lists.map((texts, i) => document(`d${i}`, texts, { metadata: { group: i % 2 } }));
          for (const each of documents) there.set(each.document, each);
          await calls.write({ collection, documents }, task);
        }
        await calls.remove({ collection, documents: [{ source: "files", document: "d0" }] }, task);
        there.delete("d0");
        const passages = [...there.values()].flatMap((doc) =>
          doc.points.map(({ id, embedText }) => ({ id, text: embedText, group: doc.metadata.group })),
        );
        const expected = [...scoresOf(passages, query)]
          .filter(([, score]) => score > 0)
          .filter(([id]) => group === undefined || passages.find((passage) => passage.id === id)?.group === group)
          .sort(([idA, a], [idB, b]) => b - a || (idA < idB ? -1 : 1))
          .slice(0, limit);
        const asked = { limit, filter: group === undefined ? undefined : { group } };
        const legs = [{ kind: "lexical", text: query }] as const;
        const found = candidatesOf(await calls.search({ collection, legs, ask: asked }, task));
        expect(new Map(found.map(({ id, scores }) => [id, scores[0]]))).toEqual(new Map(expected));
        dropIn(calls, collection);
      }),
      { numRuns: 60 },
    );
    close();
  }, 60_000);

  it("of the dense leg are exact against brute force, filtered or not", async () => {
    const { calls, close } = await direct();
    const documents = Array.from({ length: 300 }, (_, i) =>
      document(`d${i}`, [`text ${i}`], { metadata: { group: i % 3 } }),
    );
    await calls.write({ collection: "docs-1", documents }, task);
    await fc.assert(
      fc.asyncProperty(
        fc.string(),
        fc.integer({ min: 1, max: 40 }),
        fc.option(fc.nat(3)),
        async (seed, limit, group) => {
          const vector = vectorOf(seed);
          const expected = documents
            .filter((doc) => group === null || doc.metadata.group === group)
            .flatMap((doc) => doc.points)
            .map((point) => ({ id: point.id, cosine: dot(point.vector as Float32Array, vector) }))
            .sort((a, b) => b.cosine - a.cosine)
            .slice(0, limit);
          const ask = { limit, filter: group === null ? undefined : { group } };
          const legs = [{ kind: "dense", vector }] as const;
          const found = candidatesOf(await calls.search({ collection: "docs-1", legs, ask }, task));
          expect(new Set(found.map((hit) => hit.id))).toEqual(new Set(expected.map((hit) => hit.id)));
          for (const hit of found) {
            expect(hit.scores[0]).toBeCloseTo(expected.find((other) => other.id === hit.id)?.cosine ?? Number.NaN, 5);
          }
        },
      ),
    );
    close();
  });

  it("that tie at the cut are cut by id", async () => {
    const { calls, close } = await direct();
    const documents = Array.from({ length: 20 }, (_, i) => document(`d${i}`, ["identical passage"]));
    await calls.write({ collection: "docs-1", documents }, task);
    const expected = documents
      .map((doc) => uuidOf(`files/${doc.document}/0`))
      .sort()
      .slice(0, 5);
    for (const leg of [
      { kind: "dense", vector: vectorOf("q") },
      { kind: "lexical", text: "passage" },
    ] as const) {
      const found = candidatesOf(await calls.search({ collection: "docs-1", legs: [leg], ask: { limit: 5 } }, task));
      expect(found.map((hit) => hit.id).sort()).toEqual(expected);
    }
    close();
  });

  it("of a long query are answered", async () => {
    const { calls, close } = await direct();
    await calls.write({ collection: "docs-1", documents: [document("a", ["word7 and word1999"])] }, task);
    const text = Array.from({ length: 2_000 }, (_, i) => `word${i}`).join(" ");
    const found = candidatesOf(
      await calls.search({ collection: "docs-1", legs: [{ kind: "lexical", text }], ask: { limit: 5 } }, task),
    );
    expect(found).toHaveLength(1);
    close();
  });
});
