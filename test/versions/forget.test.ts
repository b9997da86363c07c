/** Forgetting and dropping on both stores; what it leaves in the files of the embedded one. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "#src/core/errors.js";
import type { VectorStore } from "#src/core/ports.js";
import { createSqliteStore } from "#src/store/sqlite/index.js";
import { dropCollection } from "#src/versions/drop-collection.js";
import { forget } from "#src/versions/forget.js";
import { planForgetting } from "#src/versions/forget-plan.js";
import { recordServing, servingHistory } from "#src/versions/history.js";
import { collect, document, job, source, spec } from "../contract/fixtures.js";
import { Stub } from "../store/qdrant/stub.js";
import { testStore } from "../store/qdrant/test-store.js";
import { passFor, testCall } from "../support/call.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const ALIAS = "docs";
const call = testCall();
const pass = passFor(ALIAS);
const [NOTES, WIKI] = [source("notes"), source("wiki")];
const of = ({ id }: typeof NOTES) => ({ source: id });

interface Place {
  readonly store: VectorStore;
  /** Every byte of the store's files; undefined: they are a server's. */
  bytes?(): string;
  close(): Promise<void>;
}

const PLACES: readonly (readonly [string, () => Promise<Place>])[] = [
  ["the embedded store", embedded],
  ["a Qdrant", stubbed],
];

async function embedded(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), "aura-forget-"));
  const store = createSqliteStore({ folder, vectorMemoryMb: 16 });
  return {
    store,
    bytes: () => bytesBelow(folder),
    async close() {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function stubbed(): Promise<Place> {
  const stub = await Stub.start();
  const store = testStore(stub.url);
  return {
    store,
    async close() {
      await store.close();
      await stub.close();
    },
  };
}

function bytesBelow(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1")).join("\n");
}

/** A version with what both sources have. */
async function build(store: VectorStore, name: string): Promise<void> {
  await store.create(call, name, spec(ALIAS));
  await store.write(call, name, [
    document("readme.md", ["The walrus was earlier"], { ...of(NOTES), hash: "h0" }),
    document("plan.md", ["A plan of the garden"], of(NOTES)),
    document("readme.md", ["The wiki explains lanterns"], of(WIKI)),
  ]);
  // Changed before it is forgotten: the earlier text stays in free pages and in the log.
  const metadata = { owner: "Quillfeather" };
  await store.write(call, name, [
    document("readme.md", ["The narwhal is newest", "Its second passage"], {
      ...of(NOTES),
      title: "Ossifrage",
      metadata,
    }),
  ]);
  await store.keepSources(call, name, [NOTES, WIKI]);
}

const SECRETS = ["walrus", "narwhal", "Quillfeather", "quillfeath", "Ossifrage", "ossifrag"];

async function documentsIn(store: VectorStore, name: string): Promise<string[]> {
  const served = await store.describe(call, passFor(name));
  const records = await collect(store.documents(call, served?.name ?? name));
  return records.map((record) => `${record.source.replace("file:///", "")}/${record.document}`).sort();
}

const REST = ["notes/plan.md", "wiki/readme.md"];

describe.each(PLACES)("on %s", (_name, open) => {
  let place: Place;
  let store: VectorStore;
  beforeEach(async () => {
    place = await open();
    store = place.store;
    await build(store, "docs-1");
    await store.publish(call, pass, "docs-1");
    await build(store, "docs-2");
    await store.publish(call, pass, "docs-2");
    await build(store, "docs-3"); // an unfinished build
  });
  afterEach(() => place.close());

  const ask = (name: string, snapshots = false) => forget(call, store, pass, { name, snapshots });
  const expectNoTrace = () => {
    for (const secret of SECRETS) expect(place.bytes?.() ?? "", secret).not.toContain(secret);
  };
  const versions = ["docs-1", "docs-2", "docs-3"];

  it("a document leaves what serves, kept versions and unfinished builds, and the rest answers", async () => {
    if (place.bytes) expect(place.bytes()).toContain("walrus");
    const before = await planForgetting(call, store, pass, "notes/readme.md");
    const forgot = await ask("notes/readme.md");
    expect(forgot).toMatchObject({ collection: ALIAS, source: "notes", document: "readme.md", rewritten: [] });
    expect(forgot.versions).toEqual(before.versions);
    expect(forgot.versions[0]).toEqual({ name: "docs-2", serving: true, documents: 1 });
    expect(forgot.versions.map(({ name }) => name).sort()).toEqual(versions);
    expect(forgot.files).toBe(place.bytes ? "cleaned" : "left_to_server");
    for (const name of versions) expect(await documentsIn(store, name)).toEqual(REST);
    expect(await store.search(call, "docs-2", [{ kind: "lexical", text: "narwhal" }], { limit: 5 })).toEqual([]);
    expect(await store.search(call, "docs-2", [{ kind: "lexical", text: "lanterns" }], { limit: 5 })).toHaveLength(1);
    expect((await store.describe(call, pass))?.sources).toEqual([NOTES, WIKI]);
    expectNoTrace();
  });

  it("a source goes with its documents and its record", async () => {
    const forgot = await ask("notes");
    expect(forgot).toMatchObject({ source: "notes", document: undefined, place: "/notes" });
    expect(forgot.versions.map(({ documents }) => documents)).toEqual([2, 2, 2]);
    for (const name of versions) expect(await documentsIn(store, name)).toEqual(["wiki/readme.md"]);
    expect((await store.describe(call, pass))?.sources).toEqual([WIKI]);
    for (const word of [...SECRETS, "garden"]) expect(place.bytes?.() ?? "", word).not.toContain(word);
  });

  it("says what would go, and changes nothing", async () => {
    expect(await planForgetting(call, store, pass, "plan.md")).toMatchObject({
      source: "notes",
      document: "plan.md",
      place: "/notes/plan.md",
      snapshots: [],
      elsewhere: [],
    });
    expect((await planForgetting(call, store, pass, "file:///wiki")).versions[0]).toMatchObject({ documents: 1 });
    expect(await documentsIn(store, ALIAS)).toHaveLength(3);
  });

  it("what is meant twice, or not there, changes nothing", async () => {
    await expect(ask("readme.md")).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("notes, wiki"),
      remedy: expect.stringContaining("notes/readme.md"),
    });
    await store.write(call, "docs-2", [document("wiki", ["A page of the name of a source"], of(NOTES))]);
    await expect(ask("wiki")).rejects.toMatchObject({
      code: "bad_request",
      remedy: expect.stringMatching(/notes\/wiki.*file:\/\/\/wiki/),
    });
    await expect(ask("nothing.md")).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringContaining("notes, wiki"),
    });
    await expect(forget(call, store, passFor("other"), { name: "notes", snapshots: false })).rejects.toMatchObject({
      code: "not_found",
    });
    await expect(planForgetting(call, store, passFor("docs-2"), "notes")).rejects.toMatchObject({
      code: "bad_request",
      remedy: expect.stringContaining('itself, "docs"'),
    });
    expect(await documentsIn(store, ALIAS)).toHaveLength(4);
  });

  it("a file's address names what lies below a source", async () => {
    expect(await planForgetting(call, store, pass, "file:///notes/plan.md")).toMatchObject({ document: "plan.md" });
    expect((await planForgetting(call, store, pass, "file:///notes/%zz")).source).toBeUndefined();
    expect((await planForgetting(call, store, pass, "file:///notesplan.md")).source).toBeUndefined();
  });

  it("what a job is writing is not forgotten: the error names the holder", async () => {
    const lease = await store.lease(call, pass);
    const conflict = { code: "conflict", message: expect.stringContaining(lease.owner) };
    await expect(ask("notes")).rejects.toMatchObject(conflict);
    await expect(dropCollection(call, store, pass, { snapshots: true })).rejects.toMatchObject(conflict);
    expect(await documentsIn(store, ALIAS)).toHaveLength(3);
    await lease.release();
    await ask("notes");
  });

  it("one that was killed between two steps is finished by the next", async () => {
    const dying: VectorStore = {
      ...store,
      scrub: () => Promise.reject(new AppError("store_down", "killed", { remedy: "-" })),
    };
    await expect(forget(call, dying, pass, { name: "notes/readme.md", snapshots: false })).rejects.toMatchObject({
      message: "killed",
    });
    if (place.bytes) expect(place.bytes()).toContain("narwhal");
    // Nothing of the name is left, and that is said; the files are cleaned all the same.
    await expect(ask("notes/readme.md")).rejects.toMatchObject({ code: "not_found" });
    expectNoTrace();

    let removals = 0;
    const halfway: VectorStore = {
      ...store,
      remove: (...ask) =>
        removals++ === 0 ? store.remove(...ask) : Promise.reject(new AppError("store_down", "killed", { remedy: "-" })),
    };
    await expect(forget(call, halfway, pass, { name: "wiki", snapshots: false })).rejects.toMatchObject({
      message: "killed",
    });
    expect(await documentsIn(store, ALIAS)).not.toContain("wiki/readme.md");
    expect((await ask("wiki")).versions.map(({ documents }) => documents)).toEqual([0, 1, 1]);
    for (const name of versions) expect(await documentsIn(store, name)).toEqual(["notes/plan.md"]);
  });

  it("records of jobs name it no more", async () => {
    const skipped = [
      { document: "readme.md", reason: "narwhal" },
      { document: "another-readme.md", reason: "too large" },
    ];
    const error = { code: "not_found", message: "for example readme.md: narwhal", remedy: "Look." };
    await store.recordJob(call, job("j1", { skipped, skippedTotal: 2, error, state: "failed" }));
    await store.recordJob(call, job("j2", { source: "/home/me/notes", failed: skipped, failedTotal: 2 }));
    await store.recordJob(call, job("j3", { collection: "others", skipped }));
    await ask("notes/readme.md");
    const byId = async () => new Map((await store.jobs(call, 10)).map((each) => [each.id, each]));
    const jobs = await byId();
    expect(jobs.get("j1")).toMatchObject({ skipped: [skipped[1]], skippedTotal: 2 });
    expect(jobs.get("j1")?.error?.message).not.toContain("readme");
    expect(jobs.get("j2")?.failed).toEqual([skipped[1]]);
    expect(jobs.get("j3")?.skipped).toEqual(skipped);
    await ask("notes");
    expect((await byId()).get("j2")?.failed).toEqual([]);
  });

  it("snapshots are said, and on request rewritten without it", async () => {
    const { name } = await store.snapshot(call, "docs-1");
    const { snapshots } = await ask("notes/readme.md");
    expect(snapshots).toEqual([name]);
    await expect(ask("notes/readme.md")).rejects.toMatchObject({ remedy: expect.stringContaining("--snapshots") });
    // Known to the snapshot alone by now.
    expect((await planForgetting(call, store, pass, "notes/readme.md")).versions).toEqual([]);
    const forgot = await ask("notes/readme.md", true);
    const [snapshot] = await store.snapshots(call);
    expect(forgot).toMatchObject({ snapshots: [], rewritten: [{ name, replacedBy: snapshot?.name }] });
    expect(snapshot).toMatchObject({ documents: 2, points: 2 });
    expect((await store.versions(call, pass)).map((info) => info.name).sort()).toEqual(versions);
    expectNoTrace();
    await store.restore(call, snapshot?.name as string, "docs-4");
    expect(await documentsIn(store, "docs-4")).toEqual(REST);
    // One that holds nothing of it stays as it is.
    await expect(ask("notes/readme.md", true)).rejects.toMatchObject({ code: "not_found" });
    expect(await store.snapshots(call)).toEqual([snapshot]);
  });

  it("the old snapshot stays until the new one is whole, and what serves is never the copy", async () => {
    const { name } = await store.snapshot(call, "docs-1");
    const dying: VectorStore = {
      ...store,
      snapshot: () => Promise.reject(new AppError("cancelled", "killed", { remedy: "-" })),
      drop: () => Promise.reject(new AppError("cancelled", "killed", { remedy: "-" })),
    };
    await expect(forget(call, dying, pass, { name: "notes/readme.md", snapshots: true })).rejects.toMatchObject({
      message: "killed",
    });
    expect((await store.snapshots(call)).map((snapshot) => snapshot.name)).toEqual([name]);
    const left = (await store.versions(call, pass)).filter((info) => !versions.includes(info.name));
    expect(left).toMatchObject([{ state: "building", serving: false }]);
    // One that a re-index went on with serves like any other version.
    const complete = `${left[0]?.name}1`;
    await build(store, complete);
    await store.publish(call, pass, complete);
    expect((await ask("notes/readme.md", true)).rewritten).toMatchObject([{ name }]);
    const kept = [...versions, complete].sort();
    expect((await store.versions(call, pass)).map((info) => info.name).sort()).toEqual(kept);
    for (const name of kept) expect(await documentsIn(store, name)).toEqual(REST);
    expectNoTrace();
  });

  it("a version of an earlier program, which kept no sources, forgets by the names that are derived", async () => {
    const old = passFor("old");
    await store.create(call, "old-1", spec("old"));
    await store.write(call, "old-1", [document("a.md", ["One"], of(NOTES)), document("b.md", ["Two"], of(WIKI))]);
    await store.publish(call, old, "old-1");
    expect(await forget(call, store, old, { name: "notes", snapshots: false })).toMatchObject({ source: "notes" });
    expect(await documentsIn(store, "old-1")).toEqual(["wiki/b.md"]);
    expect((await store.describe(call, old))?.sources).toBeUndefined();
  });

  it("copies of evaluations go too, those in other collections are named", async () => {
    const evaluation = { ...spec("eval-docs"), purpose: "evaluation" } as const;
    await store.create(call, "eval-1", evaluation);
    await store.create(call, "other-1", spec("other"));
    for (const name of ["eval-1", "other-1"])
      await store.write(call, name, [document("plan.md", ["A plan"], of(NOTES))]);
    expect(await ask("notes/plan.md")).toMatchObject({ evaluations: ["eval-1"], elsewhere: ["other"] });
    expect(await store.describe(call, passFor("eval-1"))).toBeUndefined();
    expect(await documentsIn(store, "other-1")).toEqual(["notes/plan.md"]);
  });

  it("a collection is dropped whole, what serves last", async () => {
    const { name: snapshot } = await store.snapshot(call, "docs-1");
    await store.recordJob(call, job("j1", { skipped: [{ document: "narwhal.md", reason: "binary" }] }));
    await recordServing(call, store, ALIAS, { version: "docs-2", previous: "docs-1", why: "index" });
    const dropped: string[] = [];
    const watched: VectorStore = {
      ...store,
      drop: (...ask) => {
        dropped.push(ask[1]);
        return store.drop(...ask);
      },
    };
    expect(await dropCollection(call, watched, pass, { snapshots: false })).toMatchObject({
      snapshots: [snapshot],
      deletedSnapshots: [],
    });
    expect(dropped.at(-1)).toBe("docs-2");
    expect(await servingHistory(call, store, ALIAS)).toEqual([]);
    expect(await store.describe(call, pass)).toBeUndefined();
    expect(await store.list(call)).toEqual([]);
    expect((await store.jobs(call, 1))[0]?.skipped).toEqual([]);
    expect(await dropCollection(call, store, pass, { snapshots: true })).toMatchObject({
      deletedSnapshots: [snapshot],
    });
    expect(await store.snapshots(call)).toEqual([]);
    for (const word of [...SECRETS, "garden", "lantern"]) expect(place.bytes?.() ?? "", word).not.toContain(word);
    await expect(dropCollection(call, store, pass, { snapshots: true })).rejects.toMatchObject({ code: "not_found" });
    // The name is free again.
    await build(store, "docs-9");
    await store.publish(call, pass, "docs-9");
    expect(await store.describe(call, pass)).toMatchObject({ name: "docs-9", serving: true });
  });
});
