/** What every `TokenCounter` does. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TokenCounter } from "#src/core/ports.js";
import { testCall } from "../support/call.js";
import { freshTexts, rejectsAtOnce, rejectsWhenAborted, stopsTheWork, type Worker } from "./ended-calls.js";

export interface TokenCounterFixture {
  readonly counter: TokenCounter;
  readonly worker: Worker;
  /** Texts and words in each whose counting takes a while. */
  readonly much?: readonly [texts: number, words: number];
  dispose(): Promise<void>;
}

export function tokenCounterContract(name: string, factory: () => Promise<TokenCounterFixture>): void {
  describe(`${name} as a token counter`, () => {
    let fixture: TokenCounterFixture;
    let counter: TokenCounter;
    const worker = () => fixture.worker;
    beforeAll(async () => {
      fixture = await factory();
      counter = fixture.counter;
    });
    afterAll(() => fixture.dispose());

    it("counts each text in order, the empty one as none, and none for no texts", async () => {
      const texts = ["one", "", "one two three", " \n "];
      const counts = await counter.countTokens(testCall(), texts);
      expect(counts).toHaveLength(texts.length);
      const [one, empty, three, blank] = counts as [number, number, number, number];
      expect([empty, blank]).toEqual([0, 0]);
      expect(one).toBeGreaterThan(0);
      expect(three).toBeGreaterThan(one);
      expect(await counter.countTokens(testCall(), [])).toEqual([]);
    });

    it("counts beyond the longest input, each text by itself", async () => {
      expect(counter.maxTokens).toBeGreaterThan(0);
      const long = "word ".repeat(counter.maxTokens * 2);
      const [alone] = await counter.countTokens(testCall(), [long]);
      expect(alone).toBeGreaterThan(counter.maxTokens);
      expect(await counter.countTokens(testCall(), ["a", long])).toEqual([1, alone]);
    });

    rejectsWhenAborted("countTokens", (call) => counter.countTokens(call, ["text"]));
    rejectsWhenAborted("countTokens without texts", (call) => counter.countTokens(call, []));
    rejectsAtOnce("countTokens", worker, (call) => counter.countTokens(call, freshTexts(20, 10)));
    stopsTheWork(
      "countTokens",
      worker,
      () => {
        const texts = freshTexts(...(fixture.much ?? [40, 1_000]));
        return (call) => counter.countTokens(call, texts);
      },
      (call) => counter.countTokens(call, ["a"]),
    );
  });
}
