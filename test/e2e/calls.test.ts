/** What single calls do: cancelling, progress, spans, models that change, filters and empty answers, many at once. */
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  cleanUp,
  folderOf,
  type Json,
  longDocuments,
  newFolder,
  PATIENCE_MS,
  type RawServer,
  REAL_MODEL,
  readSpans,
  startServer,
  until,
  writeDocuments,
} from "./server.js";

const HANDBOOK = {
  "keys.md": "# Keys\n\nRotate the signing keys every ninety days and revoke the old ones.\n",
  "leave.md": "# Leave\n\nAsk your manager for annual leave two weeks ahead.\n",
  "code/rotate.py": "def rotate_keys(ring):\n    return [key.renew() for key in ring]\n",
  "records.jsonl": [
    { id: "r1", title: "Lunch", text: "The canteen serves soup at noon.", metadata: { floor: 1, year: 2021 } },
    { id: "r2", title: "Parking", text: "Bicycles are parked behind the canteen.", metadata: { floor: 2, year: 2023 } },
    { id: "r3", title: "Night", text: "After eight the canteen door is locked.", metadata: { floor: 3, year: 2025 } },
  ]
    .map((record) => JSON.stringify(record))
    .join("\n"),
};

describe("cancelling", () => {
  afterEach(cleanUp);

  it("a reindex stops it, leaves the alias alone, records the job as cancelled, and the next run goes on where it stopped", async () => {
    const dataFolder = newFolder();
    const source = folderOf(HANDBOOK);
    const server = await startServer(dataFolder, { ...REAL_MODEL, RETRIEVAL_ROOTS: source });
    const before = (await server.ask("reindex", { source: "." })).job;

    writeDocuments(source, longDocuments(50, "ledger"));
    const { id } = server.start("reindex", { source: ".", mode: "full", wait: true });
    await server.writing(id);
    server.cancel(id);
    const cancelled = await jobIn(server, "cancelled");
    expect(cancelled).toMatchObject({ mode: "full", error: { code: "cancelled" } });
    expect(cancelled.documents.added).toBeLessThan(50);

    const { collections } = await server.ask("health");
    expect(collections.filter(({ serving }: Json) => serving)).toMatchObject([
      { name: before.target, points: before.points, state: "ready" },
    ]);
    const answer = await server.ask("retrieve", { query: "rotate the signing keys" });
    expect(answer.collection.name).toBe(before.target);

    const { job } = await server.ask("reindex", { source: ".", mode: "full", wait: true });
    expect(job).toMatchObject({ state: "done", target: cancelled.target, previous_collection: before.target });
    expect(job.documents.unchanged).toBeGreaterThan(0); // what the cancelled run wrote is not embedded again
    expect(job.documents.seen).toBe(50 + 6);

    await until(() => readSpans(dataFolder).length >= 5, PATIENCE_MS);
    const spans = readSpans(dataFolder).filter(({ tool, status }) => tool === "reindex" && status === "cancelled");
    expect(spans).toMatchObject([{ error_code: "cancelled" }]);
    await server.end();
  });

  it("a retrieve ends it with a cancelled span, and the server goes on", async () => {
    const dataFolder = newFolder();
    const source = folderOf(HANDBOOK);
    const settings = { ...REAL_MODEL, RETRIEVAL_ROOTS: source };
    const first = await startServer(dataFolder, settings);
    await first.ask("reindex", { source: "." });
    await first.end();

    const server = await startServer(dataFolder, settings); // its first question waits for the model
    server.cancel(server.start("retrieve", { query: "annual leave" }).id);
    const { results } = await server.ask("retrieve", { query: "annual leave" });
    expect(results[0].source.document).toBe("leave.md");
    await server.end();
    const spans = readSpans(dataFolder).filter(({ tool }) => tool === "retrieve");
    expect(spans.map(({ status }) => status).sort()).toEqual(["cancelled", "ok"]);
    expect(spans.find(({ status }) => status === "cancelled")).toMatchObject({ error_code: "cancelled" });
  });
});

describe("progress and spans", () => {
  afterEach(cleanUp);

  it("progress of a reindex rises and tells documents, chunks and rate", async () => {
    const source = folderOf(longDocuments(30, "ledger"));
    const server = await startServer(newFolder(), { ...REAL_MODEL, RETRIEVAL_ROOTS: source });
    const { id, answer } = server.start("reindex", { source: ".", wait: true });
    await answer;
    const heard = server.notifications
      .filter(({ method, params }) => method === "notifications/progress" && params.progressToken === id)
      .map(({ params }) => params);
    expect(heard.length).toBeGreaterThan(1);
    const values = heard.map(({ progress }) => progress);
    expect(values).toEqual([...new Set(values)].sort((a, b) => a - b));
    for (const { progress, total } of heard.slice(1)) expect(progress).toBeLessThanOrEqual(total);
    expect(heard.at(-1).message).toMatch(/^\w+: \d+\/30 documents, \d+ chunks, \d+ chunks\/s/);
    await server.end();
  });

  it("every call leaves one span, refused ones included, and none of them holds the text of a query", async () => {
    const dataFolder = newFolder();
    const source = folderOf(HANDBOOK);
    const server = await startServer(dataFolder, { RETRIEVAL_ROOTS: source });
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await server.ask("reindex", { source: "." });
    await server.start("retrieve", { query: "zanzibar keys", filter: { extension: "mdzanzibar" } }, { traceparent })
      .answer;
    await server.refuse("retrieve", { query: "zanzibar keys", zanzibar: 1 });
    await server.refuse("retrieve", { query: "zanzibar keys", collection: "elsewhere" });
    await server.refuse("reindex", { source: "/zanzibar" });
    await server.ask("health");
    await server.end();
    const spans = readSpans(dataFolder);
    expect(spans.map(({ tool, status, error_code }) => [tool, status, error_code])).toEqual([
      ["reindex", "ok", undefined],
      ["retrieve", "ok", undefined],
      ["retrieve", "rejected", "bad_request"],
      ["retrieve", "error", "not_found"],
      ["reindex", "error", "bad_request"],
      ["health", "ok", undefined],
    ]);
    expect(JSON.stringify(spans)).not.toContain("zanzibar");
    const retrieve = spans[1];
    expect(retrieve).toMatchObject({
      trace_id: "0af7651916cd43dd8448eb211c80319c",
      parent_id: "b7ad6b7169203331",
      client: { name: "raw", version: "1.0" },
      input: { query_chars: "zanzibar keys".length, filters: ["extension"] },
      output: { results: 0 },
    });
    expect(retrieve.stages.map(({ name }: Json) => name)).toEqual(expect.arrayContaining(["embed", "search", "fuse"]));
  });
});

describe("an embedding model", () => {
  afterEach(cleanUp);

  it("that is empty means pseudo-embeddings, which every answer and health say", async () => {
    const source = folderOf(HANDBOOK);
    const server = await startServer(newFolder(), { RETRIEVAL_ROOTS: source });
    await server.ask("reindex", { source: "." });
    const result = await server.call("retrieve", { query: "annual leave" });
    expect(result.structuredContent.degraded).toEqual([{ stage: "embed", reason: "pseudo_embeddings" }]);
    expect(result.content[0]?.text).toContain("pseudo_embeddings");
    const health = await server.ask("health");
    expect(health).toMatchObject({
      status: "degraded",
      embedder: { degraded: "pseudo_embeddings" },
      flags: { pseudo_embeddings: true },
    });
    await server.end();
  });

  it("that changed leaves the words to answer and names the command; after it both models are served at once from the version that fits", async () => {
    const dataFolder = newFolder();
    const source = folderOf(HANDBOOK);
    const ask = { query: "annual leave" };
    const real = { ...REAL_MODEL, RETRIEVAL_ROOTS: source };
    const pseudo = { RETRIEVAL_ROOTS: source };

    let server = await startServer(dataFolder, real);
    const first = (await server.ask("reindex", { source: "." })).job;
    await server.end();

    server = await startServer(dataFolder, pseudo);
    const byWords = await server.ask("retrieve", { ...ask, explain: true });
    expect(byWords.results[0]).toMatchObject({
      source: { document: "leave.md" },
      scores: { lexical: expect.any(Number) },
    });
    expect(byWords.degraded.map(({ reason }: Json) => reason)).toEqual(["pseudo_embeddings", "lexical_only"]);
    const command = "aura-retrieval index collection:my_docs --collection my_docs --full";
    expect(byWords.degraded[1].detail).toContain(command);
    const error = await server.refuse("retrieve", { ...ask, mode: "dense" });
    expect(error).toMatchObject({ code: "mismatch", runbook: "docs/runbook.md#mismatch" });
    expect(error.remedy).toContain(command);
    expect((await server.ask("health")).collections).toMatchObject([{ serving: true, matches_model: false }]);
    // What the remedy says, as a tool call.
    const second = (await server.ask("reindex", { source: "collection:my_docs", mode: "full", wait: true })).job;
    expect(second).toMatchObject({ state: "done", points: first.points, previous_collection: first.target });
    const answer = await server.ask("retrieve", ask);
    expect(answer.degraded).toEqual([{ stage: "embed", reason: "pseudo_embeddings" }]);
    expect(answer.results[0].source.document).toBe("leave.md");
    await server.end();

    server = await startServer(dataFolder, real);
    const back = await server.ask("retrieve", ask);
    expect(back.collection.name).toBe(first.target);
    expect(back.degraded).toEqual([{ stage: "search", reason: "stale_version" }]);
    // An incremental run makes the version that fits the serving one again.
    const third = (await server.ask("reindex", { source: "." })).job;
    expect(third).toMatchObject({ state: "done", target: first.target, chunks: 0 });
    expect((await server.ask("retrieve", ask)).degraded).toEqual([]);
    await server.end();
  });

  it.skipIf(cudaProviderIsInstalled())(
    "on a CUDA device without its provider is a typed error with the ways out, and health is down",
    async () => {
      const source = folderOf(HANDBOOK);
      const settings = { ...REAL_MODEL, RETRIEVAL_ROOTS: source, EMBEDDING_DEVICE: "cuda" };
      const server = await startServer(newFolder(), settings);
      for (const [tool, args] of [
        ["retrieve", { query: "annual leave" }],
        ["reindex", { source: "." }],
      ] as const) {
        const error = await server.refuse(tool, args);
        expect(error.code).toBe("config");
        expect(error.message).toContain("CUDA");
        for (const way of ["EMBEDDING_DEVICE=cpu", "DEVICE_FALLBACK=1"]) expect(error.remedy).toContain(way);
      }
      const health = await server.ask("health");
      expect(health).toMatchObject({ status: "down", embedder: { state: "failed", device: "cuda" } });
      expect(health.embedder.remedy).toContain("DEVICE_FALLBACK=1");
      await server.end();
    },
  );

  it.skipIf(cudaProviderIsInstalled())("may fall back to the CPU with DEVICE_FALLBACK=1, and says so", async () => {
    const source = folderOf(HANDBOOK);
    const settings = { ...REAL_MODEL, RETRIEVAL_ROOTS: source, EMBEDDING_DEVICE: "cuda", DEVICE_FALLBACK: "1" };
    const server = await startServer(newFolder(), settings);
    await server.ask("reindex", { source: "." });
    const answer = await server.ask("retrieve", { query: "annual leave" });
    expect(answer.degraded).toEqual([{ stage: "embed", reason: "device_fallback" }]);
    expect(answer.results[0].source.document).toBe("leave.md");
    expect(await server.ask("health")).toMatchObject({
      status: "degraded",
      embedder: { device: "cpu", degraded: "device_fallback" },
    });
    await server.end();
  });
});

function cudaProviderIsInstalled(): boolean {
  const folder = dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json"));
  return existsSync(join(folder, "bin/napi-v6", process.platform, process.arch, "libonnxruntime_providers_cuda.so"));
}

describe("retrieve", () => {
  let server: RawServer;
  let source: string;
  const documentsOf = async (args: object): Promise<string[]> =>
    (await server.ask("retrieve", { top_k: 50, ...args })).results.map(({ source }: Json) => source.document);

  beforeAll(async () => {
    source = folderOf(HANDBOOK);
    server = await startServer(newFolder(), {
      ...REAL_MODEL,
      RETRIEVAL_ROOTS: source,
      RETRIEVAL_COLLECTIONS: "my_docs,unborn,emptied",
    });
    await server.ask("reindex", { source: "." });
  });
  afterAll(cleanUp);

  it.each<[string, object, string[]]>([
    ["equal to a value", { extension: "py" }, ["code/rotate.py"]],
    ["equal to a document", { document: "leave.md" }, ["leave.md"]],
    ["any of a list", { document: ["leave.md", "keys.md"] }, ["keys.md", "leave.md"]],
    ["a range with both ends", { year: { gte: 2022, lte: 2024 } }, ["records.jsonl#r2"]],
    ["a range with one end, inclusive", { floor: { gte: 2 } }, ["records.jsonl#r2", "records.jsonl#r3"]],
    ["several fields, all of which must hold", { floor: { gte: 2 }, year: 2025 }, ["records.jsonl#r3"]],
  ])("keeps only what a filter lets through: %s", async (_case, filter, expected) => {
    for (const mode of ["hybrid", "dense"]) {
      const found = await documentsOf({ query: "canteen keys leave rotate", filter, mode });
      expect(found.toSorted(), mode).toEqual(expected);
    }
    const lexical = await documentsOf({ query: "canteen keys leave rotate", filter, mode: "lexical" });
    for (const document of lexical) expect(expected).toContain(document);
  });

  it("leaves out what scores below min_score, and says so when nothing is left", async () => {
    const query = "rotate the signing keys";
    const all = await server.ask("retrieve", { query });
    const scores: number[] = all.results.map(({ score }: Json) => score);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
    const some = await server.ask("retrieve", { query, min_score: (scores[0] as number) - 0.001 });
    expect(some.results.length).toBeLessThan(all.results.length);
    // The same passage has the same score whatever else is asked for.
    expect(some.results[0]).toEqual(all.results[0]);
    const none = await server.call("retrieve", { query, min_score: 1 });
    expect(none.isError).toBeFalsy();
    expect(none.structuredContent).toMatchObject({ results: [], empty_reason: "below_min_score" });
    expect(none.content[0]?.text).toContain("min_score");
  });

  it("says when a filter left nothing, and when no word matched", async () => {
    const filtered = await server.ask("retrieve", { query: "leave", filter: { extension: "pdf" } });
    expect(filtered).toMatchObject({ results: [], empty_reason: "filtered_out" });
    const unmatched = await server.ask("retrieve", { query: "xylophone", mode: "lexical" });
    expect(unmatched).toMatchObject({ results: [], empty_reason: "no_match" });
  });

  it("says how to make a collection that is not there", async () => {
    const error = await server.refuse("retrieve", { query: "leave", collection: "unborn" });
    expect(error.code).toBe("not_found");
    expect(error.remedy).toContain("aura-retrieval index <folder> --collection unborn");
  });

  it("refuses a run that finds no document, and keeps what is there", async () => {
    const empty = join(source, "nothing");
    writeDocuments(source, { "nothing/image.bin": "\u0000\u0001" });
    const error = await server.refuse("reindex", { source: empty, wait: true });
    expect(error).toMatchObject({ code: "not_found", message: expect.stringContaining("image.bin") });
    rmSync(empty, { recursive: true });
    expect(await documentsOf({ query: "leave", filter: { document: "leave.md" } })).toEqual(["leave.md"]);
  });

  it("keeps an answer within max_tokens, says what it left out, and honours detail", async () => {
    writeFileSync(join(source, "long.md"), Object.values(longDocuments(1, "ledger"))[0] as string);
    await server.ask("reindex", { source: ".", wait: true });
    const small = await server.call("retrieve", { query: "ledger sentence topic", max_tokens: 400, top_k: 20 });
    expect(JSON.stringify(small.structuredContent).length).toBeLessThan(400 * 4 + 600);
    expect(small.structuredContent.truncated.omitted).toBeGreaterThan(0);
    const ids = await server.ask("retrieve", { query: "ledger sentence topic", detail: "ids" });
    for (const result of ids.results) expect(result).not.toHaveProperty("text");
    const full = await server.ask("retrieve", { query: "ledger sentence topic", top_k: 50 });
    expect(JSON.stringify(full).length).toBeLessThan(25_000);
  });

  it("refuses to switch on what the server does not have", async () => {
    const error = await server.refuse("retrieve", { query: "leave", expand: true });
    expect(error).toMatchObject({ code: "bad_request", message: expect.stringContaining('"expand"') });
    for (const stage of ["rerank", "expand"]) {
      expect((await server.ask("retrieve", { query: "leave", [stage]: false })).results.length).toBeGreaterThan(0);
    }
  });

  it("re-ranks by late interaction unless a call says no", async () => {
    expect(await server.ask("retrieve", { query: "leave" })).toMatchObject({
      reranked: { candidates: expect.any(Number) },
    });
    expect(await server.ask("retrieve", { query: "leave", rerank: false })).not.toHaveProperty("reranked");
  });

  it("answers sixteen questions at once, each with its own passages", async () => {
    const questions: [string, string][] = [
      ["rotate the signing keys", "keys.md"],
      ["two weeks of annual leave", "leave.md"],
      ["soup in the canteen at noon", "records.jsonl#r1"],
      ["where to park bicycles", "records.jsonl#r2"],
    ];
    const asked = Array.from({ length: 16 }, (_, i) => questions[i % 4] as [string, string]);
    const answers = await Promise.all(
      asked.map(([query], i) => server.ask("retrieve", { query: `${query} ${"?".repeat(i)}` })),
    );
    expect(answers.map(({ results }) => results[0].source.document)).toEqual(asked.map(([, document]) => document));
    expect(new Set(answers.map(({ trace_id }) => trace_id)).size).toBe(16);
  });

  it("answers while a reindex runs", async () => {
    writeDocuments(source, longDocuments(50, "journal"));
    const { id, answer } = server.start("reindex", { source: ".", wait: true });
    await server.writing(id);
    expect(await documentsOf({ query: "annual leave", filter: { document: "leave.md" } })).toEqual(["leave.md"]);
    const { jobs } = await server.ask("health");
    expect(jobs[0]).toMatchObject({ state: "running", phase: "indexing" });
    expect((await answer).structuredContent.job).toMatchObject({ state: "done", documents: { added: 50 } });
  });
});

describe("limits of a server", () => {
  afterEach(cleanUp);

  it("more calls than RATE_LIMIT_QPS are refused with the time to wait", async () => {
    const server = await startServer(newFolder(), { RATE_LIMIT_QPS: "1" });
    const results = await Promise.all(Array.from({ length: 8 }, () => server.call("health")));
    const refused = results.filter(({ isError }) => isError).map(({ structuredContent }) => structuredContent.error);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.length).toBeLessThan(8);
    for (const error of refused) {
      expect(error).toMatchObject({ code: "rate_limited", retry_after_ms: expect.any(Number) });
    }
    await server.end();
  });

  it("a query longer than QUERY_MAX_CHARS and folders that nobody allowed are refused", async () => {
    const server = await startServer(newFolder(), { QUERY_MAX_CHARS: "50" });
    expect(await server.refuse("retrieve", { query: "x".repeat(51) })).toMatchObject({ code: "bad_request" });
    const error = await server.refuse("reindex", { source: "." });
    expect(error).toMatchObject({ code: "bad_request", remedy: expect.stringContaining("RETRIEVAL_ROOTS") });
    await server.end();
  });
});

async function jobIn(server: RawServer, state: string): Promise<Json> {
  let found: Json;
  await until(async () => {
    const { jobs } = await server.ask("health");
    found = jobs.find((job: Json) => job.state === state);
    return found !== undefined;
  }, PATIENCE_MS);
  return found;
}
