/** No request grows with the collection, and none is larger than the server takes. */
import { afterEach, describe, expect, it } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import { collect, document, spec } from "../../contract/fixtures.js";
import { passFor, testCall } from "../../support/call.js";
import { Stub } from "./stub.js";
import { testStore } from "./test-store.js";

const VERSION = "docs-1";
const REAL = process.env.QDRANT_TEST_URL?.split(",")[0];
const call = testCall();
const many = (count: number) => Array.from({ length: count }, (_, i) => document(`d${i}`, [`text ${i}`]));

const isWrite = (method: string, path: string) => method === "POST" && /points\/batch/.test(path);

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function stubbed(): Promise<{ stub: Stub; store: VectorStore; writes: () => number }> {
  const stub = await Stub.start();
  open.push(() => stub.close());
  const store = testStore(stub.url);
  open.push(() => store.close());
  await store.create(call, VERSION, spec());
  let writes = 0;
  stub.lie = (method, path) => {
    if (isWrite(method, path)) writes++;
    return undefined;
  };
  return { stub, store, writes: () => writes };
}

describe("removing documents", () => {
  it("takes a request for each hundred of them", async () => {
    const { store, writes } = await stubbed();
    await store.write(call, VERSION, many(250));
    const before = writes();
    await store.remove(call, VERSION, many(250));
    expect(writes() - before).toBe(3);
    expect(await collect(store.documents(call, VERSION))).toEqual([]);
  });
});

describe("what the server finds too large", () => {
  it("goes in halves, in the order it came, and what it finds wrong does not", async () => {
    const { stub, store } = await stubbed();
    let refusals = 2;
    stub.lie = (method, path) => (isWrite(method, path) && refusals-- > 0 ? { status: 413, done: false } : undefined);
    await store.write(call, VERSION, many(100));
    expect(refusals).toBeLessThan(0);
    expect(await collect(store.documents(call, VERSION))).toHaveLength(100);

    stub.lie = () => ({ status: 400, done: false });
    await expect(store.remove(call, VERSION, many(2))).rejects.toMatchObject({ code: "bug" });
  });

  it("is told when it is one passage", async () => {
    const { stub, store } = await stubbed();
    stub.lie = (method, path) => (isWrite(method, path) ? { status: 413, done: false } : undefined);
    await expect(store.write(call, VERSION, many(3))).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(/no request of this size \(HTTP 413\)/),
      remedy: expect.stringMatching(/max_request_size_mb/),
    });
  });
});

it.skipIf(REAL === undefined)(
  `a real server in strict mode has all that is written and removed${REAL === undefined ? " (skipped: QDRANT_TEST_URL names no server)" : ""}`,
  async () => {
    const url = REAL as string;
    const store = testStore(url);
    open.push(() => store.close());
    await store.drop(call, VERSION, { serving: true });
    await store.create(call, VERSION, spec());
    await store.publish(call, passFor("docs"), VERSION);
    const strict = { enabled: true, upsert_max_batchsize: 30, filter_max_conditions: 40, max_query_limit: 50 };
    const changed = await fetch(`${url}/collections/${VERSION}`, {
      method: "PATCH",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ strict_mode_config: strict }),
    });
    expect(changed.status).toBe(200);
    await store.write(call, VERSION, many(250));
    expect(await collect(store.documents(call, VERSION))).toHaveLength(250);
    await store.remove(call, VERSION, many(200));
    expect(await collect(store.documents(call, VERSION))).toHaveLength(50);
    await store.drop(call, VERSION, { serving: true });
  },
  60_000,
);
