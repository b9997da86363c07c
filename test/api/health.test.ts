import { describe, expect, it } from "vitest";
import { healthOperation } from "#src/api/health/operation.js";
import type { App } from "#src/app/app.js";
import type { AppHealth } from "#src/app/health.js";
import type { CollectionInfo, SourceInfo } from "#src/core/types.js";
import { testCall } from "../support/call.js";

const HEALTHY: AppHealth = {
  state: "ok",
  embedder: { state: "ready", model: "all-MiniLM-L6-v2", device: "cpu" },
  store: { state: "ok", kind: "sqlite", version: "3", location: "here" },
  collections: [],
  jobs: [],
  metrics: { state: "off" },
  spansPath: "spans.jsonl",
  dataFolder: { path: "data" },
  flags: { hybrid: true, rerank: true, expansion: true, pseudo_embeddings: false },
  neverIndexed: [],
  heldRemovals: [],
  refusedRoots: [],
  profiles: ["default"],
  config: { state: "ok", loadedAt: "2026-01-01T00:00:00.000Z", needsRestart: [] },
};

async function check(health: Partial<AppHealth>) {
  const app: Pick<App, "boot" | "health"> = {
    boot: { version: "0.0.0" } as App["boot"],
    health: async () => ({ ...HEALTHY, ...health }),
  };
  const { value, text } = await healthOperation.run(testCall(), app, {});
  expect(healthOperation.output.parse(value)).toEqual(value);
  return { value: value as Record<string, unknown>, text };
}

describe("health", () => {
  it("says off for a part that is not there, and no line about it", async () => {
    const { value, text } = await check({});
    expect(value).toMatchObject({ reranker: { state: "off" }, expander: { state: "off" } });
    expect(text).not.toMatch(/^(reranker|expander):/m);
  });

  it("names the re-ranker's model and the lexicon's version and size", async () => {
    const { value, text } = await check({
      reranker: { state: "downloading", downloadPercent: 40, model: "ms-marco-TinyBERT-L-2-v2", device: "cpu" },
      expander: { state: "ready", strategy: "synonyms", wordnet: { version: "3.1", synsets: 117_791 } },
    });
    expect(value.reranker).toEqual({
      state: "downloading",
      download_percent: 40,
      model: "ms-marco-TinyBERT-L-2-v2",
      device: "cpu",
    });
    expect(value.expander).toMatchObject({ wordnet: { version: "3.1", synsets: 117_791 } });
    expect(text).toContain("reranker: downloading 40 %, ms-marco-TinyBERT-L-2-v2 on cpu\n");
    expect(text).toContain("expander: ready, synonyms, WordNet 3.1 with 117791 synsets\n");
  });

  const info: CollectionInfo = {
    name: "docs_1",
    alias: "docs",
    dimension: 8,
    state: "ready",
    serving: true,
    points: 3,
    documents: 2,
    createdAt: "2026-01-01T00:00:00.000Z",
  };
  const source = (name: string): SourceInfo => ({ id: `file:///${name}`, name, kind: "folder", location: "" });

  it("names the sources of what serves, the first of them where there are many", async () => {
    const { value, text } = await check({
      collections: [{ info, sources: [source("a"), source("b\u202e\nc")] }, { info }],
    });
    expect(value.collections).toMatchObject([
      {
        sources: [
          { name: "a", kind: "folder" },
          { name: "b c", kind: "folder" },
        ],
        sources_total: 2,
      },
      {},
    ]);
    expect(text).toContain("2 documents, 3 passages; sources: a (folder), b c (folder)\n");
    const many = Array.from({ length: 50 }, (_, i) => source(`s${i}`));
    const bounded = await check({ collections: [{ info, sources: many }] });
    expect(bounded.value.collections).toMatchObject([{ sources: { length: 20 }, sources_total: 50 }]);
    expect(bounded.text).toContain("s19 (folder), and 30 more\n");
  });

  it("says what to call where nothing is indexed", async () => {
    const { text } = await check({});
    expect(text).toContain('collection: none yet; call reindex with {"source": "."}, then retrieve\n');
  });

  it("names what is gone and not removed, and the call that removes it", async () => {
    const held = { collection: "docs", source: "a\u202e\nb", documents: 6, of: 10, remedy: 'Call {"mode":"full"}' };
    const { value, text } = await check({ state: "degraded", heldRemovals: [held] });
    expect(value.held_removals).toEqual([{ ...held, source: "a b" }]);
    expect(text).toContain('stale: docs: 6 of 10 documents of "a b" are gone');
    expect(text).toContain('Call {"mode":"full"}');
  });

  it("says what to do about a part that failed", async () => {
    const { text } = await check({
      state: "degraded",
      reranker: { state: "failed", model: "m", device: "cpu", error: "It is gone.", remedy: "Bring it back." },
    });
    expect(text).toContain("reranker: failed, m on cpu\n  It is gone. Bring it back.\n");
  });
});
