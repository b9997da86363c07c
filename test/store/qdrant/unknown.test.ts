/** Requests that fail and were carried out all the same, or were not: what is done about those that must not be repeated. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import { document, spec } from "../../contract/fixtures.js";
import { passFor, testCall } from "../../support/call.js";
import { Stub } from "./stub.js";
import { testStore } from "./test-store.js";

/** One that nobody ends. */
const call = testCall();

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function stores(count: number): Promise<{ stub: Stub; stores: VectorStore[] }> {
  const stub = await Stub.start();
  const made = Array.from({ length: count }, () => testStore(stub.url));
  open.push(
    () => stub.close(),
    () => Promise.all(made.map((store) => store.close())),
  );
  return { stub, stores: made };
}

/** One request is answered by a failure; `done` says whether it was carried out. */
function failOnce(stub: Stub, method: string, path: RegExp, done: boolean): void {
  stub.lie = (asked, at) => {
    if (asked !== method || !path.test(at)) return undefined;
    stub.lie = undefined;
    return { status: 500, done };
  };
}

async function serving(store: VectorStore, name: string): Promise<void> {
  await store.create(call, name, spec());
  await store.write(call, name, [document("a", [`What ${name} says`])]);
  await store.publish(call, passFor("docs"), name);
}

it.each([true, false])(
  "a collection whose creation fails (and was made: %s) is there, or the error is",
  async (done) => {
    const {
      stub,
      stores: [store],
    } = (await stores(1)) as { stub: Stub; stores: [VectorStore] };
    failOnce(stub, "PUT", /^\/collections\/docs-1$/, done);
    const created = store.create(call, "docs-1", spec());
    if (done) await created;
    else await expect(created).rejects.toMatchObject({ code: "store_down" });
    expect((await store.describe(call, passFor("docs-1"))) !== undefined).toBe(done);
  },
);

it.each([true, false])("a switch that fails (and was done: %s) is done, or may still be", async (done) => {
  const {
    stub,
    stores: [store],
  } = (await stores(1)) as { stub: Stub; stores: [VectorStore] };
  await serving(store, "docs-1");
  await store.create(call, "docs-2", spec());
  failOnce(stub, "POST", /^\/collections\/aliases$/, done);
  const published = store.publish(call, passFor("docs"), "docs-2");
  if (done) expect(await published).toEqual({ previous: "docs-1" });
  else
    await expect(published).rejects.toMatchObject({
      code: "store_down",
      message: expect.stringMatching(/may still be done/),
    });
  expect((await store.describe(call, passFor("docs")))?.name).toBe(done ? "docs-2" : "docs-1");
});

it("a restore never deletes the version that its snapshot was taken of", async () => {
  const {
    stub,
    stores: [store],
  } = (await stores(1)) as { stub: Stub; stores: [VectorStore] };
  await serving(store, "docs-1");
  const { name } = await store.snapshot(call, "docs-1");
  failOnce(stub, "PUT", /^\/collections\/docs-1$/, false);
  await store.restore(call, name, "docs-2");
  expect(await store.describe(call, passFor("docs"))).toMatchObject({ name: "docs-1", points: 1 });
});

it("a lease whose lock may have been made by another waits for that one's claim", async () => {
  const {
    stub,
    stores: [first, second],
  } = (await stores(2)) as { stub: Stub; stores: [VectorStore, VectorStore] };
  const lock = /^\/collections\/aura_retrieval_lease_docs_1$/;
  let other: Promise<unknown> | undefined;
  let claiming = false;
  let secondAsked = () => {};
  const asked = new Promise<void>((done) => {
    secondAsked = done;
  });
  stub.lie = async (method, path) => {
    if (method === "PUT" && lock.test(path)) {
      if (other !== undefined) {
        secondAsked();
        return { status: 500, done: false };
      }
      other = second.lease(call, passFor("docs"));
      other.catch(() => undefined);
    }
    if (method === "POST" && /_book\/points\/batch$/.test(path) && !claiming) {
      claiming = true;
      await asked;
      await sleep(200);
    }
    return undefined;
  };
  const lease = await first.lease(call, passFor("docs"));
  await expect(other).rejects.toMatchObject({ code: "conflict", message: expect.stringContaining(lease.owner) });
  await lease.release();
});

it("a lease whose lock nobody else claims is won, though its making was not confirmed", async () => {
  const {
    stub,
    stores: [store],
  } = (await stores(1)) as { stub: Stub; stores: [VectorStore] };
  failOnce(stub, "PUT", /^\/collections\/aura_retrieval_lease_docs_1$/, true);
  const lease = await store.lease(call, passFor("docs"));
  await expect(store.lease(call, passFor("docs"))).rejects.toMatchObject({ code: "conflict" });
  await lease.release();
});
