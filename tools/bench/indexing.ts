/** Indexing through the whole pipeline against bare inference on the same passages, and the event loop meanwhile. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { compose } from "../../src/compose.js";
import { loadConfig } from "../../src/config/load.js";
import { createSqliteStore } from "../../src/store/sqlite/index.js";
import { BareInference } from "./bare.js";
import { Corpus, ROOT } from "./corpus.js";
import { alternate, median, type NotMeasured, type Result } from "./measure.js";

const NANOSECONDS = 1e6;

export async function indexing(quick: boolean): Promise<(Result | NotMeasured)[]> {
  const home = mkdtempSync(join(tmpdir(), "aura-bench-"));
  const processes = Math.min(availableParallelism(), 4);
  const bare = new BareInference(processes);
  const delays: number[] = [];
  const source = join(home, "pages");
  new Corpus(3).writeFolder(source, quick ? 400 : 2_000);
  try {
    const passages = await passagesOf(source, join(home, "first"), delays);
    const rates = await alternate(
      {
        subject: async (i) => (await index(source, join(home, `run-${i}`), delays)).rate,
        floor: () => bare.throughput(passages),
      },
      { rounds: quick ? 1 : 2, iterations: 1 },
    );
    return [
      {
        name: "indexing throughput",
        value: rates.subject,
        floor: rates.floor,
        unit: "passages/s",
        floorIs: `${processes} bare processes on the same passages, tokenising left out`,
        bar: { sign: "≥", factor: 0.85 },
        note: `${passages.length} passages, model loaded`,
      },
      againstSentenceTransformers(rates.subject, passages),
      {
        name: "event-loop delay while indexing, p99",
        value: median(delays),
        floor: 20,
        unit: "ms",
        floorIs: "a bar, not a floor",
        bar: { sign: "≤", factor: 1 },
      },
    ];
  } finally {
    await bare.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** @param delays gets this run's p99, ms */
async function index(source: string, dataFolder: string, delays: number[]): Promise<{ rate: number }> {
  const app = compose(loadConfig({ RETRIEVAL_DATA_DIR: dataFolder, METRICS_PORT: "0", LOG_LEVEL: "error" }));
  try {
    await app.health(new AbortController().signal); // loads the model in one process
    const histogram = monitorEventLoopDelay({ resolution: 1 });
    histogram.enable();
    const start = performance.now();
    const request = { source, collection: "my_docs", mode: "full" as const, dryRun: false };
    const job = await app.reindex(request, { trusted: true }).done;
    const seconds = (performance.now() - start) / 1000;
    histogram.disable();
    delays.push(histogram.percentile(99) / NANOSECONDS);
    return { rate: job.chunks / seconds };
  } finally {
    await app.close();
  }
}

/** What the pipeline embeds, so that the floor embeds the same. */
async function passagesOf(source: string, dataFolder: string, delays: number[]): Promise<string[]> {
  await index(source, dataFolder, delays);
  const store = createSqliteStore({ folder: join(dataFolder, "store"), vectorMemoryMb: 0 });
  const passages: string[] = [];
  for await (const point of store.scroll("my_docs")) passages.push(point.embedText);
  await store.close();
  return passages;
}

/** Runs where Python has the package; AURA_BENCH_PYTHON names another interpreter, AURA_BENCH_MODEL a model folder. */
function againstSentenceTransformers(rate: number, passages: readonly string[]): Result | NotMeasured {
  const name = "indexing throughput against sentence-transformers";
  const python = process.env.AURA_BENCH_PYTHON ?? "python3";
  const model = process.env.AURA_BENCH_MODEL;
  if (model === undefined) return { name, notMeasured: "AURA_BENCH_MODEL does not name a folder with the fp32 model" };
  try {
    const output = execFileSync(python, [join(ROOT, "tools/bench/sentence-transformers.py"), model], {
      input: JSON.stringify(passages),
      encoding: "utf8",
      stdio: ["pipe", "pipe", "ignore"],
    });
    const floor = Number(output.trim().split("\n").at(-1));
    return {
      name,
      value: rate,
      floor,
      unit: "passages/s",
      floorIs: "sentence-transformers fp32, its own batches of 32, all cores",
      bar: { sign: "≥", factor: 3 },
    };
  } catch (error) {
    return { name, notMeasured: `${python} could not run it (${(error as Error).message.split("\n")[0]})` };
  }
}
