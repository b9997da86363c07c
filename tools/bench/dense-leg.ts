/** The store's dense leg through its port, against usearch's exact search over the same vectors in this process. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exactSearch, MetricKind } from "usearch";
import { createSqliteStore } from "../../src/store/sqlite/index.js";
import { CALL } from "./call.js";
import { Corpus } from "./corpus.js";
import { fillStore } from "./fill.js";
import { alternate, type Result, timed } from "./measure.js";

const DIMENSION = 384;
const LIMIT = 100;

export async function denseLeg(quick: boolean): Promise<Result[]> {
  const results: Result[] = [];
  for (const chunks of quick ? [20_000] : [20_000, 100_000]) results.push(...(await measure(chunks, quick)));
  return results;
}

async function measure(chunks: number, quick: boolean): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "aura-bench-"));
  const store = createSqliteStore({ folder, vectorMemoryMb: 1_024 });
  try {
    const vectors = new Float32Array(chunks * DIMENSION);
    let row = 0;
    await fillStore(store, new Corpus(2).documents(chunks, DIMENSION), DIMENSION, {
      onPoint: ({ vector }) => vectors.set(vector as Float32Array, row++ * DIMENSION),
    });
    const queries = Array.from({ length: 64 }, (_, i) => new Corpus(i + 50).vector(DIMENSION));
    const queryAt = (i: number) => queries[i % queries.length] as Float32Array;
    const search = (i: number, filter?: { kind: string }) =>
      store.search(CALL, "bench-1", [{ kind: "dense", vector: queryAt(i) }], { limit: LIMIT, filter });
    const times = await alternate(
      {
        subject: (i) => timed(() => search(i)),
        filtered: (i) => timed(() => search(i, { kind: "rare" })),
        floor: (i) => timed(() => exactSearch(vectors, queryAt(i), DIMENSION, LIMIT, MetricKind.Cos, 1)),
        innerProduct: (i) => timed(() => exactSearch(vectors, queryAt(i), DIMENSION, LIMIT, MetricKind.IP, 1)),
      },
      { rounds: quick ? 3 : 7, iterations: 30 },
    );
    const common = { floor: times.floor, unit: "ms", floorIs: "usearch exactSearch, cosine, one thread" } as const;
    const size = chunks.toLocaleString("en");
    return [
      {
        ...common,
        name: `dense leg, top ${LIMIT} of ${size}, p50`,
        value: times.subject,
        bar: { sign: "≤", factor: 1.5 },
        note: `exactSearch by inner product, which unit vectors allow: ${times.innerProduct.toFixed(2)} ms`,
      },
      {
        ...common,
        name: `the same under a 10 % filter`,
        value: times.filtered,
        bar: { sign: "≤", factor: 1.5 },
      },
    ];
  } finally {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
