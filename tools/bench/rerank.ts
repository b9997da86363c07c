/**
 * A cross-encoder against bare inference on the same tokens and processes, and how far it overruns its budget. Speed only:
 * random weights of the same architecture serve as well as trained ones.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import type { RerankPassage } from "../../src/core/ports.js";
import { InferencePool } from "../../src/inference/pool.js";
import { Tokenizer } from "../../src/inference/tokenizer.js";
import { ModelHandle } from "../../src/models/model-handle.js";
import { createCrossEncoder } from "../../src/rerank/cross-encoder.js";
import { JOB_SIZE } from "../../src/rerank/index.js";
import { BareInference } from "./bare.js";
import { CALL } from "./call.js";
import { Corpus, ROOT } from "./corpus.js";
import { alternate, median, type NotMeasured, percentile, type Result, timed } from "./measure.js";

const CANDIDATES = 50;
const PAIR_TOKENS = 128;
const MAX_TOKENS = 512;
const UNLIMITED_MS = 60_000;
/** In a round: as many as a 99th percentile needs. */
const CALLS = 100;
const WEIGHTS = "onnx/model_quantized.onnx";

const TINY = "random-ms-marco-TinyBERT-L-2-v2";
const DEFAULT_MODEL = "random-ms-marco-MiniLM-L-6-v2";
/** `RERANK_BUDGET_MS` unless it is set. */
const BUDGET_MS = 120;

export async function rerank(quick: boolean): Promise<(Result | NotMeasured)[]> {
  const results: (Result | NotMeasured)[] = [];
  for (const processes of new Set([1, Math.min(availableParallelism(), 4)])) {
    const on = processes === 1 ? "1 process" : `${processes} processes`;
    const pairs = `${CANDIDATES} pairs of ${PAIR_TOKENS} tokens`;
    results.push(
      await withModel(
        { model: TINY, processes, batchSize: JOB_SIZE.small },
        `re-ranking ${pairs}, TinyBERT, ${on}`,
        (bench, name) => bench.unlimited(name, quick),
      ),
      await withModel(
        { model: DEFAULT_MODEL, processes, batchSize: JOB_SIZE.other },
        `re-ranking within ${BUDGET_MS} ms, MiniLM, p99, ${on}`,
        (bench, name) => bench.withinBudget(name, quick),
      ),
    );
  }
  return results;
}

interface Setup {
  readonly model: string;
  readonly processes: number;
  /** Most pairs in one job, as the server has them for this model. */
  readonly batchSize: number;
}

async function withModel(
  { model, processes, batchSize }: Setup,
  name: string,
  measure: (bench: RerankBench, name: string) => Promise<Result>,
): Promise<Result | NotMeasured> {
  const folder = resolve(process.env.AURA_BENCH_RERANK_MODELS ?? join(ROOT, "../shared/models"), model);
  if (!existsSync(join(folder, WEIGHTS))) {
    return { name, notMeasured: `no ${model}; AURA_BENCH_RERANK_MODELS names the folder it lies in` };
  }
  const bench = new RerankBench(folder, processes, batchSize);
  try {
    return await measure(bench, name);
  } finally {
    await bench.close();
  }
}

class RerankBench {
  readonly #processes: number;
  readonly #reranker;
  readonly #bare: BareInference;
  readonly #tokenizer: Tokenizer;
  readonly #corpus = new Corpus(7);

  constructor(folder: string, processes: number, batchSize: number) {
    const pin = (file: string) => {
      const path = join(folder, file);
      const sha256 = createHash("sha256").update(readFileSync(path)).digest("hex");
      return { path, sha256, remedy: "-" };
    };
    const parse = (file: string) => JSON.parse(readFileSync(join(folder, file), "utf8")) as object;
    this.#processes = processes;
    this.#tokenizer = new Tokenizer(parse("tokenizer.json"), parse("tokenizer_config.json"), MAX_TOKENS);
    const load = {
      kind: "cross-encoder",
      weights: pin(WEIGHTS),
      tokenizer: pin("tokenizer.json"),
      tokenizerConfig: pin("tokenizer_config.json"),
      device: "cpu",
      maxTokens: MAX_TOKENS,
    } as const;
    const pool = new InferencePool({ load, processes, batchSize, depth: 2, loadAll: true });
    const handle = new ModelHandle({
      model: { id: "bench" },
      device: { device: "cpu" },
      missing: () => [],
      downloadRefusal: () => undefined,
      pull: async () => undefined,
      start: async () => pool,
    });
    this.#reranker = createCrossEncoder({ handle });
    this.#bare = new BareInference(processes, { weights: join(folder, WEIGHTS) });
  }

  async unlimited(name: string, quick: boolean): Promise<Result> {
    await this.#reranker.warmUp(CALL);
    const [rounds, iterations] = [quick ? 3 : 9, 20];
    const passages = this.#passages();
    // Each is asked once, so that no score is remembered; the floor runs the same pairs.
    const queries = this.#queries((rounds + 1) * iterations);
    const times = await alternate(
      {
        subject: (i) => timed(() => this.#reranker.score(CALL, queries[i] as string, passages, UNLIMITED_MS)),
        floor: (i) => this.#bare.runAll(this.#ids(queries[i] as string, passages)),
      },
      { rounds, iterations },
    );
    return {
      name,
      value: times.subject,
      floor: times.floor,
      unit: "ms",
      floorIs: "bare inference on the same pairs and processes, tokenising left out",
      bar: { sign: "≤", factor: 1.15 },
    };
  }

  async withinBudget(name: string, quick: boolean): Promise<Result> {
    await this.#reranker.warmUp(CALL);
    const passages = this.#passages();
    const rounds = quick ? 1 : 3;
    const queries = this.#queries((rounds + 1) * CALLS);
    const scored: number[] = [];
    const times = await alternate(
      {
        subject: (i) =>
          timed(async () => {
            const { scores } = await this.#reranker.score(CALL, queries[i] as string, passages, BUDGET_MS);
            scored.push(scores.filter((score) => score !== undefined).length);
          }),
        passage: async (i) =>
          await this.#bare.runAll(this.#ids(queries[i] as string, passages.slice(0, this.#processes))),
      },
      { rounds, iterations: CALLS, summary: (values) => percentile(values, 0.99) },
    );
    return {
      name,
      value: times.subject,
      floor: BUDGET_MS + times.passage,
      unit: "ms",
      floorIs: `the budget + one passage ${times.passage.toFixed(2)}, p99 too`,
      bar: { sign: "≤", factor: 1 },
      note: `${median(scored)} of ${CANDIDATES} scored`,
    };
  }

  async close(): Promise<void> {
    await Promise.all([this.#reranker.close(), this.#bare.close()]);
  }

  #queries(count: number): string[] {
    return Array.from({ length: count }, (_, i) => this.#query(i));
  }

  #query(i: number): string {
    return `${this.#corpus.query()} ${i}`;
  }

  /** Cut at a word so that each is one of a pair of `PAIR_TOKENS` with a query of usual length. */
  #passages(): RerankPassage[] {
    const query = this.#query(0);
    return Array.from({ length: CANDIDATES }, (_, i) => {
      const words = this.#corpus.passage().split(" ");
      while (this.#tokenizer.encodePair(query, words.join(" ")).ids.length > PAIR_TOKENS) words.pop();
      const text = words.join(" ");
      return { id: String(i), text, textHash: String(i), fused: 1 - i / CANDIDATES };
    });
  }

  #ids(query: string, passages: readonly RerankPassage[]): (readonly number[])[] {
    return passages.map(({ text }) => this.#tokenizer.encodePair(query, text).ids);
  }
}
