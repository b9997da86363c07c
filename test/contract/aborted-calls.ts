/** What every adapter of the `VectorStore` port does for a call that is aborted: nothing, and says so at once. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Call, openCall } from "#src/core/call.js";
import { cancelledError } from "#src/core/errors.js";
import type { VectorStore } from "#src/core/ports.js";
import { abortedCall, passFor, testCall } from "../support/call.js";
import { collect, document, job, source, spec, vectorOf } from "./fixtures.js";

export interface Fixture {
  readonly store: VectorStore;
  /** The store stops answering, until what is returned is called. Absent where that cannot be brought about. */
  readonly stall?: (() => Promise<() => Promise<void>>) | undefined;
  dispose(): Promise<void>;
}

/** How long it may take to tell somebody that the call is over. The work itself could never end here. */
const PROMPTLY_MS = 1_000;
/** Long enough for a request to be on its way. */
const UNDER_WAY_MS = 30;

/** One that nobody ends. */
const living = testCall();
const legs = [
  { kind: "dense", vector: vectorOf("q") },
  { kind: "lexical", text: "fox" },
] as const;
const written = Array.from({ length: 40 }, (_, i) => document(`d${i}`, ["one fox", "two foxes"]));
const wanted = written[0]?.points.map(({ id }) => id) as string[];

type Ask = (store: VectorStore, call: Call, snapshot: string) => Promise<unknown> | undefined;

/** Every method that waits. `docs` serves docs-1, docs-2 was never published, docs-3 is complete. */
const METHODS: Record<
  Exclude<keyof VectorStore, "close" | "records"> | Exclude<keyof VectorStore["records"], "list">,
  Ask
> = {
  create: (store, call) => store.create(call, "docs-4", spec()),
  write: (store, call) => store.write(call, "docs-1", [document("d1", ["another text"]), document("new", ["a text"])]),
  remove: (store, call) => store.remove(call, "docs-1", [{ source: "files", document: "d2" }]),
  read: (store, call) => store.read(call, "docs-1", wanted),
  scroll: (store, call) => collect(store.scroll(call, "docs-1")),
  keepSources: (store, call) => store.keepSources(call, "docs-1", [source("aborted")]),
  documents: (store, call) => collect(store.documents(call, "docs-1")),
  documentPage: (store, call) => store.documentPage(call, "docs-1", { source: "files", limit: 5 }),
  search: (store, call) => store.search(call, "docs-1", legs, { limit: 5 }),
  count: (store, call) => store.count(call, "docs-1", [{ source: "files" }]),
  fields: (store, call) => store.fields(call, "docs-1"),
  any: (store, call) => store.any(call, "docs-1", { document: "d1" }),
  describe: (store, call) => store.describe(call, passFor("docs")),
  versions: (store, call) => store.versions(call, passFor("docs")),
  list: (store, call) => store.list(call),
  publish: (store, call) => store.publish(call, passFor("docs"), "docs-2"),
  takeName: (store, call) => store.takeName?.(call, passFor("plain"), "docs-2", async () => undefined),
  repoint: (store, call) => store.repoint(call, passFor("docs"), "docs-3"),
  lease: (store, call) => store.lease(call, passFor("docs")),
  snapshot: (store, call) => store.snapshot(call, "docs-1"),
  snapshots: (store, call) => store.snapshots(call),
  restore: (store, call, snapshot) => store.restore(call, snapshot, "docs-5"),
  deleteSnapshot: (store, call, snapshot) => store.deleteSnapshot(call, snapshot),
  drop: (store, call) => store.drop(call, "docs-3"),
  scrub: (store, call) => store.scrub(call, "docs-1"),
  recordJob: (store, call) => store.recordJob(call, job("aborted")),
  jobs: (store, call) => store.jobs(call, 10),
  get: (store, call) => store.records.get(call, "serving", "kept"),
  put: (store, call) => store.records.put(call, "serving", { key: "aborted", record: {} }),
  delete: (store, call) => store.records.delete(call, "serving", "kept"),
  probe: (store, call) => store.probe(call),
};

export function abortedCallsContract(name: string, factory: () => Promise<Fixture>): void {
  describe(`${name}: an aborted call`, () => {
    let fixture: Fixture;
    let store: VectorStore;
    let snapshot: string;
    let before: unknown;
    beforeAll(async () => {
      fixture = await factory();
      store = fixture.store;
      for (const version of ["docs-1", "docs-2", "docs-3"]) await store.create(living, version, spec());
      await store.write(living, "docs-1", written);
      for (const version of ["docs-3", "docs-1"]) await store.publish(living, passFor("docs"), version);
      snapshot = (await store.snapshot(living, "docs-1")).name;
      await store.records.put(living, "serving", { key: "kept", record: {} });
      before = await look(store);
    });
    afterAll(() => fixture.dispose());

    describe.each(Object.entries(METHODS))("of %s", (_method, ask) => {
      it("that is over before it begins rejects, and nothing was done", async () => {
        const asked = ask(store, abortedCall(), snapshot);
        if (asked === undefined) return;
        await expect(asked).rejects.toMatchObject({ code: "cancelled" });
        expect(await look(store)).toEqual(before);
      });

      it.each([
        ["cancelled", (open: ReturnType<typeof openCall>) => open.abort(cancelledError())],
        ["timeout", undefined],
      ] as const)("that ends (%s) while it waits rejects at once, and nothing was done", async (code, abort) => {
        const goOn = await fixture.stall?.();
        if (goOn === undefined) return;
        const timeoutMs = abort === undefined ? UNDER_WAY_MS : undefined;
        const open = openCall({ principal: living.principal, access: living.access, timeoutMs });
        try {
          const asked = ask(store, open.call, snapshot);
          if (asked === undefined) return;
          const outcome = asked.catch((error: unknown) => error);
          await sleep(UNDER_WAY_MS);
          abort?.(open);
          expect(await Promise.race([outcome, sleep(PROMPTLY_MS)])).toMatchObject({ name: "AppError", code });
        } finally {
          await goOn();
          open.end();
        }
        // Whatever was sent is heard before this.
        await store.remove(living, "docs-1", []);
        expect(await look(store)).toEqual(before);
      });
    });

    it.each([
      ["scroll", (call: Call) => store.scroll(call, "docs-1")],
      ["documents", (call: Call) => store.documents(call, "docs-1")],
    ] as const)("in the middle of a %s ends it", async (_method, open) => {
      const { call, abort } = openCall({ principal: living.principal, access: living.access });
      const seen: unknown[] = [];
      const reading = (async () => {
        for await (const item of open(call)) {
          seen.push(item);
          if (seen.length === 3) abort(cancelledError());
        }
      })();
      await expect(reading).rejects.toMatchObject({ code: "cancelled" });
      expect(seen).toHaveLength(3);
    });

    it("does not keep its lease from being given back", async () => {
      const { call, abort } = openCall({ principal: living.principal, access: living.access });
      const lease = await store.lease(call, passFor("docs"));
      abort(cancelledError());
      expect(lease.lost.aborted).toBe(false);
      await expect(store.lease(living, passFor("docs"))).rejects.toMatchObject({ code: "conflict" });
      await lease.release();
      await (await store.lease(living, passFor("docs"))).release();
    });
  });
}

/** Everything that a call could have changed. */
async function look(store: VectorStore): Promise<unknown> {
  // Free, or this throws.
  await (await store.lease(living, passFor("docs"))).release();
  return {
    collections: await store.list(living),
    documents: await collect(store.documents(living, "docs-1")),
    serving: (await store.describe(living, passFor("docs")))?.name,
    plain: await store.describe(living, passFor("plain")),
    snapshots: await store.snapshots(living),
    jobs: await store.jobs(living, 10),
    records: await store.records.list(living, "serving"),
  };
}
