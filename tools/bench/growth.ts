/**
 * `npm run bench:growth`: how cost grows from 1,000 to 100,000 chunks, as the table and the plot of docs/performance.md.
 * The real server over stdio, with pseudo-embeddings, so that what grows is seen; inference costs the same for each
 * chunk, so its part of indexing is measured once and multiplied, and the table says so.
 */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Corpus, ROOT } from "./corpus.js";
import { writeSection } from "./document.js";
import { type GrowthRow, plotGrowth } from "./growth-plot.js";
import { machine, percentile, timed } from "./measure.js";
import { connect, memoryOfTree, SERVER } from "./server.js";

const SIZES = [1_000, 3_000, 10_000, 30_000, 100_000];
const QUERIES = 300;
/** Counted in words, as pseudo-embeddings do, some short sections share a chunk. */
const SECTIONS_PER_CHUNK = 1.1;
const MODEL_CHUNKS = 1_000;
const PLOT = join(ROOT, "docs/performance.svg");

async function measure(size: number): Promise<GrowthRow> {
  const home = mkdtempSync(join(tmpdir(), "aura-bench-"));
  const source = join(home, "pages");
  const data = join(home, "data");
  new Corpus(size).writeFolder(source, size * SECTIONS_PER_CHUNK);
  const settings = { EMBEDDING_MODEL: "", RETRIEVAL_ROOTS: source, RETRIEVAL_DATA_DIR: data };
  const server = await connect(SERVER, settings);
  try {
    let chunks = 0;
    const indexMs = await timed(async () => {
      const { job } = (await server.call("reindex", { source, wait: true })) as { job: { chunks: number } };
      chunks = job.chunks;
    });
    const corpus = new Corpus(7);
    const ask = (i: number) => timed(() => server.call("retrieve", { query: `${corpus.query()} ${i}` }));
    await ask(-1); // reads the vectors into memory
    const times: number[] = [];
    for (let i = 0; i < QUERIES; i++) times.push(await ask(i));
    return {
      chunks,
      indexSeconds: indexMs / 1000,
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
      memoryMb: memoryOfTree(server.pid).rss / 1e6,
      diskMb: sizeOf(data) / 1e6,
    };
  } finally {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Chunks a second of the whole pipeline with the bundled model, every inference process loaded. */
async function rateWithModel(): Promise<number> {
  const home = mkdtempSync(join(tmpdir(), "aura-bench-"));
  const source = join(home, "pages");
  new Corpus(8).writeFolder(source, MODEL_CHUNKS);
  const server = await connect(SERVER, { RETRIEVAL_ROOTS: source, RETRIEVAL_DATA_DIR: join(home, "data") });
  try {
    let rate = 0;
    for (const _round of ["loads the model", "is measured"]) {
      const { job } = (await server.call("reindex", { source, mode: "full", wait: true })) as {
        job: { chunks: number; elapsed_ms: number };
      };
      rate = job.chunks / (job.elapsed_ms / 1000);
    }
    return rate;
  } finally {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}

function table(rows: readonly GrowthRow[], rate: number): string {
  const { cpu, cores, node, load } = machine();
  return [
    `Measured on ${cores} cores of ${cpu}, Node ${node}, load ${load[0]} at the end. With the bundled model ${MODEL_CHUNKS.toLocaleString("en")} chunks were indexed at ${rate.toFixed(0)} a second; that column is computed from it.`,
    "",
    "| chunks | index, s | index with the model, s (computed) | query p50, ms | query p99, ms | memory of all processes, MB | disk, MB |",
    "|---|---|---|---|---|---|---|",
    ...rows.map(({ chunks, indexSeconds, p50, p99, memoryMb, diskMb }) => {
      const cells = [indexSeconds.toFixed(1), (chunks / rate).toFixed(0), p50.toFixed(1), p99.toFixed(1)];
      return `| ${[chunks.toLocaleString("en"), ...cells, memoryMb.toFixed(0), diskMb.toFixed(0)].join(" | ")} |`;
    }),
  ].join("\n");
}

const rate = await rateWithModel();
const rows: GrowthRow[] = [];
for (const size of SIZES) {
  process.stderr.write(`${size} chunks …\n`);
  rows.push(await measure(size));
}
writeFileSync(PLOT, await plotGrowth(rows));
writeSection("growth", table(rows, rate));
process.stdout.write(`${table(rows, rate)}\n`);
