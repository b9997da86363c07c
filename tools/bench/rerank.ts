/**
 * A cross-encoder against bare inference on the same tokens and processes, and how far it overruns its budget. Speed only:
 * random weights of the same architecture serve as well as trained ones.
 */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { RerankPassage } from "../../src/core/ports.js";
import { InferencePool } from "../../src/inference/pool.js";
import { Tokenizer } from "../../src/inference/tokenizer.js";
import { createCrossEncoder } from "../../src/rerank/cross-encoder.js";
import { BareInference } from "./bare.js";
import { Corpus, ROOT } from "./corpus.js";
import { alternate, type NotMeasured, percentile, type Result, timed } from "./measure.js";

const CANDIDATES = 50;
const PAIR_TOKENS = 128;
const MAX_TOKENS = 512;
const UNLIMITED_MS = 60_000;
/** In a round: as many as a 99th percentile needs. */
const CALLS = 100;
const WEIGHTS = "onnx/model_quantized.onnx";

export async function rerank(quick: boolean): Promise<(Result | NotMeasured)[]> {
  const folder = resolve(
    process.env.AURA_BENCH_RERANK_MODEL ?? join(ROOT, "../shared/models/random-ms-marco-TinyBERT-L-2-v2"),
  );
  const name = `re-ranking ${CANDIDATES} pairs of ${PAIR_TOKENS} tokens, TinyBERT`;
  if (!existsSync(join(folder, WEIGHTS))) {
    return [{ name, notMeasured: "no files of a TinyBERT cross-encoder; AURA_BENCH_RERANK_MODEL names their folder" }];
  }
  const results: Result[] = [];
  for (const processes of new Set([1, Math.min(availableParallelism(), 4)])) {
    const bench = new RerankBench(folder, processes);
    try {
      results.push(...(await bench.run(name, quick)));
    } finally {
      await bench.close();
    }
  }
  return results;
}

class RerankBench {
  readonly #processes: number;
  readonly #reranker;
  readonly #bare: BareInference;
  readonly #tokenizer: Tokenizer;
  readonly #corpus = new Corpus(7);

  constructor(folder: string, processes: number) {
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
    const pool = new InferencePool({ load, processes, batchSize: 2, depth: 2, loadAll: true });
    this.#reranker = createCrossEncoder({ model: "bench", device: "cpu", pool });
    this.#bare = new BareInference(processes, join(folder, WEIGHTS));
  }

  async run(name: string, quick: boolean): Promise<Result[]> {
    await this.#reranker.warmUp();
    const [rounds, iterations] = [quick ? 3 : 9, 20];
    const passages = this.#passages();
    // Each is asked once, so that no score is remembered; the floor runs the same pairs.
    const queries = Array.from({ length: (rounds + 1) * (iterations + CALLS) }, (_, i) => this.#query(i));
    const queryAt = (i: number) => queries[i] as string;
    const times = await alternate(
      {
        subject: (i) => timed(() => this.#reranker.score(queryAt(i), passages, UNLIMITED_MS)),
        floor: (i) => this.#bare.runAll(this.#ids(queryAt(i), passages)),
      },
      { rounds, iterations },
    );
    const passageMs = (times.floor * this.#processes) / CANDIDATES;
    const budgetMs = Math.max(2, Math.round(times.floor / 2));
    const queryUnderBudget = (i: number) => queryAt((rounds + 1) * iterations + i);
    const p99 = await alternate(
      {
        subject: (i) => timed(() => this.#reranker.score(queryUnderBudget(i), passages, budgetMs)),
        timer: () => timed(() => wait(budgetMs)),
      },
      { rounds, iterations: CALLS, summary: (values) => percentile(values, 0.99) },
    );
    const on = this.#processes === 1 ? "1 process" : `${this.#processes} processes`;
    return [
      {
        name: `${name}, ${on}`,
        value: times.subject,
        floor: times.floor,
        unit: "ms",
        floorIs: "bare inference on the same pairs and processes, tokenising left out",
        bar: { sign: "≤", factor: 1.15 },
      },
      {
        name: `re-ranking under a budget of ${budgetMs} ms, p99, ${on}`,
        value: p99.subject,
        floor: p99.timer + passageMs,
        unit: "ms",
        floorIs: `a timer of that length ${p99.timer.toFixed(2)} + one passage ${passageMs.toFixed(2)}`,
        bar: { sign: "≤", factor: 1 },
      },
    ];
  }

  async close(): Promise<void> {
    await Promise.all([this.#reranker.close(), this.#bare.close()]);
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
