import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { CollectionPass } from "#src/core/access.js";
import type { Call } from "#src/core/call.js";
import type { VectorStore } from "#src/core/ports.js";
import type { CollectionInfo } from "#src/core/types.js";
import { resolveServing } from "#src/retrieve/serving.js";
import { ANALYSER_VERSION } from "#src/text/analyser.js";
import { rollback } from "#src/versions/rollback.js";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, Bench } from "../support/fixtures.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let bench: Bench;
beforeEach(async () => {
  bench = await Bench.open();
});
afterEach(() => bench.close());

const resolve = async (store: VectorStore = bench.store, analyser = ANALYSER_VERSION) =>
  resolveServing(testCall(), store, passFor(ALIAS), {
    fingerprint: await bench.embedder.fingerprint(testCall()),
    analyser,
  });

describe("the version that serves", () => {
  it("is the alias's own when it fits the model", async () => {
    const job = await bench.index({ a: "text" });
    const { collection, degraded } = await resolve();
    expect(collection.name).toBe(job.target);
    expect(degraded).toBeUndefined();
  });

  it("is a retained one when the configured model is an earlier one: stale_version", async () => {
    const first = await bench.index({ a: "made with model one" });
    bench.useModel("2");
    await bench.index({ a: "made with model two" }, { mode: "full" });
    bench.useModel("1");
    const { collection, degraded } = await resolve();
    expect(collection.name).toBe(first.target);
    expect(degraded).toBe("stale_version");
    const call = testCall();
    const { passages } = await bench.retrieve({ query: "made with model" }, call);
    expect(passages[0]?.point.text).toBe("made with model one");
    expect(call.degraded).toContainEqual({ stage: "search", reason: "stale_version" });
  });

  it("is searched by its words alone when no version fits: why, with both models and the command", async () => {
    const { target } = await bench.index({ a: "text" });
    bench.useModel("2");
    const { collection, lexicalOnly } = await resolve();
    expect(collection.name).toBe(target);
    expect(lexicalOnly).toMatchObject({
      code: "mismatch",
      message: expect.stringMatching(/model-1@11111111.*model-2@22222222/),
      remedy: expect.stringContaining(`aura-retrieval index collection:${ALIAS} --collection ${ALIAS} --full`),
    });
  });

  it("is the one that serves where only the analyser differs, and says so", async () => {
    const { target } = await bench.index({ a: "text" });
    const { collection, ...found } = await resolve(bench.store, "another-analyser");
    expect(collection.name).toBe(target);
    expect(found).toEqual({ degraded: "stale_version", detail: expect.stringContaining("the next run of reindex") });
  });

  it("is none where the analyser differs and no model can be asked", async () => {
    await bench.index({ a: "text" });
    bench.useModel("2");
    await expect(resolve(bench.store, "another-analyser")).rejects.toMatchObject({ code: "mismatch" });
  });

  it("is never one that is still being built", async () => {
    const { target } = await bench.index({ a: "text" });
    bench.useModel("2");
    const spec = {
      alias: ALIAS,
      analyser: ANALYSER_VERSION,
      fingerprint: await bench.embedder.fingerprint(testCall()),
    };
    await bench.store.create(testCall(), `${ALIAS}_half`, spec);
    const { collection, lexicalOnly } = await resolve();
    expect(collection.name).toBe(target);
    expect(lexicalOnly).toMatchObject({ code: "mismatch" });
  });

  it("is an error while the alias points at a damaged one, and a full reindex or a rollback replaces it", async () => {
    const first = await bench.index({ a: "text" });
    const broken = await bench.index({ a: "other" }, { mode: "full" });
    const damaged: VectorStore = Object.assign(Object.create(bench.store) as VectorStore, {
      describe: async (call: Call, pass: CollectionPass) => {
        const info = await bench.store.describe(call, pass);
        return info && info.name === broken.target ? { ...info, state: "damaged" as const } : info;
      },
    });
    await expect(resolve(damaged)).rejects.toMatchObject({
      code: "store_down",
      remedy: expect.stringContaining("rollback"),
    });
    expect(await rollback(testCall(), bench.store, passFor(ALIAS))).toEqual({ from: broken.target, to: first.target });
    expect((await resolve()).collection.name).toBe(first.target);
  });

  it("without a fingerprint serves when its dimension fits, and says so", async () => {
    await bench.index({ a: "text" });
    const foreign = (dimension: number): VectorStore => ({
      ...bench.store,
      async describe(call, pass) {
        const { spec: _, ...info } = (await bench.store.describe(call, pass)) as CollectionInfo;
        return { ...info, dimension };
      },
      versions: async () => [],
    });
    expect((await resolve(foreign(384))).degraded).toBe("unverified_fingerprint");
    await expect(resolve(foreign(768))).rejects.toMatchObject({
      code: "mismatch",
      message: expect.stringContaining("has vectors of 768 dimensions"),
    });
  });
});
