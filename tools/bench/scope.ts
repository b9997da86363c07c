/** Retrieval by a caller who sees all, all but the rest, or a tenth of a collection, against one who is not confined. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadConfig } from "../../src/config/load.js";
import { Access } from "../../src/core/access.js";
import type { Call } from "../../src/core/call.js";
import type { Embedder, VectorStore } from "../../src/core/ports.js";
import { DEFAULT_PROFILE, type RetrievalProfile } from "../../src/core/profile.js";
import type { IndexedDocument, SourceInfo } from "../../src/core/types.js";
import type { RetrievalEngine } from "../../src/retrieve/engine.js";
import { RANKING_PARAMS } from "../../src/retrieve/ranking/ranking-params.js";
import { retrieve } from "../../src/retrieve/retrieve.js";
import { RealRoot } from "../../src/source/real-roots.js";
import { createSqliteStore } from "../../src/store/sqlite/index.js";
import { READING } from "../../src/text/reading.js";
import { CALL } from "./call.js";
import { Corpus, syntheticFingerprint } from "./corpus.js";
import { ALIAS, COLLECTION, fillStore, PASS } from "./fill.js";
import { alternate, type Result, timed } from "./measure.js";

const DIMENSION = 384;
const QUERIES = 64;

export async function scope(quick: boolean): Promise<Result[]> {
  const chunks = quick ? 20_000 : 100_000;
  const base = realpathSync(mkdtempSync(join(tmpdir(), "aura-bench-")));
  const store = createSqliteStore({ folder: join(base, "data"), vectorMemoryMb: 1_024 });
  try {
    for (const folder of ["workspace", "around/part"]) mkdirSync(join(base, "places", folder), { recursive: true });
    const [workspace, around] = ["workspace", "around"].map((name) => folderSource(join(base, "places", name)));
    const places = placed(new Corpus(2).documents(chunks, DIMENSION), workspace as SourceInfo, around as SourceInfo);
    await fillStore(store, places, DIMENSION);
    await store.keepSources(CALL, COLLECTION, [workspace as SourceInfo, around as SourceInfo]);
    const corpus = new Corpus(50);
    const queries = Array.from({ length: QUERIES }, () => corpus.query());
    const engine = engineOn(store, corpus);
    const profile = { ...defaultProfile(), reranking: { kind: "none" } } as const;
    const ask = (call: Call) => (i: number) =>
      timed(() =>
        retrieve({ ...call, stages: [], degraded: [] }, engine, profile, {
          query: queries[i % QUERIES] as string,
          collection: PASS,
          topK: 10,
        }),
      );
    const within = (folder: string) => {
      const root = new RealRoot(join(base, "places", folder));
      return ask({ ...CALL, access: Access.to([ALIAS], async () => [await root.path()]) });
    };
    const times = await alternate(
      { free: ask(CALL), all: within("."), source: within("workspace"), folder: within("around/part") },
      { rounds: quick ? 3 : 7, iterations: 30 },
    );
    const common = { floor: times.free, unit: "ms", floorIs: "the same without a scope" } as const;
    const size = chunks.toLocaleString("en");
    return [
      {
        ...common,
        name: `retrieve at ${size} chunks, all of them in scope, p50`,
        value: times.all,
        bar: { sign: "≤", factor: 1.05 },
      },
      {
        ...common,
        name: `the same, a source with a tenth of them in scope`,
        value: times.source,
        bar: { sign: "≤", factor: 1.5 },
      },
      {
        ...common,
        name: `the same, a folder with a tenth of them in scope`,
        value: times.folder,
        bar: { sign: "≤", factor: 1.5 },
      },
    ];
  } finally {
    await store.close();
    rmSync(base, { recursive: true, force: true });
  }
}

/** Questions get vectors at random, and nothing else is asked for. */
function engineOn(store: VectorStore, corpus: Corpus): RetrievalEngine {
  const none = () => {
    throw new Error("this bench has no such part");
  };
  const fingerprint = syntheticFingerprint(DIMENSION);
  const embedder: Embedder = {
    maxTokens: fingerprint.maxTokens,
    countTokens: async (_call, texts) => texts.map((text) => text.length / 5),
    fingerprint: async () => fingerprint,
    embed: async (_call, texts) => texts.map(() => corpus.vector(DIMENSION)),
    warmUp: async () => undefined,
    status: () => ({ state: "ready", model: fingerprint.model, device: "cpu" }),
    close: async () => undefined,
  };
  return {
    store,
    ...READING,
    ranking: RANKING_PARAMS,
    embedder: () => embedder,
    expander: none,
    reranker: none,
  };
}

function defaultProfile(): RetrievalProfile {
  return loadConfig({}).live.profiles.get(DEFAULT_PROFILE) as RetrievalProfile;
}

function folderSource(path: string): SourceInfo {
  const location = pathToFileURL(path).href;
  return { id: location, name: path, kind: "folder", location };
}

/** A tenth in the workspace, a tenth in a folder of what lies around, and the rest beside that. */
function* placed(
  documents: Iterable<IndexedDocument>,
  workspace: SourceInfo,
  around: SourceInfo,
): Generator<IndexedDocument> {
  let i = 0;
  for (const document of documents) {
    const tenth = i++ % 10;
    const folder = tenth === 1 ? "part" : "rest";
    const key =
      tenth === 0 ? { source: workspace.id } : { source: around.id, document: `${folder}/${document.document}` };
    yield { ...document, ...key };
  }
}
