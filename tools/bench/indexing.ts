/** Indexing through the whole pipeline against bare inference on the same passages, and the event loop meanwhile. */
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { type App, createApp } from "../../src/app/app.js";
import { loadConfig } from "../../src/config/load.js";
import type { CollectionPass } from "../../src/core/access.js";
import type { CollectionInfo } from "../../src/core/types.js";
import { createSqliteStore } from "../../src/store/sqlite/index.js";
import { againstSameSession, BareInference, bareWithSameSession } from "./bare.js";
import { CALL } from "./call.js";
import { Corpus } from "./corpus.js";
import { ALIAS, passOf } from "./fill.js";
import { alternate, median, type NotMeasured, type Result } from "./measure.js";
import { sentenceTransformers } from "./sentence-transformers.js";

const NANOSECONDS = 1e6;

export async function indexing(quick: boolean): Promise<(Result | NotMeasured)[]> {
  const home = mkdtempSync(join(tmpdir(), "aura-bench-"));
  const [source, data] = [join(home, "pages"), join(home, "data")];
  new Corpus(3).writeFolder(source, quick ? 300 : 1_000);
  const processes = Math.min(availableParallelism(), 4);
  const [bare, sameSession] = [new BareInference(processes), bareWithSameSession(processes)];
  const app = createApp(loadConfig({ RETRIEVAL_DATA_DIR: data, METRICS_PORT: "0", LOG_LEVEL: "error" }));
  const delays: number[] = [];
  try {
    const { target } = await index(app, source); // every inference process loads its model
    const passages = await embedTexts(join(data, "store"), target);
    const before = sentenceTransformers(passages);
    const rates = await alternate(
      {
        subject: async () => {
          const { rate, delay } = await index(app, source);
          delays.push(delay);
          return rate;
        },
        floor: () => bare.throughput(passages),
        sameSession: () => sameSession.throughput(passages),
      },
      { rounds: quick ? 1 : 5, iterations: 1 },
    );
    return [
      {
        name: "indexing throughput",
        value: rates.subject,
        floor: rates.floor,
        unit: "passages/s",
        floorIs: `${processes} bare processes on the same passages, tokenising left out`,
        bar: { sign: "≥", factor: 0.85 },
        note: `${passages.length} passages, model loaded; ${againstSameSession(rates.subject, rates.sameSession)}`,
      },
      againstSentenceTransformers(rates.subject, [before, sentenceTransformers(passages)]),
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
    await Promise.all([app.close(), bare.close(), sameSession.close()]);
    rmSync(home, { recursive: true, force: true });
  }
}

interface Indexed {
  readonly target: CollectionPass;
  /** Passages a second. */
  readonly rate: number;
  /** Of the event loop meanwhile, p99 in ms. */
  readonly delay: number;
}

let collections = 0;

/** Into a collection of its own: what an earlier one holds of the same texts is not embedded again. */
export async function index(app: App, source: string): Promise<Indexed> {
  const target = passOf(`${ALIAS}_${++collections}`);
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  const start = performance.now();
  const request = { source, target, mode: "full", dryRun: false } as const;
  const job = await app.reindex(CALL, request).done;
  const seconds = (performance.now() - start) / 1000;
  histogram.disable();
  return { target, rate: job.chunks / seconds, delay: histogram.percentile(99) / NANOSECONDS };
}

/** What the pipeline embedded, so that the floor embeds the same. */
async function embedTexts(folder: string, pass: CollectionPass): Promise<string[]> {
  const store = createSqliteStore({ folder, vectorMemoryMb: 0 });
  const texts: string[] = [];
  const { name } = (await store.describe(CALL, pass)) as CollectionInfo;
  for await (const point of store.scroll(CALL, name)) texts.push(point.embedText);
  await store.close();
  return texts;
}

/** @param floors before and after the subject's rounds: too slow to take part in each */
function againstSentenceTransformers(rate: number, floors: readonly (number | string)[]): Result | NotMeasured {
  const name = "indexing throughput against sentence-transformers";
  const reason = floors.find((floor) => typeof floor === "string");
  if (reason !== undefined) return { name, notMeasured: reason };
  const measured = floors as readonly number[];
  return {
    name,
    value: rate,
    floor: measured.reduce((sum, each) => sum + each, 0) / measured.length,
    unit: "passages/s",
    floorIs: "sentence-transformers, fp32, batches of 32, all cores, before and after",
    bar: { sign: "≥", factor: 3 },
  };
}
