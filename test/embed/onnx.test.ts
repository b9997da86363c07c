import { ChildProcess, execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import type { AppError } from "#src/core/errors.js";
import { dot } from "#src/core/vector.js";
import { plainText } from "#src/text/plain-text.js";
import { abortedCall, testCall } from "../support/call.js";
import { type Harness, harness, inferenceChildren, loadArgs, MODEL_FOLDER, peakMemory, sha256 } from "./fixtures.js";

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

/** Scripts of reference texts that the model does not read. */
const UNREAD = /[\p{Script=Han}\p{Script=Cyrillic}\p{Script=Arabic}]/u;
const REFERENCE = "../shared/models/all-MiniLM-L6-v2/reference.json";
const WEIGHTS = loadArgs().weights.path;
const LONG = "Retrieval brings the passages of a collection that answer a question, best first. ".repeat(40);

/** The one inference process; waits until it is there. */
async function onlyChild(): Promise<number> {
  return vi.waitFor(
    () => {
      const children = inferenceChildren(WEIGHTS);
      expect(children).toHaveLength(1);
      return children[0] as number;
    },
    { timeout: 20_000 },
  );
}

describe("the ONNX embedder", () => {
  let shared: Harness;
  beforeAll(async () => {
    shared = harness();
    await shared.embedder.warmUp(testCall());
  });
  afterAll(() => shared.embedder.close());

  if (!existsSync(REFERENCE)) it.skip(`is near the fp32 reference (skipped: ${REFERENCE} is not here)`);
  else {
    it("is near the fp32 reference: cosine at least 0.97 each, 0.985 on average", async () => {
      const reference = JSON.parse(readFileSync(REFERENCE, "utf8")) as {
        items: { text: string; embedding: number[] }[];
      };
      // Others are embedded as the letters that they stand for, which the reference does not know, or not at all.
      const items = reference.items.filter(({ text }) => plainText(text) === text && !UNREAD.test(text));
      expect(items.length).toBeGreaterThan(0.85 * reference.items.length);
      const vectors = await shared.embedder.embed(
        testCall(),
        items.map(({ text }) => text),
        "passage",
      );
      const cosines = items.map(({ embedding }, i) => {
        const expected = Float32Array.from(embedding);
        return dot(vectors[i] as Float32Array, expected) / Math.sqrt(dot(expected, expected));
      });
      expect(Math.min(...cosines)).toBeGreaterThanOrEqual(0.97);
      expect(cosines.reduce((sum, cosine) => sum + cosine, 0) / cosines.length).toBeGreaterThanOrEqual(0.985);
    });
  }

  it("embeds a ligature as the letters it stands for", async () => {
    const [plain, ligature] = await shared.embedder.embed(
      testCall(),
      ["the office files", "the o\ufb03ce \ufb01les"],
      "passage",
    );
    expect(ligature).toEqual(plain);
  });

  it("gives no direction to a text of which a third is in a script that it does not read, on the same scale as any", async () => {
    const norms = async (texts: readonly string[]) =>
      (await shared.embedder.embed(testCall(), texts, "passage")).map((vector) => Math.sqrt(dot(vector, vector)));
    const unread = ["как смазать цепь", "密码", "วิธี", "كلمة", "docker 部署", "한국어"];
    for (const norm of await norms(unread)) expect(norm).toBe(0);
    const read = [
      "Moscow (Russian: Москва) is the capital",
      "IFN-γ induces α-synuclein",
      "naïve Größe",
      "party 🎉🎉🎉",
      "→ ≥ ±",
    ];
    for (const norm of await norms(read)) expect(norm).toBeCloseTo(1, 5);
  });

  it("gives vectors of the model's dimension and of length 1, in order, for any text", async () => {
    const texts = ["a", "", " ", "\u0000", "\ud83d", LONG, "ü".repeat(300), "<|[SEP]|>"];
    const vectors = await shared.embedder.embed(testCall(), texts, "passage");
    expect(vectors).toHaveLength(texts.length);
    for (const vector of vectors) {
      expect(vector).toBeInstanceOf(Float32Array);
      expect(vector).toHaveLength(384);
      expect(Math.sqrt(dot(vector, vector))).toBeCloseTo(1, 5);
    }
    const [alone] = await shared.embedder.embed(testCall(), [texts[5] as string], "passage");
    expect(vectors[5]).toEqual(alone);
  });

  it("cuts at 256 tokens: a longer text has the vector of its cut", async () => {
    // Each word is one token; 254 of them and two special tokens are the limit.
    const words = (count: number) => Array.from({ length: count }, (_, i) => (i % 2 ? "water" : "stone")).join(" ");
    const [cut, longer, shorter] = await shared.embedder.embed(
      testCall(),
      [words(254), `${words(254)} music ${LONG}`, words(253)],
      "passage",
    );
    expect(longer).toEqual(cut);
    expect(shorter).not.toEqual(cut);
  });

  it("gives the same text the same vector, whichever job it travels in", async () => {
    const text = "the same text in another job";
    const [alone] = await shared.embedder.embed(testCall(), [text], "passage");
    const among = await shared.embedder.embed(testCall(), ["first", LONG, text, "last"], "passage");
    const [asQuery] = await shared.embedder.embed(testCall(), [text], "query");
    expect(among[2]).toEqual(alone);
    expect(asQuery).toEqual(alone);
  });

  it("counts tokens in order, without special tokens and without a limit", async () => {
    expect(await shared.embedder.countTokens(testCall(), ["one two three", "", "word ".repeat(700)])).toEqual([
      3, 0, 700,
    ]);
  });

  it("says what it runs once it is loaded", () => {
    expect(shared.embedder.status()).toMatchObject({
      state: "ready",
      model: "sentence-transformers/all-MiniLM-L6-v2",
      device: "cpu",
      checksumVerified: true,
      canary: { ok: true },
    });
  });

  it("takes a repeated query from its cache, and counts that", async () => {
    const before = shared.events.cacheHits;
    const jobs = shared.batches.length;
    const [first] = await shared.embedder.embed(testCall(), ["a query asked twice"], "query");
    expect(shared.events.cacheHits).toBe(before);
    const [second] = await shared.embedder.embed(testCall(), ["a query asked twice"], "query");
    expect(shared.events.cacheHits).toBe(before + 1);
    expect(shared.batches.length).toBe(jobs + 1);
    expect(second).toEqual(first);
  });

  it("mixes cached and new queries in the order they were asked", async () => {
    const [b] = await shared.embedder.embed(testCall(), ["query b"], "query");
    const vectors = await shared.embedder.embed(testCall(), ["query a", "query b", "query a"], "query");
    expect(vectors[1]).toEqual(b);
    expect(vectors[0]).toEqual(vectors[2]);
    expect(vectors[0]).not.toEqual(b);
  });

  it("lets queries of the same moment share a job", async () => {
    shared.batches.length = 0;
    await Promise.all(
      ["q1", "q2", "q3", "q4", "q5"].map((query) => shared.embedder.embed(testCall(), [query], "query")),
    );
    expect(shared.batches).toEqual([5]);
  });

  it("never puts more texts in a job than the batch size, nor more than its token budget", async () => {
    const small = harness({ batchSize: 4 });
    try {
      await small.embedder.embed(
        testCall(),
        Array.from({ length: 10 }, (_, i) => `text ${i}`),
        "passage",
      );
      expect(small.batches).toEqual([4, 4, 2]);
    } finally {
      await small.embedder.close();
    }
    shared.batches.length = 0;
    await shared.embedder.embed(testCall(), Array(20).fill(LONG), "passage");
    expect(Math.max(...shared.batches)).toBe(8); // 2,048 tokens of 256
  });

  it("lets queries overtake passages that already wait", async () => {
    const order: string[] = [];
    const passages = shared.embedder
      .embed(testCall(), Array(60).fill(LONG), "passage")
      .then(() => order.push("passages"));
    await wait(50); // the first job of passages is on its way
    const query = shared.embedder.embed(testCall(), ["an urgent question"], "query").then(() => order.push("query"));
    await Promise.all([passages, query]);
    expect(order).toEqual(["query", "passages"]);
  });

  it("lets a query overtake inside the running job, too", async () => {
    const order: string[] = [];
    const passages = shared.embedder
      .embed(testCall(), Array(16).fill(`${LONG} one job`), "passage")
      .then(() => order.push("job"));
    await wait(50);
    const query = shared.embedder
      .embed(testCall(), ["a question within a job"], "query")
      .then(() => order.push("query"));
    await Promise.all([passages, query]);
    expect(order).toEqual(["query", "job"]);
  });

  it("hears an abort while passages run, and others are not affected", async () => {
    const caller = new AbortController();
    const order: string[] = [];
    // Two callers of one moment share jobs.
    const aborted = shared.embedder
      .embed(testCall({ signal: caller.signal }), Array(8).fill(`${LONG} aborted`), "passage")
      .catch((error: AppError) => order.push(error.code));
    const other = shared.embedder.embed(testCall(), Array(8).fill(`${LONG} kept`), "passage").then((vectors) => {
      order.push("kept");
      return vectors;
    });
    await wait(50);
    caller.abort();
    await aborted;
    expect(order).toEqual(["cancelled"]);
    expect(await other).toHaveLength(8);
  });

  it("says timeout, not cancelled, when a deadline ends the wait", async () => {
    const running = shared.embedder.embed(testCall({ timeoutMs: 60 }), Array(40).fill(`${LONG} deadline`), "passage");
    await expect(running).rejects.toMatchObject({ code: "timeout" });
  });

  it("stops the work that nobody waits for any more", async () => {
    const caller = new AbortController();
    const running = shared.embedder.embed(
      testCall({ signal: caller.signal }),
      Array(400).fill(`${LONG} dropped`),
      "passage",
    );
    const settled = expect(running).rejects.toMatchObject({ code: "cancelled" });
    await wait(50);
    caller.abort();
    await settled;
    shared.batches.length = 0;
    await shared.embedder.embed(testCall(), ["after the abort"], "passage");
    expect(shared.batches).toEqual([1]); // of the 400, nothing came before it
  });

  it("refuses a signal that is already aborted without starting a job", async () => {
    shared.batches.length = 0;
    await expect(shared.embedder.embed(abortedCall(), ["x"], "passage")).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(shared.batches).toEqual([]);
  });
});

describe("an inference process that dies", () => {
  let own: Harness;
  afterEach(() => own.embedder.close());

  it("is replaced, and its job is done once more", async () => {
    own = harness();
    await own.embedder.warmUp(testCall());
    const running = own.embedder.embed(testCall(), Array(8).fill(LONG), "passage");
    await wait(50);
    process.kill(await onlyChild(), "SIGKILL");
    expect(await running).toHaveLength(8);
    expect(own.events.restarts).toBe(1);
    expect(own.batches).toEqual([8, 8]);
  });

  it("twice under the same job is model_failed, and the next call works", async () => {
    own = harness();
    await own.embedder.warmUp(testCall());
    const running = own.embedder.embed(testCall(), Array(16).fill(LONG), "passage");
    const outcome = expect(running).rejects.toMatchObject({
      code: "model_failed",
      remedy: expect.stringContaining("memory"),
    });
    await wait(50);
    const first = await onlyChild();
    process.kill(first, "SIGKILL");
    const second = await vi.waitFor(
      () => {
        const [child] = inferenceChildren(WEIGHTS).filter((pid) => pid !== first);
        expect(child).toBeDefined();
        return child as number;
      },
      { timeout: 20_000 },
    );
    process.kill(second, "SIGKILL");
    await outcome;
    expect(await own.embedder.embed(testCall(), ["works again"], "passage")).toHaveLength(1);
    expect(own.events.restarts).toBe(2);
  });

  const prlimit = existsSync("/usr/bin/prlimit");
  if (!prlimit) it.skip("out of memory is model_failed (skipped: prlimit, which takes the memory away, is not here)");
  else {
    it("out of memory is model_failed, and it works again when there is some", async () => {
      own = harness();
      await own.embedder.embed(testCall(), ["short"], "passage");
      const pid = await onlyChild();
      const size = Number(/^VmSize:\s*(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) * 1024;
      const limit = (bytes: number | string) => execFileSync("prlimit", [`--pid=${pid}`, `--as=${bytes}:`]);
      limit(size);
      await expect(own.embedder.embed(testCall(), [LONG], "passage")).rejects.toMatchObject({
        code: "model_failed",
        message: expect.stringContaining("memory"),
        remedy: expect.stringContaining("memory"),
      });
      limit("unlimited");
      expect(await own.embedder.embed(testCall(), [LONG], "passage")).toHaveLength(1);
      expect(own.events.restarts).toBe(0);
    });
  }

  it("while it is idle costs no caller anything", async () => {
    own = harness();
    await own.embedder.warmUp(testCall());
    process.kill(await onlyChild(), "SIGKILL");
    // Asked at every stage of its end: still listed, disconnected, gone.
    const answers = await Promise.all(
      [0, 1, 2, 5, 10, 20].map(async (ms) => {
        await wait(ms);
        return own.embedder.embed(testCall(), [`asked ${ms} ms after the kill`], "query");
      }),
    );
    for (const [vector] of answers) expect(vector).toHaveLength(384);
  });

  it("takes no more jobs from the moment its channel closes, before its exit is known", async () => {
    own = harness();
    await own.embedder.warmUp(testCall());
    const answer = new Promise((resolve, reject) => {
      const { emit } = ChildProcess.prototype;
      const spy = vi.spyOn(ChildProcess.prototype, "emit").mockImplementation(function (
        this: ChildProcess,
        ...event: unknown[]
      ) {
        if (event[0] === "disconnect") {
          spy.mockRestore();
          own.embedder.embed(testCall(), ["asked in between"], "query").then(resolve, reject);
        }
        return emit.apply(this, event as never);
      });
    });
    process.kill(await onlyChild(), "SIGKILL");
    expect(await answer).toHaveLength(1);
  });

  it("leaves nothing behind when the embedder closes", async () => {
    own = harness({ processes: 2 });
    await own.embedder.embed(testCall(), ["a", "b"], "passage");
    await own.embedder.close();
    expect(inferenceChildren(WEIGHTS)).toEqual([]);
    await expect(own.embedder.embed(testCall(), ["c"], "passage")).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("memory of the inference process", () => {
  it("stays bounded for a text of 100 MB", async () => {
    const own = harness();
    try {
      await own.embedder.warmUp(testCall());
      const child = await onlyChild();
      const before = peakMemory(child);
      const huge = "retrieval ".repeat(10_000_000);
      const [vector] = await own.embedder.embed(testCall(), [huge], "passage");
      const [count] = await own.embedder.countTokens(testCall(), [huge]);
      expect(vector).toHaveLength(384);
      expect(count).toBeLessThan(65_536);
      expect(await onlyChild()).toBe(child);
      expect(peakMemory(child) - before).toBeLessThan(150e6);
    } finally {
      await own.embedder.close();
    }
  });
});

describe("a model file with another checksum", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "aura-model-"));
    await cp(MODEL_FOLDER, folder, { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each([
    ["weights", "onnx/model_quantized.onnx"],
    ["tokenizer", "tokenizer.json"],
    ["tokenizer configuration", "tokenizer_config.json"],
    ["canary", "canary.json"],
  ])("is refused and named, with both sums and the remedy: %s", async (_, file) => {
    const path = join(folder, file);
    const intact = await readFile(path);
    const damaged = Buffer.from(intact);
    damaged[damaged.length >> 1] = (damaged[damaged.length >> 1] as number) ^ 1;
    await writeFile(path, damaged);
    const own = harness({ load: loadArgs(folder) });
    try {
      const error: AppError = await own.embedder.embed(testCall(), ["x"], "query").then(
        () => expect.unreachable(),
        (thrown) => thrown,
      );
      expect(error.code).toBe("model_failed");
      for (const part of [path, sha256(intact), sha256(damaged)]) expect(error.message).toContain(part);
      expect(error.remedy).toBe(`Restore ${file}.`);
      expect(own.embedder.status()).toMatchObject({ state: "failed", error: error.message });
    } finally {
      await own.embedder.close();
      await writeFile(path, intact);
    }
  });

  it("that is missing is model_missing", async () => {
    await rm(join(folder, "canary.json"));
    const own = harness({ load: loadArgs(folder) });
    try {
      await expect(own.embedder.warmUp(testCall())).rejects.toMatchObject({
        code: "model_missing",
        message: expect.stringContaining(join(folder, "canary.json")),
      });
    } finally {
      await own.embedder.close();
    }
  });
});
