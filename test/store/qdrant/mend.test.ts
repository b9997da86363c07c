/** Documents of many passages, written in several requests: what is left when they are cut off. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import { collect, document, spec } from "../../contract/fixtures.js";
import { passFor, testCall } from "../../support/call.js";
import { Stub } from "./stub.js";
import { testStore } from "./test-store.js";

const call = testCall();
const docs = passFor("docs");
/** More than one request brings. */
const LONG = 250;

let stub: Stub;
let store: VectorStore;
beforeEach(async () => {
  stub = await Stub.start();
  store = testStore(stub.url);
  await store.create(call, "docs-1", spec());
  await store.write(call, "docs-1", [long("whole", "old")]);
});
afterEach(async () => {
  await store.close();
  await stub.close();
});

function long(id: string, word: string, passages = LONG) {
  const texts = Array.from({ length: passages }, (_, i) => `${word} ${id} ${i}`);
  return document(id, texts, { hash: word });
}

/** Under a lease, which then ends; the write's request of this number and all after it are never sent. */
async function cutOff(request: number, written: ReturnType<typeof long>): Promise<void> {
  const lease = await store.lease(call, docs);
  let seen = 0;
  stub.lie = (method, path) =>
    method === "POST" && /lease_docs_\d+\.[^/]+\/points\/batch/.test(path) && ++seen >= request
      ? { status: 500, done: false }
      : undefined;
  await expect(store.write(call, "docs-1", [written], lease.fence)).rejects.toMatchObject({ code: "store_down" });
  stub.lie = undefined;
  await lease.release();
}

const passages = async (word: string) => {
  const found = await store.search(call, "docs-1", [{ kind: "lexical", text: word }], { limit: 2 * LONG });
  return found.filter(({ scores }) => (scores[0] ?? 0) > 0).length;
};
const hashes = async () =>
  (await collect(store.documents(call, "docs-1"))).map((record) => [record.document, record.hash]);

describe("a write that is cut off", () => {
  it.each([2, 3])(
    "before its document is there leaves nothing behind when the next lease is won: request %i",
    async (request) => {
      await cutOff(request, long("gone", "new"));
      expect(await passages("new")).toBeGreaterThan(0);
      const next = await store.lease(call, docs);
      expect(await passages("new")).toBe(0);
      expect(await hashes()).toEqual([["whole", "old"]]);
      expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ points: LONG });
      await next.release();
    },
  );

  it("in the middle of a new version leaves a document that is written again, whatever it holds", async () => {
    await cutOff(2, long("whole", "new"));
    const next = await store.lease(call, docs);
    expect(await passages("new")).toBe(0);
    expect(await passages("old")).toBe(LONG - 100);
    expect(await hashes()).toEqual([["whole", ""]]);
    await next.release();
    await (await store.lease(call, docs)).release();
    expect(await passages("old")).toBe(LONG - 100);
  });

  it("before its last step keeps no passages of the version before", async () => {
    await cutOff(2, long("whole", "new", 20));
    expect(await passages("old")).toBe(LONG - 20);
    await (await store.lease(call, docs)).release();
    expect(await passages("old")).toBe(0);
    expect(await passages("new")).toBe(20);
    expect(await hashes()).toEqual([["whole", ""]]);
  });

  it("is looked for by the next writer, though the lease was taken away and given back in between", async () => {
    await cutOff(2, long("gone", "new"));
    await (await store.lease(call, docs, { takeAway: true })).release();
    expect(await passages("new")).toBeGreaterThan(0);
    await (await store.lease(call, docs)).release();
    expect(await passages("new")).toBe(0);
  });
});
