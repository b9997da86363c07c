import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Candidate, CollectionSpec, Filter, IndexedDocument } from "#src/core/types.js";
import { normalize } from "#src/core/vector.js";
import { candidatesOf } from "#src/store/sqlite/found.js";
import { createHandlers } from "#src/store/sqlite/handlers.js";
import { openBeside } from "./open-beside.js";
import { createIn, dropIn, task, taskOf } from "./tasks.js";

const DIMENSION = 8;
const MEGABYTE = 2 ** 20;
const ONE_BLOCK = 16 * MEGABYTE;
type Handlers = ReturnType<typeof createHandlers>;

let folder: string;
const opened: Handlers[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aura-vectors-"));
});
afterEach(() => {
  for (const { close } of opened.splice(0)) close();
  rmSync(folder, { recursive: true, force: true });
});

/** Each has its own connections, as a process of its own has. */
function open(vectorBytes: number): Handlers["calls"] {
  const handlers = createHandlers({ folder, vectorBytes });
  opened.push(handlers);
  return handlers.calls;
}

function spec(alias: string): CollectionSpec {
  return {
    alias,
    analyser: "1",
    fingerprint: {
      model: "m",
      sha256: "0".repeat(64),
      dimension: DIMENSION,
      pooling: "mean",
      queryPrefix: "",
      passagePrefix: "",
      maxTokens: 256,
      normalized: true,
    },
  };
}

/** Few directions, so that equal scores are common. */
function vector(seed: number): Float32Array {
  const values = Float32Array.from({ length: DIMENSION }, (_, i) => Math.sin((seed + 1) * (i + 1)));
  return normalize(values);
}

function document(name: string, seeds: readonly number[]): IndexedDocument {
  return {
    source: "s",
    document: name,
    hash: "h",
    chunker: "1",
    metadata: { parity: seeds.length % 2 === 0 ? "even" : "odd" },
    points: seeds.map((seed, ordinal) => ({
      id: randomUUID(),
      ordinal,
      text: `text ${seed}`,
      embedText: `text ${seed}`,
      headings: [],
      lines: { first: 1, last: 1 },
      start: 0,
      end: 6,
      vector: vector(seed),
    })),
  };
}

/** A view into a larger buffer, as vectors that crossed a process boundary are. */
function view(vector: Float32Array): Float32Array {
  return new Float32Array([...vector, ...vector]).subarray(DIMENSION);
}

async function search(calls: Handlers["calls"], seed: number, limit: number, filter?: Filter, collection = "docs-1") {
  const legs = [{ kind: "dense" as const, vector: view(vector(seed)) }];
  return candidatesOf(await calls.search({ collection, legs, ask: { limit, filter } }, task));
}

function scoresById(candidates: readonly Candidate[]): [string, number][] {
  return candidates
    .map(({ id, scores }): [string, number] => [id, Math.round((scores[0] as number) * 1e5) / 1e5])
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

describe("vectors in memory", () => {
  it("find what a scan of the file finds, whatever another process writes and removes between the queries", async () => {
    const write = fc.record({
      name: fc.constantFrom("a", "b", "c", "d"),
      seeds: fc.array(fc.nat(5), { maxLength: 6 }),
    });
    const step = fc.record({
      write,
      remove: fc.option(fc.constantFrom("a", "b", "c", "d")),
      query: fc.nat(5),
      limit: fc.integer({ min: 1, max: 12 }),
      filter: fc.constantFrom<(Filter | undefined)[]>(undefined, { parity: "even" }, { document: ["a", "c"] }),
    });
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        const collection = `docs-${++round}`;
        const [writer, inMemory, inFile] = [open(0), open(ONE_BLOCK), open(0)];
        await createIn(writer, collection, spec(`alias-${round}`));
        for (const { write, remove, query, limit, filter } of steps) {
          await writer.write({ collection, documents: [document(write.name, write.seeds)] }, task);
          if (remove !== null)
            await writer.remove({ collection, documents: [{ source: "s", document: remove }] }, task);
          const found = scoresById(await search(inMemory, query, limit, filter, collection));
          expect(found).toEqual(scoresById(await search(inFile, query, limit, filter, collection)));
        }
        for (const { close } of opened.splice(0)) close();
      }),
      { numRuns: 40 },
    );
  });

  it("are complete again for a process that slept through more removals than are kept", async () => {
    const [writer, inMemory] = [open(0), open(ONE_BLOCK)];
    await createIn(writer, "docs-1", spec("docs"));
    await writer.write({ collection: "docs-1", documents: [document("a", [1, 2, 3])] }, task);
    expect(await search(inMemory, 1, 10)).toHaveLength(3);
    await writer.write({ collection: "docs-1", documents: [document("a", [4])] }, task);
    // What trimming leaves when 100,000 newer removals have pushed these out.
    const raw = openBeside(join(folder, "collections", "docs-1.db"));
    raw.exec("DELETE FROM removed; INSERT INTO removed (seq, id) VALUES (100003, 3)");
    raw.close();
    expect(await search(inMemory, 4, 10)).toHaveLength(1);
  });

  it("stay within the bound: the collection unused for longest makes room, one that never fits is scanned in its file", async () => {
    const calls = open(ONE_BLOCK);
    for (const name of ["one", "two"]) {
      await createIn(calls, `${name}-1`, spec(name));
      await calls.write({ collection: `${name}-1`, documents: [document("a", [1, 2])] }, task);
    }
    for (const name of ["one", "two", "one"]) {
      expect(await search(calls, 1, 10, undefined, `${name}-1`)).toHaveLength(2);
      expect(calls.probe().denseScan).toContain("(16 MB now)");
    }
    const tight = open(ONE_BLOCK - 1);
    expect(await search(tight, 1, 10, undefined, "one-1")).toHaveLength(2);
    expect(tight.probe().denseScan).toContain("(0 MB now)");
  });

  it("are given back when their collection is dropped", async () => {
    const calls = open(ONE_BLOCK);
    await createIn(calls, "docs-1", spec("docs"));
    await calls.write({ collection: "docs-1", documents: [document("a", [1, 2])] }, task);
    await search(calls, 1, 10);
    dropIn(calls, "docs-1");
    expect(calls.probe().denseScan).toContain("(0 MB now)");
  });

  it("are read on where a caller left who waited for them", async () => {
    const calls = open(ONE_BLOCK);
    await createIn(calls, "docs-1", spec("docs"));
    const seeds = Array.from({ length: 3_000 }, (_, i) => i);
    await calls.write({ collection: "docs-1", documents: [document("a", seeds)] }, task);
    const ask = { collection: "docs-1", legs: [{ kind: "dense", vector: vector(1) }], ask: { limit: 5_000 } } as const;
    // 1,024 vectors at a time: the first caller leaves after one page, the second after another.
    for (const left of [0, 0])
      await expect(calls.search(ask, taskOf(left))).rejects.toMatchObject({ code: "cancelled" });
    expect(candidatesOf(await calls.search(ask, taskOf(0)))).toHaveLength(3_000);
  });

  it("that are damaged are refused with the file's name", async () => {
    const calls = open(ONE_BLOCK);
    await createIn(calls, "docs-1", spec("docs"));
    await calls.write({ collection: "docs-1", documents: [document("a", [1, 2])] }, task);
    const raw = openBeside(join(folder, "collections", "docs-1.db"));
    raw.prepare("UPDATE vectors SET vector = ? WHERE id = 1").run(new Uint8Array(DIMENSION * 4).fill(0xff));
    raw.close();
    await expect(search(calls, 1, 10)).rejects.toMatchObject({
      code: "store_down",
      message: expect.stringContaining("docs-1.db"),
    });
    // Nothing of them stays, or each query would add the readable ones again.
    expect(calls.probe().denseScan).toContain("(0 MB now)");
  });

  it("stay where they are when more collections are listed than are held open", async () => {
    const calls = open(ONE_BLOCK);
    for (let i = 1; i <= 12; i++) await createIn(calls, `docs-${i}`, spec("docs"));
    await calls.write({ collection: "docs-1", documents: [document("a", [1, 2])] }, task);
    await search(calls, 1, 10);
    for (let i = 2; i <= 12; i++) expect(calls.describe({ collection: `docs-${i}` })).toMatchObject({ points: 0 });
    expect(calls.probe().denseScan).toContain("(16 MB now)");
  });
});

describe("a collection file of the first format", () => {
  it("is brought to the present one with all that is in it", async () => {
    const first = open(0);
    await createIn(first, "docs-1", spec("docs"));
    await first.write({ collection: "docs-1", documents: [document("a", [1, 2])] }, task);
    for (const { close } of opened.splice(0)) close();
    const raw = openBeside(join(folder, "collections", "docs-1.db"));
    raw.exec(
      "DROP TABLE term_places; CREATE VIRTUAL TABLE term_rows USING fts5vocab ('terms', 'row'); DROP INDEX chunk_lengths; ALTER TABLE about ADD COLUMN terms INTEGER NOT NULL DEFAULT 0; DROP TABLE tokens; ALTER TABLE about DROP COLUMN last_id; ALTER TABLE about DROP COLUMN sources; ALTER TABLE about DROP COLUMN fence; DROP TABLE removed; ALTER TABLE chunks DROP COLUMN checksum; ALTER TABLE chunks DROP COLUMN page_start; ALTER TABLE chunks DROP COLUMN page_end; ALTER TABLE chunks DROP COLUMN table_header; PRAGMA user_version = 1",
    );
    raw.close();
    const calls = open(ONE_BLOCK);
    expect(await search(calls, 1, 10)).toHaveLength(2);
    const words = [{ kind: "lexical", text: "text 2" }] as const;
    const found = await calls.search({ collection: "docs-1", legs: words, ask: { limit: 10 } }, task);
    expect(found.scores[0]?.every((score) => score > 0)).toBe(true);
    expect(found.scores[0]).toHaveLength(2);
    await calls.write({ collection: "docs-1", documents: [document("b", [3])] }, task);
    await calls.remove({ collection: "docs-1", documents: [{ source: "s", document: "a" }] }, task);
    expect(await search(calls, 3, 10)).toHaveLength(1);
  });
});
