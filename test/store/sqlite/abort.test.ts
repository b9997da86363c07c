/** A caller who leaves at any point of the work in a child process: it stops there, and nothing of it stays. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { CollectionRecord } from "#src/core/ledger.js";
import type { IndexCopy } from "#src/core/passage-index.js";
import type { Job } from "#src/process/serve.js";
import { createHandlers } from "#src/store/sqlite/handlers.js";
import { document, job, spec } from "../../contract/fixtures.js";
import { openBeside } from "./open-beside.js";
import { createIn, task, taskOf } from "./tasks.js";

let folder: string;
let store: ReturnType<typeof createHandlers>;
let copy: IndexCopy;
type Calls = typeof store.calls;
const record: CollectionRecord = { spec: spec(), state: "building", createdAt: new Date(0).toISOString() };
/** Of the copy that is kept. */
const snapshot = () => ({
  info: { name: "kept", collection: "docs-1", spec: spec(), createdAt: "", ...copy },
});
const written = Array.from({ length: 5 }, (_, i) => document(`d${i}`, ["one", "two"]));

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "aura-abort-"));
  store = createHandlers({ folder, vectorBytes: 0 });
  for (const collection of ["docs-1", "docs-2"]) {
    await createIn(store.calls, collection, spec());
    await store.calls.moveAlias({ alias: "docs", collection, terms: {} }, task);
  }
  await store.calls.putRecord({ kind: "collection", key: "docs-3", record }, task);
  await store.calls.write({ collection: "docs-1", documents: written }, task);
  copy = await store.calls.copyOut({ collection: "docs-1", snapshot: "kept" }, task);
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
    ask: (calls, left) => calls.create({ collection: "docs-3", spec: spec() }, left),
    units: 1,
  },
  "a switch": {
    ask: (calls, left) => calls.moveAlias({ alias: "docs", collection: "docs-1", terms: {} }, left),
    units: 1,
  },
  "a retirement": {
    ask: (calls, left) =>
      calls.retire({ collection: "docs-1", record: { ...record, state: "dropping" }, options: {} }, left),
    units: 1,
  },
  "a copy": {
    ask: (calls, left) => calls.copyOut({ collection: "docs-1", snapshot: "new" }, left),
    units: 2, // the copy, and each MiB of it
  },
  "a copy brought back": {
    ask: (calls, left) => calls.copyIn({ snapshot: snapshot(), collection: "docs-3" }, left),
    units: 2,
  },
  "a lease": {
    ask: (calls, left) =>
      calls.winLease({ claim: { alias: "docs", owner: "another-host:1:a", termMs: 60_000 }, takeAway: false }, left),
    units: 1,
  },
  "a record": {
    ask: (calls, left) => calls.putRecord({ kind: "job", key: "new", record: job("new") }, left),
    units: 1,
  },
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

/** What the files say, asked past the handlers. */
function look(): unknown {
  const catalogue = rowsOf("catalog.db", ["records", "aliases", "leases"]);
  const files = ["collections", "snapshots"].map((part) =>
    readdirSync(join(folder, part)).filter((file) => !/-(wal|shm)$/.test(file)),
  );
  const documents =
    files[0]?.includes("docs-1.db") && rowsOf("collections/docs-1.db", ["documents", "chunks", "about"]);
  return { catalogue, files, documents };
}

function rowsOf(file: string, tables: readonly string[]): unknown[] {
  const db = openBeside(join(folder, file));
  const rows = tables.map((table) => db.prepare(`SELECT * FROM ${table}`).all());
  db.close();
  return rows;
}
