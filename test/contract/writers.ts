/** What every adapter of the `VectorStore` port does for those who write one after the other: whoever lost the lease writes nothing. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Lease } from "#src/core/ledger.js";
import type { VectorStore } from "#src/core/ports.js";
import { passFor, testCall } from "../support/call.js";
import type { Fixture } from "./aborted-calls.js";
import { CORPUS, collect, document, source, spec } from "./fixtures.js";

/** One that nobody ends. */
const call = testCall();
const docs = passFor("docs");
const lost = { code: "conflict", message: expect.stringMatching(/lease on "docs" was lost/) };

export function writersContract(name: string, factory: () => Promise<Fixture>): void {
  describe(`${name}: writers`, () => {
    let store: VectorStore;
    let dispose: () => Promise<void>;
    beforeEach(async () => {
      ({ store, dispose } = await factory());
    });
    afterEach(() => dispose());

    /** One who has written under a lease, and has lost it to another since. */
    async function succession(): Promise<{ before: Lease; now: Lease; snapshot: string }> {
      const before = await store.lease(call, docs);
      await store.create(call, "docs-1", spec(), before.fence);
      await store.write(call, "docs-1", CORPUS, before.fence);
      await store.publish(call, docs, "docs-1", { fence: before.fence });
      await store.create(call, "docs-2", spec(), before.fence);
      await store.write(call, "docs-2", CORPUS.slice(0, 1), before.fence);
      const { name: snapshot } = await store.snapshot(call, "docs-1");
      const now = await store.lease(call, docs, { takeAway: true });
      return { before, now, snapshot };
    }
    const look = async () => [
      await store.list(call),
      await collect(store.documents(call, "docs-1")),
      await collect(store.documents(call, "docs-2")),
      (await store.describe(call, docs))?.name,
    ];

    it("who lost the lease change nothing, though the next one has written nothing yet", async () => {
      const { before, now, snapshot } = await succession();
      expect(now.fence.token).toBeGreaterThan(before.fence.token);
      const { fence } = before;
      const there = await look();
      const key = { source: "files", document: "alpha" };
      for (const version of ["docs-1", "docs-2"]) {
        await expect(store.write(call, version, [document("late", ["late"])], fence)).rejects.toMatchObject(lost);
        await expect(store.remove(call, version, [key], fence)).rejects.toMatchObject(lost);
        await expect(store.keepSources(call, version, [source("late")], fence)).rejects.toMatchObject(lost);
      }
      await expect(store.create(call, "docs-3", spec(), fence)).rejects.toMatchObject(lost);
      await expect(store.publish(call, docs, "docs-2", { fence })).rejects.toMatchObject(lost);
      await expect(store.repoint(call, docs, "docs-1", { fence })).rejects.toMatchObject(lost);
      await expect(store.drop(call, "docs-2", { fence })).rejects.toMatchObject(lost);
      await expect(store.restore(call, snapshot, "docs-4", { fence })).rejects.toMatchObject(lost);
      expect(await look()).toEqual(there);
      await before.release().catch(() => undefined);
      await expect(store.lease(call, docs)).rejects.toMatchObject({ message: expect.stringContaining(now.owner) });
      await now.release();
    });

    it("who won it go on where the one before stopped, in every version", async () => {
      const { before, now } = await succession();
      for (const version of ["docs-1", "docs-2"]) {
        await store.write(call, version, [document("next", ["next"])], now.fence);
        await store.remove(call, version, [{ source: "files", document: "alpha" }], now.fence);
        await store.keepSources(call, version, [source("next")], now.fence);
      }
      await store.create(call, "docs-3", spec(), now.fence);
      await store.drop(call, "docs-3", { fence: now.fence });
      expect(await store.publish(call, docs, "docs-2", { fence: now.fence })).toEqual({ previous: "docs-1" });
      expect((await collect(store.documents(call, "docs-2"))).map((each) => each.document)).toEqual(["next"]);
      await before.release().catch(() => undefined);
      await now.release();
    });

    it("of one alias do not concern those of another", async () => {
      const other = await store.lease(call, passFor("docs_1"));
      await store.create(call, "docs_1-1", spec("docs_1"), other.fence);
      const { now } = await succession();
      await now.release();
      await (await store.lease(call, docs)).release();
      await store.write(call, "docs_1-1", CORPUS, other.fence);
      expect(await store.describe(call, passFor("docs_1-1"))).toMatchObject({ documents: 4, serving: false });
      await other.release();
    });

    it("who gave the lease back cannot write under it when it was won since, and given back", async () => {
      const first = await store.lease(call, docs);
      await store.create(call, "docs-1", spec(), first.fence);
      await first.release();
      await (await store.lease(call, docs)).release();
      await expect(store.write(call, "docs-1", CORPUS, first.fence)).rejects.toMatchObject(lost);
      expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ points: 0, state: "building" });
    });

    it("switch only what still serves what they know of", async () => {
      for (const version of ["docs-1", "docs-2", "docs-3"]) await store.create(call, version, spec());
      await store.publish(call, docs, "docs-1", { from: null });
      await store.publish(call, docs, "docs-2", { from: "docs-1" });
      const another = { code: "conflict", message: expect.stringMatching(/"docs" serves "docs-2" since/) };
      await expect(store.publish(call, docs, "docs-3", { from: "docs-1" })).rejects.toMatchObject(another);
      await expect(store.publish(call, docs, "docs-3", { from: null })).rejects.toMatchObject(another);
      await expect(store.repoint(call, docs, "docs-1", { from: "docs-3" })).rejects.toMatchObject(another);
      expect((await store.describe(call, docs))?.name).toBe("docs-2");
      expect(await store.describe(call, passFor("docs-3"))).toMatchObject({ state: "building" });
      expect(await store.repoint(call, docs, "docs-1", { from: "docs-2" })).toEqual({ previous: "docs-2" });
    });

    it("of whom several switch at once: one of them does", async () => {
      for (const version of ["docs-1", "docs-2", "docs-3"]) await store.create(call, version, spec());
      await store.publish(call, docs, "docs-1");
      const switches = ["docs-2", "docs-3"].map((version) => store.publish(call, docs, version, { from: "docs-1" }));
      const outcomes = (await Promise.allSettled(switches)).map(({ status }) => status);
      expect(outcomes.toSorted()).toEqual(["fulfilled", "rejected"]);
      const winner = outcomes[0] === "fulfilled" ? "docs-2" : "docs-3";
      expect((await store.describe(call, docs))?.name).toBe(winner);
    });

    it("keep small records by kind and key", async () => {
      const { records } = store;
      expect(await records.get(call, "serving", "docs:1")).toBeUndefined();
      await records.put(call, "serving", { key: "docs:2", record: { version: "b", list: [1, { deep: true }] } });
      await records.put(call, "serving", { key: "docs:1", record: { version: "a" } });
      await records.put(call, "serving", { key: "docs:1", record: { version: "c" } });
      await records.put(call, "cancellation", { key: "docs:1", record: {} });
      expect(await records.get(call, "serving", "docs:1")).toEqual({ version: "c" });
      expect(await records.list(call, "serving")).toEqual([
        { key: "docs:1", record: { version: "c" } },
        { key: "docs:2", record: { version: "b", list: [1, { deep: true }] } },
      ]);
      await records.delete(call, "serving", "docs:1");
      await records.delete(call, "serving", "nothing");
      expect((await records.list(call, "serving")).map(({ key }) => key)).toEqual(["docs:2"]);
      expect(await records.get(call, "cancellation", "docs:1")).toEqual({});
    });
  });
}
