/** The re-ranker in its inference processes, by a model with random weights. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { Reranker, RerankPassage } from "#src/core/ports.js";
import { InferencePool } from "#src/inference/pool.js";
import type { CrossEncoderLoad } from "#src/inference/protocol.js";
import { Child } from "#src/process/child.js";
import { createCrossEncoder } from "#src/rerank/cross-encoder.js";
import { inferenceChildren } from "../embed/fixtures.js";
import { handleOver } from "../models/handles.js";
import { ELECTRA, isHere, itemsOf, loadArgs, TINY_BERT } from "../rerank/references.js";
import { testCall } from "../support/call.js";

vi.setConfig({ testTimeout: 60_000 });

const LONG_MS = 30_000;
const LOAD = loadArgs(ELECTRA);
const passages = (count: number, text = (i: number) => `the first of them is ${i}`): RerankPassage[] =>
  Array.from({ length: count }, (_, i) => ({ id: String(i), text: text(i), textHash: String(i), fused: 1 }));
const ENTRY = "cross-encoder-worker.js";
const children = () => inferenceChildren(LOAD.weights.path, ENTRY);

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

function parts(options: { processes?: number; batchSize?: number; load?: CrossEncoderLoad } = {}) {
  const events = { restarts: 0 };
  const pool = new InferencePool({
    load: options.load ?? LOAD,
    processes: options.processes ?? 1,
    batchSize: options.batchSize ?? 1,
    depth: 2,
    loadAll: true,
    onRestart: () => events.restarts++,
  });
  const reranker = createCrossEncoder({ handle: handleOver(pool, { reloadPauseMs: 1_000 }) });
  opened.push(pool);
  return { pool, reranker, events };
}

describe("the cross-encoder in its processes", () => {
  it("gives the sigmoid of the reference's logits, whichever process scores", async () => {
    const { reranker, pool } = parts({ processes: 2 });
    await reranker.warmUp(testCall());
    expect(pool.processes).toBe(2);
    const [query] = [itemsOf(ELECTRA)[0]?.query as string];
    // Those that fit whole: a cut passage keeps its best window, not its first tokens.
    const items = itemsOf(ELECTRA).filter((item) => item.query === query && item.input_ids.length < ELECTRA.maxTokens);
    expect(items.length).toBeGreaterThanOrEqual(4);
    const { scores } = await reranker.score(
      testCall(),
      query,
      items.map(({ passage }) => ({ id: passage, text: passage, textHash: passage, fused: 1 })),
      LONG_MS,
    );
    for (const [i, { logit }] of items.entries()) expect(scores[i]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 2);
    expect(reranker.status()).toMatchObject({ state: "ready", checksumVerified: true, processes: 2 });
  });

  it("shows the model the best window of a passage that is too long", async () => {
    const { reranker } = parts();
    const filler = "word ".repeat(100);
    const [atEnd, alone] = (
      await reranker.score(
        testCall(),
        "berlin people",
        passages(2, (i) => (i ? filler : `${filler} berlin people`)),
        LONG_MS,
      )
    ).scores;
    expect(atEnd).not.toBe(alone);
  });

  it("scores the best passages of every call before the others of any", async () => {
    const { pool } = parts();
    await pool.load();
    const order: string[] = [];
    const ask = (name: string) =>
      pool
        .score(
          testCall(),
          name,
          passages(30).map(({ text }) => text),
        )
        .map((logit, rank) => logit.then(() => order.push(`${name}${rank}`)));
    await Promise.all([...ask("a"), ...ask("b")]);
    expect(order).toHaveLength(60);
    // Jobs leave the queue in the order of their ranks; only the processes' hold of two keeps it from being exact.
    for (const [i, name] of order.entries()) expect(Math.abs(Number(name.slice(1)) - i / 2)).toBeLessThanOrEqual(2);
  });

  it("scores a call's passages in their order, though its jobs wait together", async () => {
    const { pool } = parts({ batchSize: 4 });
    await pool.load();
    const order: number[] = [];
    const logits = pool.score(
      testCall(),
      "who",
      passages(12).map(({ text }) => text),
    );
    await Promise.all(logits.map((logit, i) => logit.then(() => order.push(i))));
    expect(order).toEqual(Array.from({ length: 12 }, (_, i) => i));
  });

  it("gives each process as many of a call's passages, in as few jobs as may be", async () => {
    const { pool } = parts({ processes: 2, batchSize: 4 });
    await pool.load();
    const jobs: { of: Child; texts: number }[] = [];
    const call = vi.spyOn(Child.prototype, "call").mockImplementation(async function (this: Child, _, args) {
      const { texts } = args as { texts: string[] };
      jobs.push({ of: this, texts: texts.length });
      await new Promise((done) => setTimeout(done, 10));
      return texts.map(() => 0);
    });
    try {
      await Promise.all(
        pool.score(
          testCall(),
          "who",
          passages(10).map(({ text }) => text),
        ),
      );
    } finally {
      call.mockRestore();
    }
    expect(jobs.map(({ texts }) => texts)).toEqual([3, 2, 3, 2]);
    const ofFirst = jobs.filter(({ of }) => of === jobs[0]?.of);
    expect(ofFirst.reduce((sum, { texts }) => sum + texts, 0)).toBe(5);
  });

  it("keeps what a job has scored when the caller's time ends within it", async () => {
    const { pool } = parts({ batchSize: 2_000 });
    await pool.load();
    const budget = new AbortController();
    const logits = pool.score(
      testCall({ signal: budget.signal }),
      "who",
      passages(2_000).map(({ text }) => text),
    );
    await logits[0];
    budget.abort();
    const settled = await Promise.allSettled(logits);
    const scored = settled.filter(({ status }) => status === "fulfilled").length;
    expect(scored).toBeGreaterThan(0);
    expect(scored).toBeLessThan(2_000);
  });

  it("answers at its budget though its process stands still, and works when it goes on", async () => {
    const { reranker } = parts();
    await reranker.warmUp(testCall());
    const [pid] = children() as [number];
    process.kill(pid, "SIGSTOP");
    try {
      const { scores } = await reranker.score(testCall(), "who", passages(5), 50);
      expect(scores).toEqual(new Array(5).fill(undefined));
    } finally {
      process.kill(pid, "SIGCONT");
    }
    const { scores } = await reranker.score(testCall(), "who", passages(5), LONG_MS);
    expect(scores.every((score) => score !== undefined && score > 0 && score < 1)).toBe(true);
  });

  it("leaves the others' passages alone when one caller goes", async () => {
    const { reranker } = parts();
    await reranker.warmUp(testCall());
    const caller = new AbortController();
    const gone = reranker.score(testCall({ signal: caller.signal }), "who", passages(500), LONG_MS);
    const stays = reranker.score(testCall(), "what", passages(40), LONG_MS);
    const rejected = expect(gone).rejects.toMatchObject({ code: "cancelled" });
    await new Promise((done) => setImmediate(done));
    caller.abort();
    await rejected;
    expect((await stays).scores.every((score) => score !== undefined)).toBe(true);
  });
});

describe("an inference process of the re-ranker that dies", () => {
  async function killedWhileScoring(reranker: Reranker, times: number) {
    const result = reranker.score(testCall(), "who", passages(200), LONG_MS).then(
      ({ scores }) => scores,
      (error: unknown) => error,
    );
    let last = 0;
    for (let i = 0; i < times; i++) {
      const pid = await vi.waitFor(() => {
        const found = children().find((each) => each !== last);
        expect(found).toBeDefined();
        return found as number;
      });
      last = pid;
      process.kill(pid, "SIGKILL");
    }
    return result;
  }

  it("is replaced, and its passages are scored", async () => {
    const { reranker, events } = parts();
    await reranker.warmUp(testCall());
    const scores = (await killedWhileScoring(reranker, 1)) as readonly (number | undefined)[];
    expect(scores.filter((score) => score === undefined)).toEqual([]);
    expect(events.restarts).toBe(1);
  });

  it("again and again is model_failed for this call, and the next call works", async () => {
    const { reranker } = parts();
    await reranker.warmUp(testCall());
    expect(await killedWhileScoring(reranker, 2)).toMatchObject({ code: "model_failed" });
    const { scores } = await reranker.score(testCall(), "who", passages(3), LONG_MS);
    expect(scores.every((score) => score !== undefined)).toBe(true);
  });

  const reason = !existsSync("/usr/bin/prlimit")
    ? "prlimit, which takes the memory away, is not here"
    : isHere(TINY_BERT)
      ? undefined
      : `${TINY_BERT.folder} is not here`;
  if (reason !== undefined) it.skip(`out of memory is model_failed (skipped: ${reason})`, () => undefined);
  else {
    it("out of memory is model_failed, and it works again when there is some", async () => {
      const load = loadArgs(TINY_BERT);
      const { reranker, events } = parts({ load });
      await reranker.warmUp(testCall());
      const [pid] = inferenceChildren(load.weights.path, ENTRY) as [number];
      const size = Number(/^VmSize:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
      const limit = (bytes: number | string) => execFileSync("prlimit", [`--pid=${pid}`, `--as=${bytes}:`]);
      const long = passages(1, () => "berlin ".repeat(600));
      limit(size);
      await expect(reranker.score(testCall(), "who", long, LONG_MS)).rejects.toMatchObject({
        code: "model_failed",
        message: expect.stringContaining("memory"),
      });
      limit("unlimited");
      expect((await reranker.score(testCall(), "who", long, LONG_MS)).scores[0]).toBeGreaterThan(0);
      expect(events.restarts).toBe(0);
    });
  }
});

describe("a cross-encoder's file", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aura-rerank-"));
    await cp(ELECTRA.folder, folder, { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  const inFolder = (): CrossEncoderLoad => ({
    ...LOAD,
    weights: { ...LOAD.weights, path: join(folder, ELECTRA.weights) },
  });

  it("with another checksum is refused and named", async () => {
    const path = join(folder, ELECTRA.weights);
    const damaged = await readFile(path);
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] as number) ^ 1;
    await writeFile(path, damaged);
    const { reranker } = parts({ load: inFolder() });
    await expect(reranker.score(testCall(), "q", passages(1), LONG_MS)).rejects.toMatchObject({
      code: "model_failed",
      message: expect.stringContaining(path),
    });
  });

  it("that was damaged works as soon as it is whole again", async () => {
    const { reranker } = parts({ load: inFolder() });
    await expect(reranker.score(testCall(), "q", passages(1), LONG_MS)).rejects.toMatchObject({ code: "model_failed" });
    await cp(join(ELECTRA.folder, ELECTRA.weights), join(folder, ELECTRA.weights));
    await new Promise((done) => setTimeout(done, 1_000)); // so long it is not tried again
    expect((await reranker.score(testCall(), "q", passages(1), LONG_MS)).scores[0]).toBeGreaterThan(0);
    expect(reranker.status()).toMatchObject({ state: "ready" });
  });

  it("that is missing is model_missing", async () => {
    await rm(join(folder, ELECTRA.weights));
    const { reranker } = parts({ load: inFolder() });
    await expect(reranker.score(testCall(), "q", passages(1), LONG_MS)).rejects.toMatchObject({
      code: "model_missing",
    });
    expect(reranker.status()).toMatchObject({ state: "failed", remedy: LOAD.weights.remedy });
  });
});
