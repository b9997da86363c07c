/**
 * What fusion sees, written down: for every question of a set the candidates of both legs with their absolute scores,
 * from our own chunker, model and store. Ranking parameters are then tuned without running any of these again.
 *
 *   node dist/tools/tuning/candidates.js <folder of BEIR sets> <cache> [set …]
 *
 * With QDRANT_URL they are kept in that Qdrant, whose scores are to be the same; use another cache for it.
 * Questions of the other sets are asked too: their top scores are those of questions that the set cannot answer.
 */
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { backgroundCall } from "../../src/core/call.js";
import type { Embedder, VectorStore } from "../../src/core/ports.js";
import type { Leg } from "../../src/core/types.js";
import { startReindex } from "../../src/reindex/reindex.js";
import { createOpenSource, isGone } from "../../src/source/index.js";
import { ParserProcess } from "../../src/source/parser-process.js";
import { createQdrantStore } from "../../src/store/qdrant/index.js";
import { createSqliteStore } from "../../src/store/sqlite/index.js";
import { ANALYSER_VERSION } from "../../src/text/analyser.js";
import { defaultEmbedder } from "../bench/default-embedder.js";

const LIMIT = 100;
/** Of each other set. */
const FOREIGN_QUESTIONS = 25;
const QUERIES_IN_BATCH = 64;

interface Question {
  readonly _id: string;
  readonly text: string;
}

const [sets = "", cache = "", ...wanted] = process.argv.slice(2);
const names = readdirSync(sets).filter((name) => existsSync(join(sets, name, "corpus.jsonl")));
const call = backgroundCall("tuning indexes and asks the sets it was given");
const dataFolder = join(cache, "index");
const embedder = defaultEmbedder({ RETRIEVAL_DATA_DIR: dataFolder });
const store = process.env.QDRANT_URL
  ? storeAt(process.env.QDRANT_URL)
  : createSqliteStore({ folder: join(dataFolder, "store"), vectorMemoryMb: 256 });
try {
  for (const name of wanted.length > 0 ? wanted : names) await dump(name, store, embedder);
} finally {
  await Promise.all([store.close(), embedder.close()]);
}

async function dump(name: string, into: VectorStore, model: Embedder): Promise<void> {
  const target = join(cache, `${name}.jsonl`);
  if (existsSync(target)) return;
  const started = performance.now();
  // A set may ask about another set's corpus, which is then a link to it.
  const collection = basename(dirname(realpathSync(join(sets, name, "corpus.jsonl"))));
  await index(collection, into, model);
  const indexed = performance.now();
  mkdirSync(cache, { recursive: true });
  const lines: string[] = [];
  const others = names.filter((other) => other !== name);
  const foreign = others.flatMap((other) =>
    questions(other)
      .slice(0, FOREIGN_QUESTIONS)
      .map(({ _id, text }) => ({ _id: `${other}/${_id}`, text })),
  );
  const asked = [...questions(name), ...foreign];
  for (let from = 0; from < asked.length; from += QUERIES_IN_BATCH) {
    const batch = asked.slice(from, from + QUERIES_IN_BATCH);
    const vectors = await model.embed(
      call,
      batch.map(({ text }) => text),
      "query",
    );
    for (const [i, { _id, text }] of batch.entries()) {
      const legs: Leg[] = [
        { kind: "dense", vector: vectors[i] as Float32Array },
        { kind: "lexical", text },
      ];
      const found = await into.search(call, collection, legs, { limit: LIMIT });
      const candidates = found.map(({ id, document, scores }) => [
        id,
        document,
        ...scores.map((score) => Number(score.toFixed(6))),
      ]);
      lines.push(JSON.stringify({ query: _id, text, candidates }));
    }
  }
  const out = createWriteStream(target);
  for (const line of lines) out.write(`${line}\n`);
  await new Promise((done) => out.end(done));
  const ms = [indexed - started, performance.now() - indexed].map(Math.round);
  process.stdout.write(`${name}: indexed in ${ms[0]} ms, ${asked.length} questions in ${ms[1]} ms\n`);
}

async function index(name: string, into: VectorStore, model: Embedder): Promise<void> {
  const target = call.access.collection(name);
  if ((await into.describe(call, target)) !== undefined) return;
  const folder = realpathSync(join(sets, name));
  const parser = new ParserProcess();
  const openSource = createOpenSource({ roots: [folder], dataFolder, parser });
  const ask = () => Promise.reject(new Error("no golden questions are asked here"));
  const parts = { embedder: model, store: into, openSource, isGone, analyser: ANALYSER_VERSION, ask };
  const request = { source: join(folder, "corpus.jsonl"), target, mode: "full", dryRun: false } as const;
  const { done } = startReindex(call, parts, request);
  const job = await done;
  process.stdout.write(`${name}: ${job.documents.added} documents, ${job.points} passages\n`);
  await parser.close();
}

function storeAt(urls: string): VectorStore {
  return createQdrantStore({
    urls,
    textField: "text",
    cluster: { ordering: "medium" },
    poolSize: 4,
    timeoutMs: 60_000,
    maxRetries: 3,
    retryDelayMs: 100,
    failureThreshold: 5,
    resetMs: 1_000,
  });
}

function questions(name: string): Question[] {
  const lines = readFileSync(join(sets, name, "queries.jsonl"), "utf8")
    .trim()
    .split("\n");
  return lines.map((line) => JSON.parse(line) as Question);
}
