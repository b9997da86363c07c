/** What a caller sees of a version on the real store. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Access } from "#src/core/access.js";
import type { CollectionInfo, SourceInfo } from "#src/core/types.js";
import { asSeen, visibleDocuments, visibleTo } from "#src/versions/visible.js";
import { collect } from "../contract/fixtures.js";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, Bench } from "../support/fixtures.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const OURS = "file:///ws/ours";
const THEIRS = "file:///ws/theirs";
const source = (location: string): SourceInfo => ({ id: location, name: location.slice(-6), kind: "folder", location });
const within = (...roots: string[]) => testCall({ access: Access.to([ALIAS], async () => roots) });

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
  await bench.index({ "notes.md": "Our keys are rotated.", "more.md": "More of our keys." }, { source: OURS });
});
afterEach(() => bench.close());

const theyIndex = () => bench.index({ "secret.md": "The secret keys of others." }, { source: THEIRS });
const serving = async () => (await bench.store.describe(testCall(), passFor(ALIAS))) as CollectionInfo;

describe("a caller", () => {
  it("in whose roots everything lies is given no scope: nothing is asked of the store for it", async () => {
    const count = vi.fn(bench.store.count);
    const store = { ...bench.store, count };
    const info = await serving();
    for (const call of [testCall(), within("/ws"), within("/ws/ours", "/elsewhere")]) {
      const visible = await visibleTo(call, store, info);
      expect(visible).toMatchObject({ sources: [{ id: OURS }] });
      expect(visible.scope).toBeUndefined();
      expect(await asSeen(call, store, info, visible)).toBe(info);
    }
    expect(count).not.toHaveBeenCalled();
  });

  it("of whom others come to index is told nothing of them, on versions without kept sources too", async () => {
    const call = within("/ws/ours");
    expect((await visibleTo(call, bench.store, await serving())).scope).toBeUndefined();
    await theyIndex();
    const info = await serving();
    const visible = await visibleTo(call, bench.store, info);
    expect(visible).toMatchObject({ sources: [{ id: OURS }], scope: [{ source: OURS }] });
    expect(await asSeen(call, bench.store, info, visible)).toMatchObject({ points: 2, documents: 2 });
    expect(visible.hasAllOf(OURS)).toBe(true);
    expect(visible.hasAllOf(THEIRS)).toBe(false);
  });

  it("who sees a source in part is not told how much of it is held back", async () => {
    const held = [{ at: OURS, documents: 3, of: 5 }];
    await bench.store.keepSources(testCall(), (await serving()).name, [{ ...source(OURS), held }]);
    const info = await serving();
    const heldOf = async (root: string) =>
      (await visibleTo(within(root), bench.store, info)).sources.map((each) => each.held);
    expect(await heldOf("/ws/ours")).toEqual([held]);
    expect(await heldOf("/ws/ours/sub")).toEqual([undefined]);
  });

  it("is not shown a source that was written after the version was looked at, or that nobody kept", async () => {
    await theyIndex();
    await bench.store.keepSources(testCall(), (await serving()).name, [source(OURS)]);
    const call = within("/ws/ours");
    const info = await serving();
    const { scope, has } = await visibleTo(call, bench.store, info);
    expect(scope).toBeUndefined();
    expect(has({ source: OURS, document: "notes.md" })).toBe(true);
    expect(has({ source: THEIRS, document: "secret.md" })).toBe(false);
    const seen = ["more.md", "notes.md"];
    expect((await collect(visibleDocuments(call, bench.store, info))).map(({ document }) => document)).toEqual(seen);
    const { passages } = await bench.retrieve({ query: "secret keys of others" }, call);
    expect(passages.map(({ point }) => point.record.document).sort()).toEqual(seen);
  });

  it("finds what is visible however much of others fits better", async () => {
    const better = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`${i}.md`, `Secret keys, number ${i}.`]));
    await bench.index(better, { source: THEIRS });
    const found = await bench.retrieve({ query: "secret keys" }, within("/ws/ours"), {}, { candidates: 5 });
    expect(found.passages.map(({ point }) => point.record.document).sort()).toEqual(["more.md", "notes.md"]);
  });

  it("is told why nothing is found: the scope first, then filter and score", async () => {
    await theyIndex();
    const reason = async (root: string, request: object = {}) =>
      (await bench.retrieve({ query: "keys", ...request }, within(root))).emptyReason;
    expect(await reason("/ws/nobody")).toBe("out_of_scope");
    expect(await reason("/ws/nobody", { filter: { document: "secret.md" } })).toBe("out_of_scope");
    expect(await reason("/ws/ours", { filter: { document: "secret.md" } })).toBe("filtered_out");
    expect(await reason("/ws/ours", { filter: { source: THEIRS } })).toBe("filtered_out");
    expect(await reason("/ws/ours", { minScore: 1 })).toBe("below_min_score");
    expect(await reason("/ws/ours", { query: "secret", mode: "lexical" })).toBe("no_match");
    expect(await reason("/ws/ours")).toBeUndefined();
  });
});

it("a version that is damaged names no sources, and is described all the same", async () => {
  const info: CollectionInfo = { ...(await serving()), state: "damaged", points: 0, documents: 0, sources: undefined };
  const visible = await visibleTo(within("/ws/ours"), bench.store, info);
  expect(visible.sources).toEqual([]);
  expect(await asSeen(within("/ws/ours"), bench.store, info, visible)).toMatchObject({ state: "damaged", points: 0 });
});
