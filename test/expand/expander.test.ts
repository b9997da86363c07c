import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createExpander } from "#src/expand/index.js";
import { LEXICON_FILE } from "#src/text/lexicon.js";
import { abortedCall, testCall } from "../support/call.js";
import { LEXICON_BYTES } from "../text/lexicon.js";

const folder = mkdtempSync(join(tmpdir(), "aura-expander-"));
afterAll(() => rmSync(folder, { recursive: true }));

const STRATEGIES = ["synonyms", "multi_query"] as const;
const create = (strategy: (typeof STRATEGIES)[number], maxVariants = 5) =>
  createExpander({ strategy, maxVariants, lexicon: LEXICON_FILE });

/** Words that have synonyms, templates' words, and anything at all. */
const queries = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 300 }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom(
          ..."how why what is does car tumor ice cream went geese better the of a Paris maxTokens".split(" "),
        ),
        fc.constantFrom('"', "?", "$1", "(", "  ", "\n", "-", "’"),
        fc.string({ maxLength: 8 }),
      ),
      { maxLength: 40 },
    )
    .map((words) => words.join(" ")),
);

describe.each(STRATEGIES)("expansion by %s", (strategy) => {
  it("gives any text's own search first and heaviest, and at most the variants that are allowed", async () => {
    await fc.assert(
      fc.asyncProperty(queries, fc.integer({ min: 1, max: 20 }), async (query, maxVariants) => {
        const { variants, skipped } = await create(strategy, maxVariants).expand(testCall(), query);
        expect(variants[0]).toEqual({ text: query, leg: "both", weight: 1 });
        expect(variants.length).toBeLessThanOrEqual(maxVariants);
        expect(skipped === undefined).toBe(variants.length > 1);
        for (const { text, leg, weight } of variants.slice(1)) {
          expect(text.trim()).not.toBe("");
          expect(leg).toBe(strategy === "synonyms" ? "lexical" : "dense");
          expect(weight).toBeGreaterThan(0);
          expect(weight).toBeLessThan(1);
        }
      }),
      { numRuns: strategy === "synonyms" ? 60 : 300 },
    );
  });

  it("gives the same variants every time", async () => {
    const query = "How do I rent a car for the newborn?";
    const first = await create(strategy).expand(testCall(), query);
    expect(first.variants.length).toBeGreaterThan(1);
    expect(await create(strategy).expand(testCall(), query)).toEqual(first);
  });

  it.each([
    ["identifier", "RETRIEVAL_ROOTS"],
    ["quoted_phrase", '"rent a car"'],
    ["nothing_to_add", ""],
  ])("is skipped with the reason %s", async (reason, query) => {
    expect(await create(strategy).expand(testCall(), query)).toEqual({
      variants: [{ text: query, leg: "both", weight: 1 }],
      skipped: reason,
    });
  });

  it("takes no time worth speaking of, whatever the text: no pattern backtracks", async () => {
    const expander = create(strategy);
    await expander.warmUp(testCall());
    for (const unit of ["a", "?", "(", "“", "' ", "a ", "a.", "_", "how to ", "-", '"a']) {
      const text = unit.repeat(1_000);
      const started = performance.now();
      for (const query of [text.slice(0, 999), `${text.slice(0, 998)}.`, `x${text.slice(0, 997)}!x`, text.repeat(20)]) {
        await expander.expand(testCall(), query);
      }
      expect(performance.now() - started, unit).toBeLessThan(10_000);
    }
  });

  it("is heard when cancelled", async () => {
    await expect(create(strategy).expand(abortedCall(), "rent a car")).rejects.toMatchObject({
      code: "cancelled",
    });
  });
});

describe("the lexicon of an expander", () => {
  it("is read on first use, once, and reported", async () => {
    const expander = create("synonyms");
    expect(expander.status()).toEqual({ state: "idle", strategy: "synonyms" });
    await expander.warmUp(testCall());
    expect(expander.status()).toEqual({
      state: "ready",
      strategy: "synonyms",
      wordnet: { version: "3.1", synsets: 117_791 },
    });
  });

  it("is not needed by multi_query", async () => {
    const expander = createExpander({ strategy: "multi_query", maxVariants: 5, lexicon: join(folder, "absent") });
    await expander.warmUp(testCall());
    expect(expander.status()).toEqual({ state: "ready", strategy: "multi_query" });
    expect((await expander.expand(testCall(), "what is a car")).variants.length).toBeGreaterThan(1);
  });

  it.each<[string, Buffer | undefined, RegExp]>([
    ["absent", undefined, /ENOENT/],
    ["empty", Buffer.alloc(0), /no lexicon/],
    ["cut short", LEXICON_BYTES.subarray(0, 100_000), /checksum/],
  ])("that is %s is a configuration error with a remedy, until it is put back", async (name, bytes, why) => {
    const path = join(folder, name);
    if (bytes !== undefined) writeFileSync(path, bytes);
    const expander = createExpander({ strategy: "synonyms", maxVariants: 5, lexicon: path });
    await expect(expander.expand(testCall(), "rent a car")).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(why),
    });
    expect(expander.status()).toMatchObject({
      state: "failed",
      error: expect.stringMatching(why),
      remedy: expect.stringContaining("EXPANSION_STRATEGY=multi_query"),
    });
    writeFileSync(path, LEXICON_BYTES);
    expect((await expander.expand(testCall(), "rent a car")).variants.length).toBeGreaterThan(1);
    expect(expander.status().state).toBe("ready");
  });
});
