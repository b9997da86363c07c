/** `retrieve` over stdio at 20,000 chunks: one caller's latency, sixteen callers' throughput, the memory of all processes. */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import type { Leg } from "../../src/core/types.js";
import type { Job } from "../../src/process/serve.js";
import { candidatesOf } from "../../src/store/sqlite/found.js";
import { type Calls, createHandlers } from "../../src/store/sqlite/handlers.js";
import { createSqliteStore } from "../../src/store/sqlite/index.js";
import { BareInference } from "./bare.js";
import { Corpus } from "./corpus.js";
import { bundledFingerprint, COLLECTION, fillStore } from "./fill.js";
import { alternate, concurrently, type NotMeasured, type Result, timed } from "./measure.js";
import { connect, EMPTY_SERVER, memoryOfTree, SERVER } from "./server.js";

const CHUNKS = 20_000;
const CALLERS = 16;
const DIMENSION = 384;
const TOP_K = 10;
const VECTOR_BYTES = 256 * 2 ** 20;
const RSS_BAR_MB = 600;

export async function retrieval(quick: boolean): Promise<(Result | NotMeasured)[]> {
  const home = mkdtempSync(join(tmpdir(), "aura-bench-"));
  const folder = join(home, "store");
  await fill(folder);
  // Its floor does not re-rank; everything-on.ts measures what that costs.
  const settings = { RETRIEVAL_DATA_DIR: home, EMBEDDING_THREADS: "2", RERANK_ENABLED: "0" };
  const [server, empty] = await Promise.all([connect(SERVER, settings), connect(EMPTY_SERVER)]);
  const bare = new BareInference();
  const bareStore = createHandlers({ folder, vectorBytes: VECTOR_BYTES });
  const corpus = new Corpus(5);
  const queries = new Map<number, string>();
  const queryAt = (i: number) => {
    const query = queries.get(i) ?? `${corpus.query()} ${i}`;
    queries.set(i, query);
    return query;
  };
  const retrieve = (i: number) => server.call("retrieve", { query: queryAt(i), top_k: TOP_K });
  try {
    const times = await alternate(
      {
        subject: (i) => timed(() => retrieve(i)),
        run: (i) => bare.run(queryAt(i)),
        store: (i) => timed(() => bareQueries(bareStore.calls, queryAt(i), corpus.vector(DIMENSION))),
        tool: () => timed(() => empty.call("nothing")),
      },
      { rounds: quick ? 2 : 7, iterations: 50 },
    );
    // Two at a time: the second inference process loads its model.
    await concurrently(2, 40, (n) => retrieve(2e6 + n));
    const memory = process.platform === "linux" ? memoryOfTree(server.pid) : undefined;
    const bareCall = times.run + times.store + times.tool;
    const calls = quick ? 320 : 1_600;
    const rates = await alternate(
      {
        subject: async (i) =>
          calls / ((await timed(() => concurrently(CALLERS, calls, (n) => retrieve(1e6 + i * calls + n)))) / 1000),
      },
      { rounds: quick ? 1 : 3, iterations: 1 },
    );
    const busy = process.platform === "linux" ? memoryOfTree(server.pid) : undefined;
    const parts = `run ${times.run.toFixed(2)} + store ${times.store.toFixed(2)} + tool ${times.tool.toFixed(2)}`;
    return [
      {
        name: "retrieve over stdio at 20,000 chunks, p50",
        value: times.subject,
        floor: bareCall,
        unit: "ms",
        floorIs: parts,
        bar: { sign: "≤", factor: 1.4 },
      },
      {
        name: `retrieve, ${CALLERS} callers, throughput`,
        value: rates.subject,
        floor: (availableParallelism() * 1000) / bareCall,
        unit: "calls/s",
        floorIs: "cores ÷ the time of one bare call",
        bar: { sign: "≥", factor: 0.8 },
      },
      memory === undefined || busy === undefined
        ? { name: "RSS of all processes", notMeasured: "read from /proc, which this platform does not have" }
        : {
            name: "RSS of all processes",
            value: memory.rss / 1e6,
            floor: RSS_BAR_MB,
            unit: "MB",
            floorIs: "a bar, not a floor",
            bar: { sign: "≤", factor: 1 },
            note: `${memory.processes} processes, two with the model; shared pages counted once ${megabytes(memory.pss)} MB; after ${CALLERS} callers ${busy.processes} processes, ${megabytes(busy.rss)} MB, ${megabytes(busy.pss)} MB`,
          },
    ];
  } finally {
    bareStore.close();
    await Promise.all([server.close(), empty.close(), bare.close()]);
    rmSync(home, { recursive: true, force: true });
  }
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

/** A collection that the server takes for its own model's. */
async function fill(folder: string): Promise<void> {
  const store = createSqliteStore({ folder, vectorMemoryMb: 0 });
  await fillStore(store, new Corpus(4).documents(CHUNKS, DIMENSION), bundledFingerprint());
  await store.close();
}

/** No process boundary: nobody cancels, and nobody else waits for a turn. */
const ALONE: Job = {
  signal: new AbortController().signal,
  part: () => undefined,
  breathe: async () => undefined,
  hear: async () => undefined,
  during: (work) => work,
};

/** What a search must ask the store, without the process boundary around it. */
async function bareQueries(calls: Calls, query: string, vector: Float32Array): Promise<void> {
  const legs: Leg[] = [
    { kind: "dense", vector },
    { kind: "lexical", text: query },
  ];
  const found = candidatesOf(await calls.search({ collection: COLLECTION, legs, ask: { limit: 100 } }, ALONE));
  calls.read({ collection: COLLECTION, ids: found.slice(0, TOP_K).map(({ id }) => id), options: {} });
}
