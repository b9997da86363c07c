/** A first build: it answers by words before its vectors are made, and says so until they are. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import { awaitsVectors } from "#src/reindex/document-keys.js";
import type { JobTracker } from "#src/reindex/job-tracker.js";
import { collect } from "../contract/fixtures.js";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, Bench, manyDocuments } from "../support/fixtures.js";

vi.setConfig({ testTimeout: 60_000 });

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const described = () => bench.store.describe(testCall(), passFor(ALIAS));

/** What is found while the first vectors are being made. */
async function midway<T>(look: (tracker: JobTracker) => Promise<T>): Promise<T> {
  let looked: Promise<T> | undefined;
  const { tracker, done } = bench.start();
  bench.onEmbed = async () => {
    looked ??= look(tracker);
    await looked;
  };
  await done;
  bench.onEmbed = () => undefined;
  return looked as Promise<T>;
}

/** A first build that is cut off when so many passages are embedded. */
async function cutOffAfter(passages: number): Promise<void> {
  const caller = new AbortController();
  bench.onEmbed = () => {
    if (bench.embedded.length === passages) caller.abort();
  };
  await expect(bench.start({}, { signal: caller.signal }).done).rejects.toMatchObject({ code: "cancelled" });
  bench.onEmbed = () => undefined;
}

async function ask(query: string) {
  const call = testCall();
  const { passages, mode } = await bench.retrieve({ query, topK: 3 }, call);
  const reasons = call.degraded.map(({ reason }) => reason).filter((reason) => reason !== "pseudo_embeddings");
  return { first: passages[0]?.point.record.document, score: passages[0]?.score ?? 0, mode, reasons };
}

describe("a first build", () => {
  it("answers by words while vectors are made, says so, and is whole at its end", async () => {
    bench.sources.set("notes", manyDocuments(300));
    const during = await midway(async () => ({ info: await described(), answer: await ask("topic123") }));
    expect(during.info).toMatchObject({ serving: true, state: "embedding", documents: 300 });
    expect(during.answer).toMatchObject({ first: "topic-123", mode: "hybrid", reasons: ["partly_embedded"] });
    expect(await described()).toMatchObject({ serving: true, state: "ready", documents: 300, points: 300 });
    const after = await ask("topic123");
    expect(after).toMatchObject({ first: "topic-123", reasons: [] });
  });

  it("counts documents once, and tells how many have vectors", async () => {
    bench.sources.set("notes", manyDocuments(300));
    const during = await midway(async ({ job }) => ({ phase: job.phase, ...job.documents }));
    expect(during).toMatchObject({ phase: "embedding", seen: 300, added: 300, embedded: 0, total: 300 });
  });

  it("finds by meaning what has its vectors, beside what has none", async () => {
    bench.sources.set("notes", manyDocuments(600));
    await cutOffAfter(400);
    const call = testCall();
    const found = await bench.retrieve({ query: "About topic1 and nothing else.", mode: "dense", topK: 1_000 }, call);
    expect(found.passages.length).toBeGreaterThan(0);
    expect(found.passages.length).toBeLessThan(600);
    expect(call.degraded.map(({ reason }) => reason)).toContain("partly_embedded");
  });

  it("that is cut off goes on where it stopped, without reading or embedding anything twice", async () => {
    bench.sources.set("notes", manyDocuments(600));
    await cutOffAfter(400);
    const info = await described();
    expect(info).toMatchObject({ state: "embedding", documents: 600 });
    const target = info?.name as string;
    const records = await collect(bench.store.documents(testCall(), target));
    const waiting = records.filter(awaitsVectors).length;
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThan(600);
    bench.embedded = [];
    const job = await bench.start().done;
    expect(job).toMatchObject({ target, documents: { added: 0, changed: 0, unchanged: 600, embedded: 600 } });
    expect(bench.embedded).toHaveLength(waiting);
    expect(await described()).toMatchObject({ state: "ready", documents: 600, points: 600 });
  });

  it("is made whole by the run of another source too", async () => {
    bench.sources.set("notes", manyDocuments(300));
    await cutOffAfter(1);
    await bench.index(manyDocuments(5, "other"), { source: "other" });
    expect(await described()).toMatchObject({ state: "ready", documents: 305 });
    bench.embedded = [];
    const job = await bench.start().done;
    expect(job).toMatchObject({ documents: { unchanged: 300, changed: 0 } });
    expect(bench.embedded).toEqual([]);
  });

  it("that was replaced before it was whole is dropped", async () => {
    bench.sources.set("notes", manyDocuments(300));
    await cutOffAfter(1);
    const job = await bench.index(manyDocuments(300), { mode: "full" });
    expect(await bench.store.versions(testCall(), passFor(ALIAS))).toMatchObject([
      { name: job.target, state: "ready" },
    ]);
  });

  it("of nothing leaves nothing", async () => {
    bench.sources.set("notes", {});
    await expect(bench.start().done).rejects.toMatchObject({ code: "not_found" });
    expect(await described()).toBeUndefined();
  });

  it("serves nothing before it has passed, where it has to answer questions", async () => {
    bench.sources.set("notes", manyDocuments(3));
    const golden = [{ question: "topic1", documents: ["nowhere"], top: 3 }];
    const during = await new Promise<unknown>((resolve) => {
      bench.onEmbed = async () => resolve(await described());
      void bench.start({ golden }).done.catch(() => undefined);
    });
    expect(during).toBeUndefined();
    await vi.waitFor(async () => expect((await bench.store.jobs(testCall(), 1))[0]?.state).toBe("failed"));
    expect(await described()).toBeUndefined();
  });

  it("that ends between the two is known to lack vectors, and serves with the next run", async () => {
    bench.sources.set("notes", manyDocuments(3));
    const doomed: VectorStore = { ...bench.store, publish: () => Promise.reject(new Error("killed")) };
    await expect(bench.start({}, { store: doomed }).done).rejects.toThrow("killed");
    expect(await described()).toBeUndefined();
    expect(bench.embedded).toEqual([]);
    expect(await bench.start().done).toMatchObject({ documents: { unchanged: 3, embedded: 3 } });
    expect(bench.embedded).toHaveLength(3);
    expect(await described()).toMatchObject({ state: "ready", documents: 3 });
  });
});
