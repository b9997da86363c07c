/** What stays in the files of what was removed: nothing, or it is said who keeps it there. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import { createSqliteStore } from "#src/store/sqlite/index.js";
import { collect, document, job, spec } from "../../contract/fixtures.js";
import { passFor, testCall } from "../../support/call.js";
import { openBeside } from "./open-beside.js";

vi.setConfig({ testTimeout: 120_000 });

const call = testCall();
let folder: string;
let store: VectorStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "aura-scrub-"));
  store = createSqliteStore({ folder, vectorMemoryMb: 16 });
  await store.create(call, "docs-1", spec());
  await store.write(call, "docs-1", [document("kept", ["A lantern stays"]), document("gone", ["The narwhal leaves"])]);
  await store.publish(call, passFor("docs"), "docs-1");
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const file = () => join(folder, "collections", "docs-1.db");
const isIn = (path: string, word: string) =>
  ["", "-wal"].some((suffix) => existsSync(path + suffix) && readFileSync(path + suffix).includes(word));

it("another process that reads what was there before is named as the reason, and the next call cleans", async () => {
  const other = openBeside(file());
  other.exec("BEGIN");
  other.prepare("SELECT count(*) FROM chunks").get();
  await store.remove(call, "docs-1", [{ source: "files", document: "gone" }]);
  await expect(store.scrub(call, "docs-1")).rejects.toMatchObject({
    code: "overloaded",
    message: expect.stringContaining("docs-1.db"),
    remedy: expect.stringContaining("again"),
  });
  expect((await collect(store.documents(call, "docs-1"))).map((each) => each.document)).toEqual(["kept"]);
  expect(isIn(file(), "narwhal")).toBe(true);
  other.exec("COMMIT"); // it stays open, as the handles of a server do
  await store.scrub(call, "docs-1");
  expect(isIn(file(), "narwhal")).toBe(false);
  expect(isIn(file(), "lantern")).toBe(true);
  other.close();
});

it("the catalogue keeps no earlier record of a job", async () => {
  await store.recordJob(call, job("j1", { skipped: [{ document: "narwhal.md", reason: "binary" }] }));
  await store.recordJob(call, job("j1"));
  const catalogue = join(folder, "catalog.db");
  expect(isIn(catalogue, "narwhal")).toBe(true);
  await store.scrub(call);
  expect(isIn(catalogue, "narwhal")).toBe(false);
  expect(await store.jobs(call, 1)).toMatchObject([{ id: "j1", skipped: [] }]);
});

it("files that the catalogue does not list go, others and those that are being made stay", async () => {
  const { name } = await store.snapshot(call, "docs-1");
  const left = ["collections/docs-0.db", "collections/docs-0.db-wal", "snapshots/docs-0-2020.db"];
  const kept = [
    "collections/docs-1.db",
    `snapshots/${name}.db`,
    "collections/docs-2.db.host%3A1%3Aab.tmp",
    "collections/notes",
  ];
  for (const path of [...left, ...kept.slice(2)]) writeFileSync(join(folder, path), "narwhal");
  await store.scrub(call);
  expect(left.filter((path) => existsSync(join(folder, path)))).toEqual([]);
  expect(kept.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
});
