/** `retrieve` over stdio at 20,000 chunks with every optional stage that needs no further model. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packTokens } from "../../src/core/token-vectors.js";
import type { IndexedDocument } from "../../src/core/types.js";
import { createSqliteStore } from "../../src/store/sqlite/index.js";
import { Corpus } from "./corpus.js";
import { ALIAS, bundledFingerprint, fillStore } from "./fill.js";
import { alternate, median, type NotMeasured, percentile, type Result, timed } from "./measure.js";
import { connect, SERVER } from "./server.js";

const CHUNKS = 20_000;
const QUERIES = 1_000;
const WARM_UP = 50;
const TOP_K = 10;
const BAR_MS = 150;
/** As of a passage of 256 tokens. */
const WORDS = 80;
const TOKEN_DIMENSION = 96;
const SETTINGS = {
  RERANK_ENABLED: "1",
  RERANK_MODEL: "late-interaction",
  QUERY_EXPANSION_ENABLED: "1",
  EXPANSION_STRATEGY: "synonyms",
};

export async function everythingOn(quick: boolean): Promise<(Result | NotMeasured)[]> {
  const home = mkdtempSync(join(tmpdir(), "aura-bench-"));
  await fill(join(home, "store"));
  const server = await connect(SERVER, { RETRIEVAL_DATA_DIR: home, EMBEDDING_THREADS: "2", ...SETTINGS });
  const corpus = new Corpus(5);
  try {
    const times: number[] = [];
    const scored: number[] = [];
    const candidates: number[] = [];
    const queries = quick ? QUERIES / 5 : QUERIES;
    for (let i = -WARM_UP; i < queries; i++) {
      const query = `${corpus.query()} ${i}`;
      const started = performance.now();
      const answer = await server.call("retrieve", { query, collection: ALIAS, top_k: TOP_K });
      const ms = performance.now() - started;
      if (i < 0) continue;
      const reranked = answer.reranked as { candidates: number; scored: number };
      times.push(ms);
      scored.push(reranked.scored);
      candidates.push(reranked.candidates);
    }
    const ask = (n: number, expand: boolean) =>
      timed(() =>
        server.call("retrieve", { query: `${corpus.query()} ${n}`, collection: ALIAS, top_k: TOP_K, expand }),
      );
    const expansion = await alternate(
      { with: (i) => ask(2 * QUERIES + i, true), without: (i) => ask(3 * QUERIES + i, false) },
      { rounds: quick ? 2 : 7, iterations: 50 },
    );
    return [
      {
        name: `everything on: ${queries} distinct queries at 20,000 chunks, p99`,
        value: percentile(times, 0.99),
        floor: BAR_MS,
        unit: "ms",
        floorIs: "a bar, not a floor",
        bar: { sign: "≤", factor: 1 },
        note: `p50 ${median(times).toFixed(1)} ms; ${median(scored)} of ${median(candidates)} candidates scored; ${keptGain(scored, candidates)}`,
      },
      {
        name: "the same with synonyms, p50",
        value: expansion.with,
        floor: expansion.without,
        unit: "ms",
        floorIs: "the same server, expand: false",
        bar: { sign: "≤", factor: 1.15 },
      },
    ];
  } finally {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Nothing but the candidates that were not reached tells an answer from one under an unlimited budget. */
function keptGain(scored: readonly number[], candidates: readonly number[]): string {
  const cut = scored.filter((count, i) => count < (candidates[i] as number)).length;
  return cut === 0
    ? "all of the gain of an unlimited budget is kept"
    : `${cut} questions were cut short: the share of the gain is not known`;
}

async function fill(folder: string): Promise<void> {
  const fingerprint = bundledFingerprint();
  const store = createSqliteStore({ folder, vectorMemoryMb: 0 });
  await fillStore(store, withTokens(new Corpus(4), fingerprint.dimension), fingerprint);
  await store.close();
}

/** Random ones: they take the time that real ones take. */
function* withTokens(corpus: Corpus, dimension: number): Generator<IndexedDocument> {
  for (const document of corpus.documents(CHUNKS, dimension)) {
    const points = document.points.map((point) => ({
      ...point,
      tokens: packTokens(corpus.vector(WORDS * TOKEN_DIMENSION), TOKEN_DIMENSION),
    }));
    yield { ...document, points };
  }
}
