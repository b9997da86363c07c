import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { partsHealth } from "#src/app/parts-health.js";
import type { Call } from "#src/core/call.js";
import { AppError, abortReason, raceAbort } from "#src/core/errors.js";
import type { Embedder, VectorStore } from "#src/core/ports.js";
import type { CollectionInfo } from "#src/core/types.js";
import { ANALYSER_VERSION } from "#src/text/analyser.js";
import { spec } from "../contract/fixtures.js";
import { testCall } from "../support/call.js";
import { Bench } from "../support/fixtures.js";

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(async () => {
  vi.useRealTimers();
  await bench.close();
});

const ask = (store: Partial<VectorStore>, call = testCall(), names: readonly string[] = []) =>
  partsHealth(call, {
    embedder: bench.embedder,
    store: { ...bench.store, ...store },
    names,
    isShown: () => true,
    analyser: ANALYSER_VERSION,
  });
interface Silenced {
  readonly store?: Partial<VectorStore>;
  readonly embedder?: Partial<Embedder>;
}
const silent = ({ signal }: Call) =>
  new Promise<never>((_, fail) => {
    signal.addEventListener("abort", () => fail(abortReason(signal)));
  });

it("tells why the store is down, and what to do", async () => {
  const refused = async () => {
    throw new AppError("store_down", "It is refused.", { remedy: "Start it." });
  };
  const { state, store } = await ask({ probe: refused });
  expect(state).toBe("down");
  expect(store).toEqual({ state: "down", error: "It is refused.", remedy: "Start it." });
});

it.each([
  ["to its probe", { probe: silent }],
  ["about its collections", { list: silent }],
])("waits 5 s at most for a store that says nothing %s", async (_what, store) => {
  await bench.embedder.warmUp(testCall());
  vi.useFakeTimers();
  const answer = ask(store);
  await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThan(0));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(await answer).toMatchObject({
    state: "down",
    store: { state: "down", error: expect.stringMatching(/within 5\.0 s/) },
  });
});

it.each([
  ["a store that says nothing", { store: { probe: silent } }, { store: { state: "down" } }],
  ["a model that does not load", { embedder: { warmUp: silent } }, { state: "ok" }],
  ["a model that does not say which it is", { embedder: { fingerprint: silent } }, { state: "ok" }],
  [
    "all of them",
    { store: { probe: silent }, embedder: { warmUp: silent, fingerprint: silent } },
    { state: "down", store: { state: "down" } },
  ],
])("answers before its deadline: %s", async (_what, { store, embedder }: Silenced, found) => {
  const { degraded: _, ...model } = bench.embedder;
  bench.embedder = { ...model, ...embedder };
  await bench.store.probe(testCall()); // opens it
  const call = testCall({ timeoutMs: 1_000 });
  expect(await raceAbort(ask(store ?? {}, call), call.signal)).toMatchObject(found);
});

it("tells the sources of what serves where they are known, and looks through no documents for them", async () => {
  const source = { id: "file:///a", name: "a", kind: "folder", location: "file:///a" } as const;
  const info = (name: string, change: Partial<CollectionInfo>): CollectionInfo => {
    const counts = { points: 1, documents: 1, dimension: 8, createdAt: "2026-01-01T00:00:00.000Z" };
    return { name, alias: name, spec: spec(name), state: "ready", serving: true, ...counts, ...change };
  };
  const listed = [
    info("kept", { sources: [source] }),
    info("older", {}),
    info("kept-1", { sources: [], serving: false }),
  ];
  const { collections } = await ask({
    list: async () => listed,
    documents() {
      throw new Error("looked through");
    },
  });
  expect(collections.map(({ sources }) => sources)).toEqual([[source], undefined, undefined]);
});

it("tells of a collection that configuration names and something else made, as a call would find it", async () => {
  const { degraded: _, ...embedder } = bench.embedder;
  bench.embedder = embedder;
  const foreign = { name: "theirs", alias: "theirs", state: "ready", serving: false, points: 3, documents: 3 } as const;
  const made = { ...foreign, dimension: 384, createdAt: new Date(0).toISOString() };
  const told = async (info: CollectionInfo) =>
    await ask({ describe: async (_call, { name }) => (name === "theirs" ? info : undefined) }, testCall(), [
      "theirs",
      "absent",
    ]);
  expect(await told(made)).toMatchObject({ state: "ok", collections: [{ info: { name: "theirs" }, matches: true }] });
  for (const wrong of [{ dimension: 8 }, { unsearchable: "it has no dense vector" }]) {
    expect(await told({ ...made, ...wrong })).toMatchObject({ state: "degraded", collections: [{ matches: false }] });
  }
});

it("says of no collection that it fits or not when there is no model", async () => {
  await bench.index({ a: "text" });
  bench.embedder = { ...bench.embedder, fingerprint: () => Promise.reject(new Error("none")) };
  const [collection] = (await ask({})).collections;
  expect(collection).toMatchObject({ info: { serving: true } });
  expect(collection?.matches).toBeUndefined();
});

it("ends with its caller's reason when that comes first", async () => {
  const abort = new AbortController();
  const answer = ask({ probe: silent }, testCall({ signal: abort.signal }));
  abort.abort();
  await expect(answer).rejects.toMatchObject({ code: "cancelled" });
});

describe("a model that does not load", () => {
  const broken = { error: "There is no CUDA.", remedy: "Set EMBEDDING_DEVICE=cpu." };
  const breakModel = () => {
    const { degraded: _, ...embedder } = bench.embedder;
    const refuse = () => Promise.reject(new AppError("config", broken.error, { remedy: broken.remedy }));
    const status = () => ({ state: "failed", model: "m", device: "cuda", ...broken }) as const;
    bench.embedder = { ...embedder, status, warmUp: refuse, fingerprint: refuse };
  };

  it("leaves the server degraded while a collection answers by its words, and says why", async () => {
    await bench.index({ a: "text" });
    breakModel();
    expect(await ask({})).toMatchObject({ state: "degraded", embedder: { state: "failed", ...broken } });
  });

  it("is down when nothing is indexed", async () => {
    breakModel();
    expect((await ask({})).state).toBe("down");
  });

  it.each([
    ["is damaged", { state: "damaged" }],
    ["does not serve", { serving: false }],
    ["has no words", { denseOnly: true }],
    ["cannot be searched", { unsearchable: "it has no vector" }],
    ["something else made", { spec: undefined }],
  ] as const)("is down when all there is %s", async (_what, change) => {
    await bench.index({ a: "text" });
    const [made] = await bench.store.list(testCall());
    breakModel();
    const list = async () => [{ ...made, ...change } as CollectionInfo];
    expect((await ask({ list })).state).toBe("down");
  });

  it("is down when a question's words are read otherwise than those of the collection", async () => {
    await bench.index({ a: "text" });
    breakModel();
    const parts = { embedder: bench.embedder, store: bench.store, names: [], isShown: () => true };
    expect((await partsHealth(testCall(), { ...parts, analyser: "another" })).state).toBe("down");
  });
});
