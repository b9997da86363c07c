/** What every `Reranker` does. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reranker, RerankPassage } from "#src/core/ports.js";
import { testCall } from "../support/call.js";
import { freshTexts, rejectsAtOnce, rejectsWhenAborted, stopsTheWork, type Worker } from "./ended-calls.js";

export interface RerankerFixture {
  readonly reranker: Reranker;
  /** Absent where nothing is computed. */
  readonly worker?: Worker;
  dispose(): Promise<void>;
}

const LONG_MS = 60_000;
/** How far a budget may be overrun. */
const SLACK_MS = 500;
const QUERY = "who rotates the keys";

function passages(texts: readonly string[]): RerankPassage[] {
  return texts.map((text, i) => ({ id: String(i), text, textHash: text, fused: 0.9 - i / 1_000 }));
}
const fresh = (count: number, words = 20) => passages(freshTexts(count, words));

interface RerankerTraits {
  /** Whether its own model can be loaded; default true. */
  readonly loads?: boolean;
  /** How many passages are much work for it; absent where nothing is computed. */
  readonly much?: number;
}

export function rerankerContract(
  name: string,
  factory: () => Promise<RerankerFixture>,
  { loads = true, much }: RerankerTraits = {},
): void {
  describe(`${name} as a reranker`, () => {
    let fixture: RerankerFixture;
    let reranker: Reranker;
    const idle: Worker = { workedMs: () => 0 };
    const worker = () => fixture.worker ?? idle;
    beforeAll(async () => {
      fixture = await factory();
      reranker = fixture.reranker;
    });
    afterAll(() => fixture.dispose());

    it.runIf(loads)("is ready once it is warm", async () => {
      await reranker.warmUp(testCall());
      expect(reranker.status()).toMatchObject({
        state: "ready",
        model: expect.any(String),
        device: expect.stringMatching(/^(cpu|cuda)$/),
      });
    });

    it("gives each passage a score of 0 to 1, in order, the same every time", async () => {
      const asked = passages(["the keys are rotated", "bread and butter", "the keys are rotated", "x"]);
      const { scores } = await reranker.score(testCall(), QUERY, asked, LONG_MS);
      expect(scores).toHaveLength(asked.length);
      for (const score of scores) {
        expect(score).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
      }
      expect(scores[0]).toBe(scores[2]);
      expect(await reranker.score(testCall(), QUERY, asked, LONG_MS)).toMatchObject({ scores });
    });

    it("has no scores where there are no passages", async () => {
      expect((await reranker.score(testCall(), QUERY, [], LONG_MS)).scores).toEqual([]);
    });

    it("ends with its budget, though the work stands still, and goes on for the next call", async () => {
      const goOn = worker().stall?.();
      if (goOn === undefined) return;
      try {
        const started = performance.now();
        const { scores } = await reranker.score(testCall(), QUERY, fresh(5), 50);
        expect(performance.now() - started).toBeLessThan(50 + SLACK_MS);
        expect(scores).toEqual(new Array(5).fill(undefined));
      } finally {
        goOn();
      }
      const { scores } = await reranker.score(testCall(), QUERY, fresh(5), LONG_MS);
      expect(scores.every((score) => score !== undefined)).toBe(true);
    });

    rejectsWhenAborted("warmUp", (call) => reranker.warmUp(call));
    rejectsWhenAborted("score", (call) => reranker.score(call, QUERY, fresh(3), LONG_MS));
    rejectsWhenAborted("score without passages", (call) => reranker.score(call, QUERY, [], LONG_MS));
    rejectsAtOnce("score", worker, (call) => reranker.score(call, QUERY, fresh(10), LONG_MS));

    it("rejects at once for one of two who ask the same, and goes on for the other", async () => {
      const goOn = worker().stall?.();
      if (goOn === undefined) return;
      const asked = fresh(1); // so that both are in one job
      const caller = new AbortController();
      const stays = reranker.score(testCall(), QUERY, asked, LONG_MS);
      try {
        const gone = reranker.score(testCall({ signal: caller.signal }), QUERY, asked, LONG_MS);
        const rejected = expect(gone).rejects.toMatchObject({ code: "cancelled" });
        await new Promise((done) => setTimeout(done, 30));
        const ended = performance.now();
        caller.abort();
        await rejected;
        expect(performance.now() - ended).toBeLessThan(SLACK_MS);
      } finally {
        goOn();
      }
      expect((await stays).scores.every((score) => score !== undefined)).toBe(true);
    });

    it("goes on for those who stay when another caller leaves", async () => {
      const caller = new AbortController();
      const gone = reranker.score(testCall({ signal: caller.signal }), QUERY, fresh(200), LONG_MS);
      const outcome = gone.catch((error: unknown) => error);
      const stays = reranker.score(testCall(), "another question", fresh(10), LONG_MS);
      await new Promise(setImmediate);
      caller.abort();
      if (fixture.worker !== undefined) expect(await outcome).toMatchObject({ code: "cancelled" });
      expect((await stays).scores.every((score) => score !== undefined)).toBe(true);
    });

    if (much !== undefined) {
      stopsTheWork(
        "score",
        worker,
        () => {
          const asked = fresh(much, 60);
          return (call) => reranker.score(call, QUERY, asked, LONG_MS);
        },
        (call) => reranker.score(call, QUERY, fresh(1), LONG_MS),
      );
    }
  });
}
