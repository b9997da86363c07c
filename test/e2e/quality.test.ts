/** The quality floor, through the real server: slow, so only with QUALITY=1 and where the data sets are. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { cleanUp, type Json, newFolder, REAL_MODEL, startServer } from "./server.js";

const DATA = resolve(import.meta.dirname, "../../../shared/data");
/** Query → relevant document → grade. */
type Judgements = Map<string, Map<string, number>>;

const reason =
  process.env.QUALITY !== "1"
    ? "QUALITY=1 is not set (it takes many minutes)"
    : existsSync(DATA)
      ? undefined
      : `${DATA} is absent`;
if (reason !== undefined) console.log(`quality.test.ts is skipped: ${reason}`);

afterAll(cleanUp);

describe.skipIf(reason !== undefined)("ranked through the server with default settings", () => {
  it("webdocs: at least 33 of 36 questions have a relevant page among the first five documents", async () => {
    const folder = join(DATA, "webdocs");
    const ranked = await rankAll(folder, join(folder, "pages"), (document) => document.replace(/\.md$/, ""));
    const judgements = readJudgements(folder);
    const answered = [...ranked].filter(([query, documents]) =>
      documents.slice(0, 5).some((document) => (judgements.get(query)?.get(document) ?? 0) > 0),
    );
    console.log(
      `webdocs: ${answered.length} of ${ranked.size} questions answered, nDCG@10 ${meanNdcg(ranked, judgements).toFixed(4)}`,
    );
    expect(ranked.size).toBe(36);
    expect(answered.length).toBeGreaterThanOrEqual(33);
  }, 3_600_000);

  it.each([
    ["cranfield", 225, 0.562],
    ["scifact", 300, 0.732],
  ])(
    "%s: nDCG@10 over its %i test queries is at least %d",
    async (name, queries, floor) => {
      const folder = join(DATA, name);
      const ranked = await rankAll(folder, join(folder, "corpus.jsonl"), (document) => document);
      const score = meanNdcg(ranked, readJudgements(folder));
      console.log(`${name}: nDCG@10 ${score.toFixed(4)} over ${ranked.size} queries`);
      expect(ranked.size).toBe(queries);
      expect(score).toBeGreaterThanOrEqual(floor);
    },
    3_600_000,
  );
});

const qdrant = process.env.QDRANT_TEST_URL;

describe.skipIf(reason !== undefined)("ranked by a Qdrant", () => {
  it.skipIf(qdrant === undefined)(
    "scifact: the embedded store's top 10 and nDCG@10 (skipped without QDRANT_TEST_URL)",
    async () => {
      const folder = join(DATA, "scifact");
      const rank = (settings: Record<string, string>) =>
        rankAll(folder, join(folder, "corpus.jsonl"), (document) => document, settings);
      const embedded = await rank({});
      const name = `parity-${process.pid}`;
      const served = await rank({ QDRANT_URL: qdrant as string, QDRANT_COLLECTION: name });
      const judgements = readJudgements(folder);
      const scores = [embedded, served].map((ranked) => meanNdcg(ranked, judgements));
      const shared = [...embedded].map(([query, documents]) => {
        const top = new Set(documents.slice(0, 10));
        return (served.get(query) ?? []).slice(0, 10).filter((document) => top.has(document)).length / top.size;
      });
      const overlap = shared.reduce((sum, share) => sum + share, 0) / shared.length;
      console.log(
        `scifact: nDCG@10 ${scores.map((score) => score.toFixed(4)).join(" and ")}, overlap ${overlap.toFixed(4)}`,
      );
      expect(overlap).toBeGreaterThanOrEqual(0.95);
      expect(Math.abs((scores[0] as number) - (scores[1] as number))).toBeLessThanOrEqual(0.005);
    },
    3_600_000,
  );
});

/** Indexes the source, asks every judged query. @returns query → distinct documents, best chunk first */
async function rankAll(folder: string, source: string, idOf: (document: string) => string, settings = {}) {
  const server = await startServer(newFolder(), {
    ...settings,
    ...REAL_MODEL,
    EMBEDDING_THREADS: "auto",
    RETRIEVAL_ROOTS: folder,
    RATE_LIMIT_QPS: "100000",
  });
  const { job } = await server.ask("reindex", { source, wait: true });
  console.log(`${folder}: ${job.documents.added} documents, ${job.points} passages in ${job.elapsed_ms} ms`);
  const judged = readJudgements(folder);
  const ranked = new Map<string, string[]>();
  for (const { _id, text } of readQueries(folder)) {
    if (!judged.has(_id)) continue;
    const ask = { query: text, top_k: 50, detail: "ids", max_tokens: 100_000 };
    const { results } = await server.ask("retrieve", ask);
    ranked.set(_id, [...new Set<string>(results.map(({ source }: Json) => idOf(source.document)))]);
  }
  await server.end();
  return ranked;
}

function readQueries(folder: string): { _id: string; text: string }[] {
  return readFileSync(join(folder, "queries.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
}

function readJudgements(folder: string): Judgements {
  const judgements: Judgements = new Map();
  const [, ...rows] = readFileSync(join(folder, "qrels/test.tsv"), "utf8").trim().split("\n");
  for (const row of rows) {
    const [query, document, grade] = row.split("\t") as [string, string, string];
    const grades = judgements.get(query) ?? new Map<string, number>();
    judgements.set(query, grades.set(document, Number(grade)));
  }
  return judgements;
}

/** Mean over the judged queries of DCG / ideal DCG at 10, with graded gains and the discount log2(rank + 1). */
function meanNdcg(ranked: ReadonlyMap<string, readonly string[]>, judgements: Judgements): number {
  const dcg = (gains: readonly number[]) =>
    gains.slice(0, 10).reduce((sum, gain, i) => sum + gain / Math.log2(i + 2), 0);
  const scores = [...judgements].map(([query, grades]) => {
    const gains = (ranked.get(query) ?? []).map((document) => Math.max(0, grades.get(document) ?? 0));
    const ideal = dcg([...grades.values()].map((grade) => Math.max(0, grade)).sort((a, b) => b - a));
    return ideal === 0 ? 0 : dcg(gains) / ideal;
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}
