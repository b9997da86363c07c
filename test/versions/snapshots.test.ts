/** Snapshots of versions and what is made of them again, on the real store. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import type { SnapshotInfo } from "#src/core/types.js";
import { restoreSnapshot } from "#src/versions/restore.js";
import { rollback } from "#src/versions/rollback.js";
import { takeSnapshot } from "#src/versions/snapshot.js";
import { dropVersion, versionsOf } from "#src/versions/versions.js";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, Bench, manyDocuments } from "../support/fixtures.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const restore = (
  snapshot: string,
  { serve = false, store = bench.store, signal = new AbortController().signal } = {},
) => restoreSnapshot(testCall({ signal }), { ...bench.parts(), store }, snapshot, { serve });
const names = async () => (await bench.store.list(testCall())).map(({ name }) => name);

describe("a snapshot", () => {
  it("is of what an alias serves, or of a version by name", async () => {
    const first = await bench.index({ a: "first" });
    const second = await bench.index({ a: "second", b: "third" }, { mode: "full" });
    expect(await takeSnapshot(testCall(), bench.store, passFor(ALIAS))).toMatchObject({
      collection: second.target,
      documents: 2,
      points: 2,
    });
    expect(await takeSnapshot(testCall(), bench.store, passFor(first.target as string))).toMatchObject({
      collection: first.target,
      documents: 1,
    });
  });

  it("is not taken of what is missing, incomplete or being written", async () => {
    await expect(takeSnapshot(testCall(), bench.store, passFor("nothing"))).rejects.toMatchObject({
      code: "not_found",
    });
    const { target, spec } = await made();
    await bench.store.create(testCall(), `${ALIAS}_half`, spec);
    await expect(takeSnapshot(testCall(), bench.store, passFor(`${ALIAS}_half`))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("building"),
    });
    const lease = await bench.store.lease(testCall(), passFor(ALIAS));
    await expect(takeSnapshot(testCall(), bench.store, passFor(target))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining(lease.owner),
    });
    await lease.release();
    expect(await bench.store.snapshots(testCall())).toEqual([]);
  });
});

async function made() {
  const { target } = await bench.index({ a: "alpha words", b: "beta words" });
  const info = await bench.store.describe(testCall(), passFor(ALIAS));
  return { target: target as string, spec: info?.spec as SnapshotInfo["spec"] };
}

describe("a restore", () => {
  it("makes a new complete version, which serves when it is rolled back to", async () => {
    const { target } = await made();
    const { name } = await takeSnapshot(testCall(), bench.store, passFor(ALIAS));
    await bench.index({ a: "changed words", b: "beta words" });
    const restored = await restore(name);
    expect(restored).toMatchObject({ alias: ALIAS, serving: false, documents: 2, points: 2 });
    expect(await bench.serving()).toBe(target);
    expect(await bench.store.describe(testCall(), passFor(restored.version))).toMatchObject({
      state: "ready",
      alias: ALIAS,
    });
    expect(await rollback(testCall(), bench.store, passFor(ALIAS), restored.version)).toEqual({
      from: target,
      to: restored.version,
    });
    expect((await bench.retrieve({ query: "alpha" })).passages[0]?.point.text).toBe("alpha words");
  });

  it("serves at once when that is asked for, and what served before can be rolled back to", async () => {
    const { target } = await made();
    const { name } = await takeSnapshot(testCall(), bench.store, passFor(ALIAS));
    const restored = await restore(name, { serve: true });
    expect(restored).toMatchObject({ serving: true, previous: target });
    expect(await bench.serving()).toBe(restored.version);
    expect(await rollback(testCall(), bench.store, passFor(ALIAS))).toEqual({ from: restored.version, to: target });
  });

  it("is possible when the version it was taken of is gone", async () => {
    const first = await bench.index({ a: "first" });
    const { name } = await takeSnapshot(testCall(), bench.store, passFor(ALIAS));
    await bench.index({ a: "second" }, { mode: "full" });
    await dropVersion(testCall(), bench.store, passFor(first.target as string));
    const { version } = await restore(name, { serve: true });
    expect(await names()).toContain(version);
    expect((await bench.retrieve({ query: "first" })).passages[0]?.point.text).toBe("first");
  });

  it.each<[string, (store: VectorStore) => Partial<VectorStore>, string]>([
    [
      "holds fewer documents than were counted",
      (store) => ({
        snapshots: async () => (await store.snapshots(testCall())).map((info) => ({ ...info, documents: 3 })),
      }),
      "2 documents instead of 3",
    ],
    [
      "holds fewer passages than were counted",
      (store) => ({
        snapshots: async () => (await store.snapshots(testCall())).map((info) => ({ ...info, points: 3 })),
      }),
      "2 passages instead of 3",
    ],
    [
      "has another fingerprint",
      (store) => ({
        snapshots: async () =>
          (await store.snapshots(testCall())).map((info) => ({
            ...info,
            spec: { ...info.spec, fingerprint: { ...info.spec.fingerprint, sha256: "other" } },
          })),
      }),
      "fingerprint",
    ],
    ["does not find its passages", () => ({ search: async () => [] }), "does not find itself"],
    ["cannot read its passages", () => ({ read: async () => [] }), "cannot be read"],
  ])("that %s leaves nothing behind and the alias where it was", async (_, change, message) => {
    const { target } = await made();
    const { name } = await takeSnapshot(testCall(), bench.store, passFor(ALIAS));
    const store = { ...bench.store, ...change(bench.store) };
    await expect(restore(name, { store })).rejects.toMatchObject({
      code: "store_down",
      message: expect.stringContaining(message),
    });
    expect(await names()).toEqual([target]);
    expect(await bench.serving()).toBe(target);
    const lease = await bench.store.lease(testCall(), passFor(ALIAS)); // nobody holds it any more
    await lease.release();
  });

  it("that is cancelled leaves nothing behind", async () => {
    const { target } = await made();
    const { name } = await takeSnapshot(testCall(), bench.store, passFor(ALIAS));
    const abort = new AbortController();
    const store: VectorStore = {
      ...bench.store,
      async restore(call, snapshot, collection) {
        await bench.store.restore(call, snapshot, collection);
        abort.abort();
      },
    };
    await expect(restore(name, { store, signal: abort.signal })).rejects.toMatchObject({ code: "cancelled" });
    expect(await names()).toEqual([target]);
  });

  it("of another model's snapshot is made, but not served: mismatch", async () => {
    await made();
    const { name } = await takeSnapshot(testCall(), bench.store, passFor(ALIAS));
    bench.useModel("2");
    await expect(restore(name, { serve: true })).rejects.toMatchObject({ code: "mismatch" });
    expect(await names()).toHaveLength(1);
    expect(await restore(name)).toMatchObject({ serving: false });
  });

  it("of a snapshot that is not there is not_found, while another writes a conflict", async () => {
    await expect(restore("nothing")).rejects.toMatchObject({ code: "not_found" });
    await made();
    const { name } = await takeSnapshot(testCall(), bench.store, passFor(ALIAS));
    const lease = await bench.store.lease(testCall(), passFor(ALIAS));
    await expect(restore(name)).rejects.toMatchObject({ code: "conflict" });
    await lease.release();
  });
});

describe("a re-index that is to keep a snapshot", () => {
  it("takes it of the version before the switch", async () => {
    const first = await bench.index({ a: "first" });
    const job = await bench.index({ a: "second" }, { mode: "full", snapshot: true });
    const [snapshot] = await bench.store.snapshots(testCall());
    expect(snapshot).toMatchObject({ name: job.snapshot, collection: first.target });
  });

  it("takes it of a live version before that is changed", async () => {
    await bench.index({ a: "first" });
    const job = await bench.index({ a: "second" }, { snapshot: true });
    await restore(job.snapshot as string, { serve: true });
    expect((await bench.retrieve({ query: "first" })).passages[0]?.point.text).toBe("first");
  });

  it("takes none when nothing served, when a build fails, or when it is not asked to", async () => {
    expect((await bench.index({ a: "first" }, { snapshot: true })).snapshot).toBeUndefined();
    await bench.index({ a: "second" }, { mode: "full" });
    const blind: VectorStore = { ...bench.store, search: async () => [] };
    bench.sources.set("notes", { a: "third" });
    const failing = bench.start({ mode: "full", snapshot: true }, { store: blind });
    await expect(failing.done).rejects.toMatchObject({ code: "store_down" });
    expect(await bench.store.snapshots(testCall())).toEqual([]);
  });
});

describe("golden questions", () => {
  const golden = (documents: string[], top = 1) => [{ question: "beta words", documents, top }];

  it("that are answered let a new version serve", async () => {
    const job = await bench.index(
      { a: "alpha words", b: "beta words" },
      { mode: "full", golden: golden(["nowhere", "b"]) },
    );
    expect(await bench.serving()).toBe(job.target);
  });

  it("that are not leave the alias, and are named", async () => {
    const first = await bench.index({ a: "served" });
    const documents = { a: "alpha words", b: "beta words" };
    const questions = [...golden(["a"]), { question: "alpha words", documents: ["a"], top: 1 }];
    await expect(bench.index(documents, { mode: "full", golden: questions })).rejects.toMatchObject({
      code: "mismatch",
      message: expect.stringMatching(/1 of 2 golden questions failed: "beta words" \(a not in the first 1\)/),
    });
    expect(await bench.serving()).toBe(first.target);
    bench.embedded = [];
    await bench.index(documents, { mode: "full", golden: golden(["b"]) });
    expect(bench.embedded).toEqual([]); // the version that failed goes on
  });

  it("are asked within the number of passages they name", async () => {
    const documents = { a: "alpha words", b: "beta words" };
    await bench.index(documents, { golden: golden(["a"], 2) });
    await expect(bench.index(documents, { golden: golden(["a"], 1) })).rejects.toMatchObject({ code: "mismatch" });
  });

  it("are named up to five", async () => {
    const questions = Array.from({ length: 7 }, (_, i) => ({ question: `q${i}`, documents: ["none"], top: 3 }));
    await expect(bench.index({ a: "text" }, { golden: questions })).rejects.toMatchObject({
      message: expect.stringMatching(/"q4" \(none not in the first 3\), and 2 more\.$/),
    });
  });
});

describe("versions", () => {
  it("are those of an alias, newest first, or one by its name", async () => {
    const first = (await bench.index({ a: "first" })).target as string;
    const second = (await bench.index({ a: "second" }, { mode: "full" })).target;
    expect((await versionsOf(testCall(), bench.store, passFor(ALIAS))).map(({ name }) => name)).toEqual([
      second,
      first,
    ]);
    expect((await versionsOf(testCall(), bench.store, passFor(first))).map(({ name }) => name)).toEqual([first]);
    await expect(versionsOf(testCall(), bench.store, passFor("nothing"))).rejects.toMatchObject({ code: "not_found" });
  });

  it("are dropped by their own name, never what serves and never under a writer", async () => {
    const first = (await bench.index(manyDocuments(2))).target as string;
    const second = (await bench.index(manyDocuments(2), { mode: "full" })).target as string;
    for (const name of [second, ALIAS]) {
      await expect(dropVersion(testCall(), bench.store, passFor(name))).rejects.toMatchObject({
        code: "conflict",
        message: expect.stringContaining(second),
        remedy: expect.stringContaining(`rollback ${ALIAS}`),
      });
    }
    const lease = await bench.store.lease(testCall(), passFor(ALIAS));
    await expect(dropVersion(testCall(), bench.store, passFor(first))).rejects.toMatchObject({ code: "conflict" });
    await lease.release();
    await dropVersion(testCall(), bench.store, passFor(first));
    expect(await names()).toEqual([second]);
    await expect(dropVersion(testCall(), bench.store, passFor(first))).rejects.toMatchObject({ code: "not_found" });
  });

  it("that something else made are not dropped", async () => {
    const { target } = await made();
    const foreign = async () => ({
      ...(await bench.store.describe(testCall(), passFor(target))),
      serving: false,
      spec: undefined,
    });
    const store = { ...bench.store, describe: foreign } as unknown as VectorStore;
    await expect(dropVersion(testCall(), store, passFor(target))).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("not made by this program"),
    });
  });
});
