/**
 * `npm run bench:growth`: how cost grows from 1,000 to 100,000 chunks, as the table and the plot of docs/performance.md.
 * The real server over stdio, with pseudo-embeddings, so that what grows is seen and inference, which does not, is not.
 */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vega from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { Corpus, ROOT } from "./corpus.js";
import { writeSection } from "./document.js";
import { machine, percentile, timed } from "./measure.js";
import { connect, memoryOfTree, SERVER } from "./server.js";

const SIZES = [1_000, 3_000, 10_000, 30_000, 100_000];
const QUERIES = 300;
const PLOT = join(ROOT, "docs/performance.svg");

interface Row {
  readonly chunks: number;
  readonly indexSeconds: number;
  readonly p50: number;
  readonly p99: number;
  readonly memoryMb: number;
  readonly diskMb: number;
}

async function measure(size: number): Promise<Row> {
  const home = mkdtempSync(join(tmpdir(), "aura-bench-"));
  const source = join(home, "pages");
  const data = join(home, "data");
  new Corpus(size).writeFolder(source, size);
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

function sizeOf(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, file) => sum + statSync(join(file.parentPath, file.name)).size, 0);
}

function table(rows: readonly Row[]): string {
  const { cpu, cores, node, load } = machine();
  return [
    `Measured on ${cores} cores of ${cpu}, Node ${node}, load ${load[0]} at the end.`,
    "",
    "| chunks | index, s | query p50, ms | query p99, ms | memory of all processes, MB | disk, MB |",
    "|---|---|---|---|---|---|",
    ...rows.map(
      ({ chunks, indexSeconds, p50, p99, memoryMb, diskMb }) =>
        `| ${chunks.toLocaleString("en")} | ${indexSeconds.toFixed(1)} | ${p50.toFixed(1)} | ${p99.toFixed(1)} | ${memoryMb.toFixed(0)} | ${diskMb.toFixed(0)} |`,
    ),
  ].join("\n");
}

async function plot(rows: readonly Row[]): Promise<string> {
  const panels = [
    ["index time, s", "indexSeconds"],
    ["query p50, ms", "p50"],
    ["query p99, ms", "p99"],
    ["memory, MB", "memoryMb"],
    ["disk, MB", "diskMb"],
  ] as const;
  const values = panels.flatMap(([panel, field]) =>
    rows.map((row) => ({ panel, chunks: row.chunks, value: row[field] })),
  );
  const spec: TopLevelSpec = {
    background: "white",
    data: { values },
    facet: { field: "panel", type: "nominal", sort: panels.map(([panel]) => panel), title: null },
    columns: 3,
    resolve: { scale: { y: "independent" } },
    spec: {
      width: 190,
      height: 150,
      mark: { type: "line", point: true },
      encoding: {
        x: {
          field: "chunks",
          type: "quantitative",
          scale: { type: "log" },
          axis: { title: "chunks", format: "~s", values: SIZES },
        },
        y: {
          field: "value",
          type: "quantitative",
          scale: { type: "log" },
          axis: { title: null, format: "~s", tickCount: 4 },
        },
      },
    },
  };
  return await new vega.View(vega.parse(compile(spec).spec), { renderer: "none" }).toSVG();
}

const rows: Row[] = [];
for (const size of SIZES) {
  process.stderr.write(`${size} chunks …\n`);
  rows.push(await measure(size));
}
writeFileSync(PLOT, await plot(rows));
writeSection("growth", table(rows));
process.stdout.write(`${table(rows)}\n`);
