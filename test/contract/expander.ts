/** What every `Expander` does. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Expander } from "#src/core/ports.js";
import { testCall } from "../support/call.js";
import { rejectsWhenAborted } from "./ended-calls.js";

export interface ExpanderFixture {
  readonly expander: Expander;
  /** A question that it puts in other words. */
  readonly question: string;
  /** Whether it answers the same to everything. */
  readonly isFixed?: boolean;
  /** Most variants that it may give. */
  readonly most: number;
  dispose(): Promise<void>;
}

const ODD: readonly [what: string, query: string][] = [
  ["an identifier", "RETRIEVAL_ROOTS"],
  ["a quotation", '"rent a car"'],
  ["nothing", ""],
  ["a blank", " "],
  ["signs", "?!"],
  ["stop words", "the of"],
  ["a control character", "\u0000"],
  ["another language", "鍵を 回す"],
  ["more than a question", "car ".repeat(5_000)],
];

export function expanderContract(name: string, factory: () => Promise<ExpanderFixture>): void {
  describe(`${name} as an expander`, () => {
    let fixture: ExpanderFixture;
    let expander: Expander;
    beforeAll(async () => {
      fixture = await factory();
      expander = fixture.expander;
    });
    afterAll(() => fixture.dispose());

    it("has the question itself first, and variants that weigh no more", async () => {
      const { question, most } = fixture;
      const { variants, skipped } = await expander.expand(testCall(), question);
      expect(variants[0]).toEqual({ text: question, leg: "both", weight: 1 });
      expect(skipped).toBeUndefined();
      expect(variants.length).toBeGreaterThan(1);
      expect(variants.length).toBeLessThanOrEqual(most);
      for (const { text, weight } of variants.slice(1)) {
        expect(text.trim()).not.toBe("");
        expect(weight).toBeGreaterThan(0);
        expect(weight).toBeLessThanOrEqual(1);
      }
      expect(await expander.expand(testCall(), question)).toEqual({ variants, skipped });
    });

    it.each(ODD)("expands %s, or leaves it as it is and says why", async (_what, query) => {
      if (fixture.isFixed) return;
      const { variants, skipped } = await expander.expand(testCall(), query);
      expect(variants[0]).toEqual({ text: query, leg: "both", weight: 1 });
      expect(variants.length > 1).toBe(skipped === undefined);
      expect(variants.length).toBeLessThanOrEqual(fixture.most);
    });

    it("is ready once it is warm", async () => {
      await expander.warmUp(testCall());
      expect(expander.status().state).toBe("ready");
      expect(expander.status().error).toBeUndefined();
    });

    rejectsWhenAborted("warmUp", (call) => expander.warmUp(call));
    rejectsWhenAborted("expand", (call) => expander.expand(call, fixture.question));
    rejectsWhenAborted("expand of a question that stays as it is", (call) => expander.expand(call, ""));
  });
}
