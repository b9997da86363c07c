/** The store on a Qdrant against undici that sends the very same requests to the same server. */
import type { Leg } from "../../src/core/types.js";
import { Guard } from "../../src/resilience/guard.js";
import { CALL } from "./call.js";
import { Corpus } from "./corpus.js";
import { COLLECTION, fillStore } from "./fill.js";
import { alternate, concurrently, type NotMeasured, type Result, timed } from "./measure.js";
import { Bare, captureOf, type Sent } from "./qdrant-capture.js";
import { qdrantIndexing } from "./qdrant-indexing.js";
import { benchServer, POOL_SIZE, settle, storeAt } from "./qdrant-server.js";

const DIMENSION = 384;
const LIMIT = 100;
const QUERIES = 64;
const CALLERS = 32;

export async function qdrant(quick: boolean): Promise<(Result | NotMeasured)[]> {
  const guard = await guardOverhead(quick);
  const server = await benchServer();
  if ("notMeasured" in server) return [guard, { name: "store stage, throughput and indexing on a Qdrant", ...server }];
  return [...(await searching(server.url, quick)), guard, await qdrantIndexing(server.url, quick)];
}

async function searching(url: string, quick: boolean): Promise<Result[]> {
  const chunks = quick ? 20_000 : 100_000;
  const [store, bare, capture] = [storeAt(url), new Bare(url, POOL_SIZE), await captureOf(url)];
  const captured = storeAt(capture.url);
  const dropAll = () => store.drop(CALL, COLLECTION, { serving: true });
  try {
    await dropAll();
    await fillStore(store, new Corpus(2).documents(chunks, DIMENSION), DIMENSION);
    await settle(url, COLLECTION);
    const corpus = new Corpus(6);
    const queries = Array.from({ length: QUERIES }, () => corpus.legs(DIMENSION));
    const search = (i: number, by = store) =>
      by.search(CALL, COLLECTION, queries[i % QUERIES] as Leg[], { limit: LIMIT });
    const sent: Sent[][] = [];
    for (let i = 0; i < QUERIES; i++) {
      await search(i, captured);
      sent.push(capture.take().filter(({ path }) => path.includes("/query/batch")));
    }
    const send = (i: number) => bare.send(sent[i % QUERIES] as Sent[]);
    const times = await alternate(
      { subject: (i) => timed(() => search(i)), floor: (i) => timed(() => send(i)) },
      { rounds: quick ? 3 : 7, iterations: QUERIES },
    );
    const calls = quick ? 500 : 1_000;
    const rate = async (run: (i: number) => Promise<unknown>) =>
      calls / ((await timed(() => concurrently(CALLERS, calls, run))) / 1000);
    const rates = await alternate(
      { subject: () => rate((i) => search(i)), floor: () => rate(send) },
      { rounds: quick ? 3 : 7, iterations: 1 },
    );
    const requests = (sent.reduce((sum, each) => sum + each.length, 0) / QUERIES).toFixed(1);
    return [
      {
        name: `Qdrant: store stage, two legs × ${LIMIT} of ${chunks.toLocaleString("en")}, p50`,
        value: times.subject,
        floor: times.floor,
        unit: "ms",
        floorIs: `undici sending the same ${requests} requests`,
        bar: { sign: "≤", factor: 1.25 },
      },
      {
        name: `Qdrant: the same, pool of ${POOL_SIZE}, ${CALLERS} callers, throughput`,
        value: rates.subject,
        floor: rates.floor,
        unit: "calls/s",
        floorIs: "undici with as many connections and callers",
        bar: { sign: "≥", factor: 0.9 },
      },
    ];
  } finally {
    await dropAll();
    await Promise.all([store.close(), captured.close(), capture.close(), bare.close()]);
  }
}

/** What a call pays for its slot, the breaker and the possibility of a repetition. */
async function guardOverhead(quick: boolean): Promise<Result> {
  const calls = 100;
  const guard = new Guard({
    name: "nothing",
    refusal: "store_down",
    poolSize: POOL_SIZE,
    timeoutMs: 30_000,
    timeoutRemedy: "none",
    maxRetries: 3,
    retryDelayMs: 1_000,
    failureThreshold: 5,
    resetMs: 60_000,
    classify: (error) => {
      throw error;
    },
  });
  const { signal } = new AbortController();
  const attempt = async () => undefined;
  const times = await alternate(
    {
      subject: async () =>
        (await timed(async () => {
          for (let i = 0; i < calls; i++) await guard.run(attempt, { signal });
        })) / calls,
    },
    { rounds: quick ? 3 : 7, iterations: 50 },
  );
  return {
    name: "Qdrant: pool, breaker and retry around a call, p50",
    value: times.subject,
    floor: 0.1,
    unit: "ms",
    floorIs: "a bar, not a floor",
    bar: { sign: "≤", factor: 1 },
  };
}
