/** A caller who leaves at any point of the work in a child process: it stops there, and nothing of it stays. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Job } from "#src/process/serve.js";
import { createHandlers } from "#src/store/sqlite/handlers.js";
import { document, job, spec } from "../../contract/fixtures.js";
import { task, taskOf } from "./tasks.js";

let folder: string;
let store: ReturnType<typeof createHandlers>;
type Calls = typeof store.calls;
const written = Array.from({ length: 5 }, (_, i) => document(`d${i}`, ["one", "two"]));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "aura-abort-"));
  store = createHandlers({ folder, vectorBytes: 0 });
  for (const collection of ["docs-1", "docs-2"]) {
    await store.calls.create({ collection, spec: spec(), uid: collection }, task);
    await store.calls.publish({ alias: "docs", collection, terms: {} }, task);
  }
  await store.calls.write({ collection: "docs-1", documents: written }, task);
  await store.calls.snapshot({ collection: "docs-1", name: "kept" }, task);
});
afterEach(() => {
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

const long = document(
  "long",
  Array.from({ length: 100 }, (_, i) => `passage ${i}`),
);
const cases: Record<string, { ask: (calls: Calls, task: Job) => Promise<unknown>; units: number }> = {
  "a write of several documents": {
    ask: (calls, left) =>
      calls.write({ collection: "docs-1", documents: [document("d1", ["new"]), written[2], long] as never }, left),
    units: 7, // the lock, three documents, and every 32 passages of the long one
  },
  "a removal of several documents": {
    ask: (calls, left) => calls.remove({ collection: "docs-1", documents: written.slice(0, 3) }, left),
    units: 4,
  },
  "a creation": {
    ask: (calls, left) => calls.create({ collection: "docs-3", spec: spec(), uid: "u" }, left),
    units: 1,
  },
  "a publication": {
    ask: (calls, left) => calls.publish({ alias: "docs", collection: "docs-1", terms: {} }, left),
    units: 1,
  },
  "a repointing": {
    ask: (calls, left) => calls.repoint({ alias: "docs", collection: "docs-1", terms: {} }, left),
    units: 1,
  },
  "a drop": { ask: (calls, left) => calls.drop({ collection: "docs-1" }, left), units: 1 },
  "a snapshot": {
    ask: (calls, left) => calls.snapshot({ collection: "docs-1", name: "new" }, left),
    units: 3, // the copy, each MiB of it, and the lock
  },
  "a restore": {
    ask: (calls, left) => calls.restore({ snapshot: "kept", collection: "docs-3", uid: "u" }, left),
    units: 2,
  },
  "a lease": {
    ask: (calls, left) =>
      calls.takeLease({ claim: { alias: "docs", owner: "another-host:1:a", termMs: 60_000 }, takeAway: false }, left),
    units: 1,
  },
  "a job's record": { ask: (calls, left) => calls.recordJob({ job: job("new") }, left), units: 1 },
};

describe.each(Object.entries(cases))("%s", (_what, { ask, units }) => {
  it(`that is left after any of its ${units} units has done nothing, and is done when asked again`, async () => {
    const before = look();
    for (let unit = 0; unit < units; unit++) {
      await expect(ask(store.calls, taskOf(unit)), `unit ${unit}`).rejects.toMatchObject({ code: "cancelled" });
      expect(look(), `unit ${unit}`).toEqual(before);
    }
    await ask(store.calls, taskOf(units));
    expect(look()).not.toEqual(before);
  });
});

it("a list is left between two collections", async () => {
  await expect(store.calls.list({ alias: undefined }, taskOf(1))).rejects.toMatchObject({ code: "cancelled" });
});

/** What the files say, asked past the handlers. */
function look(): unknown {
  const catalogue = rowsOf("catalog.db", ["collections", "aliases", "leases", "jobs", "snapshots"]);
  const files = ["collections", "snapshots"].map((part) =>
    readdirSync(join(folder, part)).filter((file) => !/-(wal|shm)$/.test(file)),
  );
  const documents =
    files[0]?.includes("docs-1.db") && rowsOf("collections/docs-1.db", ["documents", "chunks", "about"]);
  return { catalogue, files, documents };
}

function rowsOf(file: string, tables: readonly string[]): unknown[] {
  const db = new DatabaseSync(join(folder, file));
  const rows = tables.map((table) => db.prepare(`SELECT * FROM ${table}`).all());
  db.close();
  return rows;
}
