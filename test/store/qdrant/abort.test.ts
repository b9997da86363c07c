/** A caller who leaves at any of the requests that a method makes: all of it was done, or nothing, and it hears at once. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Call, openCall } from "#src/core/call.js";
import { cancelledError } from "#src/core/errors.js";
import type { VectorStore } from "#src/core/ports.js";
import { collect, document, job, spec } from "../../contract/fixtures.js";
import { passFor, testCall } from "../../support/call.js";
import { Stub } from "./stub.js";
import { testStore } from "./test-store.js";

/** One that nobody ends. */
const living = testCall();
const PROMPTLY_MS = 1_000;
/** A client that has left is known to have by then. */
const GONE_BY_MS = 10;

const open: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

type Ask = (store: VectorStore, call: Call, snapshot: string) => Promise<unknown>;

/** What changes something. `docs` serves docs-1, docs-2 was never published, docs-3 is complete, plain is nobody's. */
const METHODS: Readonly<Record<string, Ask>> = {
  create: (store, call) => store.create(call, "docs-4", spec()),
  write: (store, call) => store.write(call, "docs-1", [document("a", ["other", "words"]), document("b", ["new"])]),
  remove: (store, call) => store.remove(call, "docs-1", [{ source: "files", document: "a" }]),
  publish: (store, call) => store.publish(call, passFor("docs"), "docs-2"),
  takeName: (store, call) => takeName(store, call),
  repoint: (store, call) => store.repoint(call, passFor("docs"), "docs-3"),
  snapshot: (store, call) => store.snapshot(call, "docs-1"),
  restore: (store, call, snapshot) => store.restore(call, snapshot, "docs-5"),
  deleteSnapshot: (store, call, snapshot) => store.deleteSnapshot(call, snapshot),
  drop: (store, call) => store.drop(call, "docs-3"),
  recordJob: (store, call) => store.recordJob(call, job("left")),
};

describe.each(Object.entries(METHODS))("%s", (method, ask) => {
  it("that is left at any of its requests was done whole or not at all", async () => {
    const done = await outcome(method, async (store, snapshot) => void (await ask(store, living, snapshot)));
    const before = await outcome(method, async () => undefined);
    expect(done.state).not.toEqual(before.state);
    for (let request = 1; request <= done.requests; request++) {
      const { state } = await outcome(
        method,
        async (store, snapshot, stub) => {
          const { call, abort } = openCall({ principal: living.principal, access: living.access });
          const held = holdAt(stub, request);
          const asked = ask(store, call, snapshot);
          asked.catch(() => undefined);
          await held.reached;
          const aborted = performance.now();
          abort(cancelledError());
          await expect(asked).rejects.toMatchObject({ code: "cancelled" });
          expect(performance.now() - aborted).toBeLessThan(PROMPTLY_MS);
          await new Promise((gone) => setTimeout(gone, GONE_BY_MS));
          held.goOn();
        },
        [before.state, done.state],
      );
      expect([before.state, done.state], `request ${request} of ${done.requests}`).toContainEqual(state);
    }
  });
});

it("a lease that is left at any request is free again", async () => {
  const taken = await outcome("lease", async (store) => (await store.lease(living, passFor("docs"))).release());
  for (let request = 1; request <= taken.requests; request++) {
    const stub = await Stub.start();
    const store = testStore(stub.url);
    open.push(
      () => stub.close(),
      () => store.close(),
    );
    await store.jobs(living, 1);
    const { call, abort } = openCall({ principal: living.principal, access: living.access });
    const held = holdAt(stub, request);
    const asked = store.lease(call, passFor("docs"));
    asked.catch(() => undefined);
    await Promise.race([
      held.reached,
      asked.then(
        () => undefined,
        () => undefined,
      ),
    ]);
    abort(cancelledError());
    const lease = await asked.catch(() => undefined);
    held.goOn();
    await lease?.release();
    await vi.waitFor(async () => (await store.lease(living, passFor("docs"))).release(), { timeout: 10_000 });
  }
});

/** The world as it is after the work, and how many requests that made. @param ends states to wait for, if any is known */
async function outcome(
  method: string,
  work: (store: VectorStore, snapshot: string, stub: Stub) => Promise<void>,
  ends: readonly unknown[] = [],
): Promise<{ state: unknown; requests: number }> {
  const stub = await Stub.start();
  const store = testStore(stub.url);
  try {
    for (const version of ["docs-1", "docs-2", "docs-3"]) await store.create(living, version, spec());
    await store.write(living, "docs-1", [document("a", ["some", "words"])]);
    for (const version of ["docs-3", "docs-1"]) await store.publish(living, passFor("docs"), version);
    const snapshot = method === "snapshot" ? "" : (await store.snapshot(living, "docs-1")).name;
    if (method === "takeName") await makePlain(stub.url);
    let requests = 0;
    stub.lie = () => {
      requests++;
      return undefined;
    };
    await work(store, snapshot, stub);
    stub.lie = undefined;
    const look = () => worldOf(store);
    // What goes on without its caller ends soon.
    if (ends.length > 0) await vi.waitFor(async () => expect(ends).toContainEqual(await look())).catch(() => undefined);
    return { state: await look(), requests };
  } finally {
    await store.close();
    await stub.close();
  }
}

/** The request of that number is taken and waits. */
function holdAt(stub: Stub, number: number) {
  let count = 0;
  let reach = () => {};
  let goOn = () => {};
  const reached = new Promise<void>((done) => {
    reach = done;
  });
  const gate = new Promise<undefined>((done) => {
    goOn = () => done(undefined);
  });
  stub.lie = () => {
    if (++count !== number) return undefined;
    reach();
    return gate;
  };
  return { reached, goOn: () => goOn() };
}

/** Whatever a call could have changed, without what tells one run from another. */
async function worldOf(store: VectorStore): Promise<unknown> {
  const describe = async (name: string) => {
    const info = await store.describe(living, passFor(name));
    return info && [info.name, info.state, info.serving, info.points, info.documents];
  };
  const names = ["docs", "docs-1", "docs-2", "docs-3", "docs-4", "docs-5", "plain"];
  const points = await collect(store.scroll(living, "docs-1"));
  return {
    collections: await Promise.all(names.map(describe)),
    listed: (await store.list(living)).map(({ name }) => name).sort(),
    texts: points.map(({ text }) => text).sort(),
    snapshots: (await store.snapshots(living)).length,
    jobs: (await store.jobs(living, 10)).map(({ id }) => id),
  };
}

async function takeName(store: VectorStore, call: Call): Promise<void> {
  await store.takeName?.(call, passFor("plain"), "docs-2", async () => undefined);
}

async function makePlain(url: string): Promise<void> {
  const put = (path: string, body: object) =>
    fetch(url + path, { method: "PUT", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  await put("/collections/plain", { vectors: { size: 2, distance: "Cosine" } });
}
