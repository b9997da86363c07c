import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import { unpackTokens } from "#src/core/token-vectors.js";
import { startReindex } from "#src/reindex/reindex.js";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, Bench, manyDocuments } from "../support/fixtures.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

/** Complete versions kept for rollback, the serving one included: documented in README and runbook. */
const VERSIONS_KEPT = 3;

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

describe("an incremental run", () => {
  it("builds a collection where there was none, and serves it", async () => {
    const job = await bench.index(manyDocuments(5));
    expect(job).toMatchObject({ state: "done", phase: "finished", chunks: 5, points: 5, vectorSize: 384 });
    expect(job.documents).toMatchObject({ seen: 5, added: 5, changed: 0, unchanged: 0, removed: 0, total: 5 });
    expect(await bench.serving()).toBe(job.target);
    expect(await bench.documents()).toHaveLength(5);
  });

  it("embeds nothing when nothing changed", async () => {
    const first = await bench.index(manyDocuments(5));
    bench.embedded = [];
    const second = await bench.index(manyDocuments(5));
    expect(bench.embedded).toEqual([]);
    expect(second.documents).toMatchObject({ added: 0, changed: 0, unchanged: 5, removed: 0 });
    expect(second.chunks).toBe(0);
    expect(second.target).toBe(first.target);
  });

  it("embeds only what changed or is new, and removes what is gone", async () => {
    await bench.index(manyDocuments(6));
    bench.embedded = [];
    const { "topic-005": _, ...rest } = manyDocuments(6);
    const job = await bench.index({ ...rest, "topic-001": "Rewritten from scratch.", new: "Fresh words." });
    expect([...bench.embedded].sort()).toEqual(["Fresh words.", "Rewritten from scratch."]);
    expect(job.documents).toMatchObject({ added: 1, changed: 1, unchanged: 4, removed: 1 });
    expect(await bench.documents()).not.toContain("notes/topic-005");
    const { passages } = await bench.retrieve({ query: "rewritten scratch" });
    expect(passages[0]?.point).toMatchObject({ text: "Rewritten from scratch." });
  });

  it("sees changed metadata as a change", async () => {
    await bench.index({ a: { text: "same text", metadata: { year: 1 } }, b: "other" });
    const job = await bench.index({ a: { text: "same text", metadata: { year: 2 } }, b: "other" });
    expect(job.documents).toMatchObject({ changed: 1, unchanged: 1 });
  });

  it("may remove exactly half", async () => {
    await bench.index(manyDocuments(10));
    expect((await bench.index(manyDocuments(5))).documents.removed).toBe(5);
  });

  it("prunes only its own source", async () => {
    await bench.index(manyDocuments(4), { source: "notes" });
    await bench.index({ w1: "wiki page one", w2: "wiki page two" }, { source: "wiki" });
    await bench.index(manyDocuments(3), { source: "notes" });
    expect(await bench.documents()).toEqual([
      "notes/topic-000",
      "notes/topic-001",
      "notes/topic-002",
      "wiki/w1",
      "wiki/w2",
    ]);
  });

  it("takes a large document a slice at a time, one such document at once, and tells how far it is", async () => {
    // Each line is a chunk of its own: two of them are more than a chunk holds.
    const words = (seed: string) => Array.from({ length: 180 }, (_, i) => `${seed}${i}`).join(" ");
    const large = (name: string) => Array.from({ length: 1_100 }, (_, i) => words(`${name}${i}x`)).join("\n\n");
    let most = 0;
    let first = "";
    const mixed: string[] = [];
    const { embedder } = bench;
    bench.embedder = {
      ...embedder,
      async embed(call, texts, role) {
        most = Math.max(most, texts.length);
        const of = texts[0]?.includes("alpha") ? "alpha" : "beta";
        if (first !== of) mixed.push(of);
        first = of;
        await new Promise((done) => setTimeout(done, 1));
        return embedder.embed(call, texts, role);
      },
    };
    const told: string[] = [];
    bench.sources.set("notes", { alpha: large("alpha"), beta: large("beta") });
    const request = { source: "notes", target: passFor(ALIAS), mode: "incremental", dryRun: false } as const;
    const onProgress = ({ message }: { message: string }) => void told.push(message);
    const job = await startReindex(testCall({ onProgress }), bench.parts(), request).done;
    expect(job.chunks).toBeGreaterThan(2_200);
    expect(most).toBe(256);
    expect(mixed).toHaveLength(2);
    expect(told).toContainEqual(expect.stringMatching(/^embedding: .* 256 chunks/));
  });

  it("stores text with NUL or half of a character cleaned, and leaves out what such a name names", async () => {
    const job = await bench.index({
      odd: { text: "keys \u0000 rotate \ud800 daily", metadata: { "a\u0000b": "c\udc00" } },
      "na\u0000me": "text",
      good: "text",
    });
    expect(job).toMatchObject({ documents: { added: 2 }, skippedTotal: 1 });
    const [passage] = (await bench.retrieve({ query: "keys rotate" })).passages;
    expect(passage?.point.text).toBe("keys \ufffd rotate \ufffd daily");
    expect(passage?.point.record.metadata).toEqual({ "a\ufffdb": "c\ufffd" });
  });

  it("leaves a document out that its parser refuses, and removes its earlier version", async () => {
    await bench.index({ a: "some text", b: "other text" });
    for (const mode of ["incremental", "full"] as const) {
      const job = await bench.index({ a: { refused: "password-protected" }, b: "other text" }, { mode });
      expect(job).toMatchObject({
        state: "done",
        skippedTotal: 1,
        skipped: [{ document: "a", reason: "password-protected" }],
        failedTotal: 0,
        points: 1,
      });
    }
  });

  it("keeps the earlier version of a document that cannot be read now, and reports it", async () => {
    await bench.index({ a: "first version", b: "other text" });
    const job = await bench.index({ a: { kind: "failed", reason: "permission denied" }, b: "other text" });
    expect(job).toMatchObject({
      state: "done",
      failedTotal: 1,
      failed: [{ document: "a", reason: "permission denied" }],
    });
    expect(await bench.documents()).toEqual(["notes/a", "notes/b"]);
  });

  it("after a rollback changes the version that serves, not the newest", async () => {
    const old = await bench.index(manyDocuments(2));
    await bench.index(manyDocuments(3), { mode: "full" });
    await bench.store.repoint(testCall(), passFor(ALIAS), old.target as string);
    const job = await bench.index(manyDocuments(4));
    expect(job.target).toBe(old.target);
    expect(job.documents).toMatchObject({ added: 2, unchanged: 2 });
  });
});

describe("a run that finds no document", () => {
  it("is an error that says why they were left out", async () => {
    const skipped = { x: { kind: "skipped", reason: "binary" }, y: { kind: "skipped", reason: "too large" } } as const;
    await expect(bench.index(skipped)).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringMatching(/2 left out.*x: binary/),
    });
    expect(await bench.serving()).toBeUndefined();
    const [job] = await bench.store.jobs(testCall(), 1);
    expect(job).toMatchObject({
      state: "failed",
      skippedTotal: 2,
      skipped: [
        { document: "x", reason: "binary" },
        { document: "y", reason: "too large" },
      ],
    });
  });

  it("where there were some says what was left out, and keeps those", async () => {
    await bench.index({ a: "text" });
    for (const left of [{ kind: "skipped", reason: "binary" } as const, { kind: "failed", reason: "busy" } as const]) {
      const job = await bench.index({ x: left });
      expect(job).toMatchObject({ state: "done", documents: { seen: 0, removed: 0, held: 1 } });
      expect(job[`${left.kind}Total`]).toBe(1);
      expect(await bench.documents()).toEqual(["notes/a"]);
    }
  });

  it("leaves no source behind", async () => {
    await bench.index({ a: "text" });
    await expect(bench.index({}, { source: "empty" })).rejects.toMatchObject({ code: "not_found" });
    const info = await bench.store.describe(testCall(), passFor(ALIAS));
    expect(info?.sources?.map(({ name }) => name)).toEqual(["notes"]);
  });

  it("says so of an empty source", async () => {
    await expect(bench.index({})).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringContaining("it is empty"),
    });
    expect(await bench.serving()).toBeUndefined();
  });
});

describe("a full run", () => {
  it("builds a new version, keeps other sources' documents, and embeds what is new", async () => {
    const first = await bench.index(manyDocuments(3));
    await bench.index({ w1: "wiki page" }, { source: "wiki" });
    bench.embedded = [];
    const job = await bench.index({ ...manyDocuments(2), extra: "one more" }, { mode: "full" });
    expect(job.target).not.toBe(first.target);
    expect(job.previousCollection).toBe(first.target);
    expect(await bench.serving()).toBe(job.target);
    expect(await bench.documents()).toEqual(["notes/extra", "notes/topic-000", "notes/topic-001", "wiki/w1"]);
    expect(bench.embedded).toEqual(["one more"]);
  });

  it("may remove more than half", async () => {
    await bench.index(manyDocuments(10));
    await bench.index(manyDocuments(1), { mode: "full" });
    expect(await bench.documents()).toEqual(["notes/topic-000"]);
  });

  it("keeps a document of its source that cannot be read now", async () => {
    await bench.index({ a: "first version", b: "other text" });
    const job = await bench.index({ a: { kind: "failed", reason: "busy" }, b: "other text" }, { mode: "full" });
    expect(job.failedTotal).toBe(1);
    expect(await bench.documents()).toEqual(["notes/a", "notes/b"]);
  });

  it(`keeps ${VERSIONS_KEPT} versions and drops older ones`, async () => {
    const targets: string[] = [];
    for (let i = 0; i < VERSIONS_KEPT + 2; i++) {
      targets.push((await bench.index({ a: `text ${i}` }, { mode: "full" })).target as string);
    }
    const kept = (await bench.store.versions(testCall(), passFor(ALIAS))).map(({ name }) => name);
    expect(new Set(kept)).toEqual(new Set(targets.slice(-VERSIONS_KEPT)));
    expect(await bench.serving()).toBe(targets.at(-1));
  });
});

describe("an interrupted build", () => {
  it("leaves the alias, and goes on later without embedding again what was written", async () => {
    const first = await bench.index({ a: "served meanwhile" });
    const caller = new AbortController();
    const documents = manyDocuments(2_500);
    bench.sources.set("notes", documents);
    bench.embedded = [];
    const running = bench.start({ mode: "full" }, { signal: caller.signal });
    bench.onEmbed = () => {
      if (running.tracker.job.chunks >= 100) caller.abort();
    };
    await expect(running.done).rejects.toMatchObject({ code: "cancelled" });
    expect(await bench.serving()).toBe(first.target);
    const [job] = await bench.store.jobs(testCall(), 1);
    expect(job).toMatchObject({ state: "cancelled" });
    const building = (await bench.store.versions(testCall(), passFor(ALIAS))).find(({ state }) => state === "building");
    const written = building?.documents ?? 0;
    expect(written).toBeGreaterThanOrEqual(100);

    bench.onEmbed = () => undefined;
    bench.embedded = [];
    const resumed = await bench.start({ mode: "full" }).done;
    expect(resumed.target).toBe(building?.name);
    expect(resumed.documents).toMatchObject({ added: 2_500 - written, unchanged: written });
    expect(bench.embedded).toHaveLength(2_500 - written);
    expect(await bench.documents()).toHaveLength(2_500);
  });

  it("that serves is done, though an old version cannot be dropped now", async () => {
    for (let i = 0; i < VERSIONS_KEPT; i++) await bench.index(manyDocuments(2), { mode: "full" });
    const stuck: VectorStore = { ...bench.store, drop: () => Promise.reject(new Error("busy")) };
    const job = await bench.start({ mode: "full" }, { store: stuck }).done;
    expect(job).toMatchObject({ state: "done", target: await bench.serving() });
    expect(await bench.store.versions(testCall(), passFor(ALIAS))).toHaveLength(VERSIONS_KEPT + 1);
    await bench.index(manyDocuments(2), { mode: "full" });
    expect(await bench.store.versions(testCall(), passFor(ALIAS))).toHaveLength(VERSIONS_KEPT);
  });

  it("that goes on leaves out what another source has no more", async () => {
    const other = { source: "other" };
    await bench.index(manyDocuments(4, "other"), other);
    await bench.index(manyDocuments(3));
    const doomed: VectorStore = { ...bench.store, publish: () => Promise.reject(new Error("killed")) };
    await expect(bench.start({ mode: "full" }, { store: doomed }).done).rejects.toThrow();
    const { "other-001": _, ...kept } = manyDocuments(4, "other");
    await bench.index(kept, other);
    const job = await bench.start({ mode: "full" }).done;
    expect(job).toMatchObject({ state: "done", points: 6 });
    expect(await bench.documents()).not.toContain("other/other-001");
  });

  it("of another model is abandoned", async () => {
    const caller = new AbortController();
    bench.onEmbed = () => {
      if (bench.embedded.length === 250) caller.abort();
    };
    bench.sources.set("notes", manyDocuments(300));
    await bench.start({}, { signal: caller.signal }).done.catch(() => undefined);
    bench.onEmbed = () => undefined;
    bench.useModel("2");
    const job = await bench.index(manyDocuments(2));
    expect(await bench.store.versions(testCall(), passFor(ALIAS))).toEqual([
      expect.objectContaining({ name: job.target, state: "ready", documents: 2 }),
    ]);
  });

  it("is refused while another writer has the alias", async () => {
    const lease = await bench.store.lease(testCall(), passFor(ALIAS));
    await expect(bench.index({ a: "text" })).rejects.toMatchObject({ code: "conflict" });
    await lease.release();
    expect((await bench.index({ a: "text" })).state).toBe("done");
  });
});

describe("verification", () => {
  /** The store, its `describe` of a version that is being built telling something else. */
  function lying(lie: Record<string, unknown>): VectorStore {
    return {
      ...bench.store,
      async describe(call, pass) {
        const info = await bench.store.describe(call, pass);
        return info?.state === "building" ? { ...info, ...lie } : info;
      },
    };
  }

  it.each([
    ["a number of documents that was not written", { documents: 1 }, "1 documents instead of 2"],
    ["vectors of another size", { dimension: 3 }, "3 dimensions"],
    ["no fingerprint", { spec: undefined }, "fingerprint"],
  ])("that finds %s fails the job and leaves the alias", async (_, lie, message) => {
    const first = await bench.index({ a: "served" });
    bench.sources.set("notes", { a: "new", b: "version" });
    await expect(bench.start({ mode: "full" }, { store: lying(lie) }).done).rejects.toMatchObject({
      code: "store_down",
      message: expect.stringContaining(message),
    });
    expect(await bench.serving()).toBe(first.target);
    expect((await bench.retrieve({ query: "served" })).passages[0]?.point.text).toBe("served");
  });

  it("that does not find a written point again fails the job and leaves the alias", async () => {
    const first = await bench.index({ a: "served" });
    bench.sources.set("notes", { a: "new", b: "version" });
    const forgetful: VectorStore = { ...bench.store, read: async () => [] };
    await expect(bench.start({ mode: "full" }, { store: forgetful }).done).rejects.toMatchObject({
      code: "store_down",
    });
    expect(await bench.serving()).toBe(first.target);
  });

  it("that finds another vector at a point fails the job and leaves the alias", async () => {
    const first = await bench.index({ a: "served" });
    bench.sources.set("notes", { a: "new words", b: "version" });
    const blind: VectorStore = { ...bench.store, search: async () => [] };
    await expect(bench.start({ mode: "full" }, { store: blind }).done).rejects.toMatchObject({
      message: expect.stringContaining("does not find itself"),
    });
    expect(await bench.serving()).toBe(first.target);
  });
});

/** How many token vectors each passage has. */
async function storedTokens(): Promise<(number | undefined)[]> {
  const counts: (number | undefined)[] = [];
  for await (const { tokens } of bench.store.scroll(
    testCall(),
    (await bench.serving()) as string,
    {},
    { tokens: true },
  )) {
    counts.push(tokens && unpackTokens(tokens)?.words);
  }
  return counts;
}

describe("re-embedding a collection", () => {
  it("makes a version for another model from the stored text alone", async () => {
    const first = await bench.index({ a: "alpha words", b: { text: "beta words", metadata: { year: 3 } } });
    bench.useModel("2");
    bench.embedded = [];
    const job = await bench.start({ source: `collection:${ALIAS}`, mode: "full" }).done;
    expect([...bench.embedded].sort()).toEqual(["alpha words", "beta words"]);
    expect(job.target).not.toBe(first.target);
    expect((await bench.store.describe(testCall(), passFor(ALIAS)))?.spec?.fingerprint.model).toBe("test/model-2");
    const { passages } = await bench.retrieve({ query: "beta", filter: { year: 3 } });
    expect(passages.map(({ point }) => point.text)).toEqual(["beta words"]);
    expect(await bench.documents()).toEqual(["notes/a", "notes/b"]);
  });

  it("with the same model keeps token vectors, and computes those that were never there", async () => {
    await bench.index({ a: "alpha words" });
    expect(await storedTokens()).toEqual([undefined]);
    bench.useTokens();
    await bench.start({ source: `collection:${ALIAS}`, mode: "full" }).done;
    expect(await storedTokens()).toEqual(["alpha words".length]);
    bench.embedded = [];
    await bench.start({ source: `collection:${ALIAS}`, mode: "full" }).done;
    expect(await storedTokens()).toEqual(["alpha words".length]);
    expect(bench.embedded).toEqual([]);
  });

  it("computes token vectors again that nothing reads any more", async () => {
    const { embedder } = bench;
    bench.useTokens((packed) => packed.with(0, 0));
    await bench.index({ a: "alpha words" });
    expect(await storedTokens()).toEqual([undefined]);
    bench.embedder = embedder;
    bench.useTokens();
    await bench.start({ source: `collection:${ALIAS}`, mode: "full" }).done;
    expect(await storedTokens()).toEqual(["alpha words".length]);
  });

  it("with the same model keeps the vectors", async () => {
    await bench.index({ a: "alpha words" });
    bench.embedded = [];
    await bench.start({ source: `collection:${ALIAS}`, mode: "full" }).done;
    expect(bench.embedded).toEqual([]);
  });

  it("of one that is not there is not_found", async () => {
    await expect(bench.start({ source: "collection:nothing" }).done).rejects.toMatchObject({ code: "not_found" });
  });

  it("leaves a later incremental run of the source nothing to do", async () => {
    await bench.index(manyDocuments(3));
    bench.useModel("2");
    await bench.start({ source: `collection:${ALIAS}`, mode: "full" }).done;
    bench.embedded = [];
    expect((await bench.index(manyDocuments(3))).documents).toMatchObject({ unchanged: 3 });
    expect(bench.embedded).toEqual([]);
  });
});

describe("a dry run", () => {
  it("counts what would change and writes nothing", async () => {
    const first = await bench.index(manyDocuments(4));
    const jobs = await bench.store.jobs(testCall(), 10);
    bench.embedded = [];
    const { "topic-003": _, ...rest } = manyDocuments(4);
    const job = await bench.index({ ...rest, "topic-000": "changed", new: "new" }, { dryRun: true });
    expect(job).toMatchObject({ state: "done", dryRun: true, chunks: 0 });
    expect(job.documents).toMatchObject({ seen: 4, added: 1, changed: 1, unchanged: 2, removed: 1 });
    expect(bench.embedded).toEqual([]);
    expect(await bench.serving()).toBe(first.target);
    expect(await bench.documents()).toHaveLength(4);
    expect(await bench.store.jobs(testCall(), 10)).toEqual(jobs);
  });

  it("of a first index creates no collection", async () => {
    const job = await bench.index(manyDocuments(2), { dryRun: true });
    expect(job.documents).toMatchObject({ added: 2 });
    expect(await bench.store.list(testCall())).toEqual([]);
  });
});
