/** What a call asks of a Qdrant once the process knows the collection. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Access } from "#src/core/access.js";
import type { VectorStore } from "#src/core/ports.js";
import { passFor, testCall } from "../../support/call.js";
import { ALIAS, Bench, manyDocuments } from "../../support/fixtures.js";
import { Stub } from "./stub.js";
import { testStore } from "./test-store.js";

let bench: Bench;
let stub: Stub;
let store: VectorStore;
let asked: string[];

beforeEach(async () => {
  [bench, stub] = await Promise.all([Bench.open(), Stub.start()]);
  store = testStore(stub.url);
  asked = [];
  stub.lie = (method, path) => void asked.push(`${method} ${path.replace(/^\/collections\/[^/]+/, "")}`);
  bench.sources.set("notes", manyDocuments(30));
  await bench.start({}, { store }).done;
});
afterEach(async () => {
  await store.close();
  await Promise.all([bench.close(), stub.close()]);
});

const retrieve = (call = testCall()) => bench.retrieve({ query: "about topic7" }, call, { store });

describe("a hybrid question to a collection that is known", () => {
  it("takes three requests at most: search, the scores that are missing, the texts", async () => {
    await retrieve();
    asked = [];
    const { passages, collection } = await retrieve();
    expect(passages[0]?.point.record.document).toBe("topic-007");
    expect(collection.points).toBe(30);
    const [first, ...others] = ["POST /points/query/batch", "POST /points/query/batch", "POST /points"];
    // Where each leg has found all that the other has, no score is missing.
    expect([[first, ...others], others]).toContainEqual(asked);
  });

  it("takes as many of a caller who sees a part, which is counted once a second at most", async () => {
    bench.sources.set("file:///ws/ours", manyDocuments(30));
    bench.sources.set("file:///ws/theirs", manyDocuments(12));
    for (const source of bench.sources.keys()) await bench.start({ source }, { store }).done;
    const call = () => testCall({ access: Access.to([ALIAS], async () => ["/ws/ours"]) });
    expect((await retrieve(call())).collection.points).toBe(30);
    asked = [];
    expect((await retrieve(call())).collection.points).toBe(30);
    expect(asked).not.toContain("POST /points/count");
    expect(asked.length).toBeLessThanOrEqual(3);
  });

  it("is asked of what serves now, when this process has switched or written", async () => {
    const before = await retrieve();
    bench.sources.set("notes", manyDocuments(40));
    await bench.start({ mode: "full" }, { store }).done;
    const { collection } = await retrieve();
    expect(collection.name).not.toBe(before.collection.name);
    expect(collection.points).toBe(40);
    bench.sources.set("notes", manyDocuments(41));
    await bench.start({}, { store }).done;
    expect((await retrieve()).collection.points).toBe(41);
  });

  it("is asked of what another process has switched to, a second later at most", async () => {
    await retrieve();
    const other = testStore(stub.url);
    bench.sources.set("notes", manyDocuments(40));
    await bench.start({ mode: "full" }, { store: other }).done;
    const serving = (await other.describe(testCall(), passFor(ALIAS)))?.name;
    await other.close();
    await expect.poll(async () => (await retrieve()).collection.name, { timeout: 5_000 }).toBe(serving);
  });
});
