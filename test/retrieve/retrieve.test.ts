import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { VectorStore } from "#src/core/ports.js";
import type { Variant } from "#src/core/types.js";
import { RANKING_PARAMS } from "#src/retrieve/ranking/ranking-params.js";
import { abortedCall, passFor, testCall } from "../support/call.js";
import { fakeExpander } from "../support/fakes.js";
import { ALIAS, Bench } from "../support/fixtures.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const EXPANDED = { expansion: { kind: "synonyms", maxVariants: 5 } } as const;

let bench: Bench;
beforeAll(async () => {
  bench = await Bench.open();
  await bench.index({
    keys: { text: "Rotate the signing keys every ninety days.", metadata: { area: "security", year: 2024 } },
    bread: { text: "Bread needs flour, water, salt and time.", metadata: { area: "kitchen", year: 2020 } },
    logs: { text: "Logs are rotated when a file reaches ten megabytes.", metadata: { area: "operations", year: 2024 } },
  });
});
afterAll(() => bench.close());

describe("retrieve", () => {
  it("brings the passages that answer, best first, with every score", async () => {
    const { passages, collection, emptyReason } = await bench.retrieve({ query: "how often are signing keys rotated" });
    expect(passages[0]?.point.record.document).toBe("keys");
    expect(passages.map(({ fused }) => fused)).toEqual(passages.map(({ fused }) => fused).sort((a, b) => b - a));
    const { question } = RANKING_PARAMS.denseWeight;
    for (const { fused, dense, lexical } of passages) {
      expect(fused).toBeCloseTo(question * Math.max(0, dense as number) + (1 - question) * (lexical as number), 5);
    }
    const scores = passages.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(collection).toMatchObject({ alias: ALIAS, points: 3 });
    expect(emptyReason).toBeUndefined();
  });

  it("says that its vectors are no model's", async () => {
    const call = testCall();
    await bench.retrieve({ query: "keys" }, call);
    expect(call.degraded).toEqual([{ stage: "embed", reason: "pseudo_embeddings" }]);
  });

  it("records each stage once it ran", async () => {
    const call = testCall();
    await bench.retrieve({ query: "keys" }, call);
    expect(call.stages.map(({ name, status }) => `${name} ${status}`)).toEqual([
      "resolve ok",
      "embed ok",
      "search ok",
      "fuse ok",
      "read ok",
    ]);
  });

  it("embeds nothing in lexical mode and scores by one leg in dense mode", async () => {
    const call = testCall();
    const lexical = await bench.retrieve({ query: "flour", mode: "lexical" }, call);
    expect(call.stages.map(({ name }) => name)).not.toContain("embed");
    expect(lexical.passages.map(({ point }) => point.record.document)).toEqual(["bread"]);
    expect(lexical.passages[0]?.dense).toBeUndefined();
    const dense = await bench.retrieve({ query: "flour", mode: "dense" });
    expect(dense.passages[0]?.point.record.document).toBe("bread");
    expect(dense.passages[0]?.lexical).toBeUndefined();
  });

  it("finds through the real store what only a variant asks for, on either leg", async () => {
    for (const leg of ["dense", "lexical"] as const) {
      const mode = leg;
      const other: Variant = { text: "bread flour", leg, weight: 0.5 };
      const expander = fakeExpander(() => ({
        variants: [{ text: "rotate keys", leg: "both", weight: 1 }, other],
      }));
      const scores = ({ passages }: Awaited<ReturnType<Bench["retrieve"]>>) =>
        Object.fromEntries(passages.map(({ point, fused }) => [point.record.document, fused]));
      const [alone, asked, both] = [
        scores(await bench.retrieve({ query: "rotate keys", mode })),
        scores(await bench.retrieve({ query: "bread flour", mode })),
        scores(
          await bench.retrieve({ query: "rotate keys", mode }, testCall(), { expander: () => expander }, EXPANDED),
        ),
      ];
      expect(both.keys).toBeCloseTo(alone.keys as number, 5);
      expect(both.bread).toBeCloseTo(Math.max(alone.bread ?? 0, 0.5 * (asked.bread as number)), 5);
      expect(both.bread).toBeGreaterThan(alone.bread ?? 0);
    }
  });

  it("gives a question that nothing here answers a far lower score than one that is answered", async () => {
    const top = async (query: string) => (await bench.retrieve({ query })).passages[0]?.score as number;
    expect(await top("how often are signing keys rotated")).toBeGreaterThan(0.5);
    expect(await top("which planets have rings")).toBeLessThan(0.15);
  });

  it("keeps to the filter and to the number asked for", async () => {
    const filtered = await bench.retrieve({ query: "rotate", filter: { year: { gte: 2023 } } });
    expect(filtered.passages.map(({ point }) => point.record.document).sort()).toEqual(["keys", "logs"]);
    expect((await bench.retrieve({ query: "rotate", topK: 1 })).passages).toHaveLength(1);
  });

  it.each([
    ["below_min_score", { query: "rotate keys", minScore: 0.99 }],
    ["filtered_out", { query: "rotate keys", filter: { area: "nowhere" } }],
    ["no_match", { query: "zebra", mode: "lexical" as const }],
  ])("without an answer says why: %s", async (reason, request) => {
    expect(await bench.retrieve(request)).toMatchObject({ passages: [], emptyReason: reason });
  });

  it("tells the fields there are when no document fits the filter", async () => {
    const { fields } = await bench.retrieve({ query: "rotate keys", filter: { area: "nowhere" } });
    expect(fields?.map(({ name }) => name)).toContain("year");
    expect((await bench.retrieve({ query: "zebra", mode: "lexical" })).fields).toBeUndefined();
  });

  it("leaves out a passage that was removed between search and read", async () => {
    const store: VectorStore = {
      ...bench.store,
      read: async (call, name, ids, options) => (await bench.store.read(call, name, ids, options)).slice(1),
    };
    const all = await bench.retrieve({ query: "rotate" });
    const { passages } = await bench.retrieve({ query: "rotate" }, testCall(), { store });
    expect(passages).toEqual(all.passages.slice(1));
  });

  it("names the stage that failed and records it", async () => {
    const store: VectorStore = { ...bench.store, search: () => Promise.reject(new Error("disk on fire")) };
    const call = testCall();
    await expect(bench.retrieve({ query: "x" }, call, { store })).rejects.toMatchObject({
      code: "bug",
      stage: "search",
    });
    expect(call.stages.at(-1)).toMatchObject({ name: "search", status: "error" });
  });

  it("hears an abort", async () => {
    await expect(bench.retrieve({ query: "x" }, abortedCall())).rejects.toMatchObject({
      code: "cancelled",
    });
  });

  it("of a collection that is not there is not_found, with the way to make it", async () => {
    await expect(bench.retrieve({ query: "x", collection: passFor("other") })).rejects.toMatchObject({
      code: "not_found",
      remedy: expect.stringContaining("--collection other"),
    });
  });
});

describe("a phrase in quotation marks", () => {
  const query = 'settings "hard limit of files"';
  let quoted: Bench;
  beforeAll(async () => {
    quoted = await Bench.open();
    await quoted.index({
      scattered: "Settings: files, files and limits. A limit of settings is hard to set; hard limits, hard files.",
      phrase: "An operating system has a hard limit of files that one process may open at a time, which is no setting.",
      other: "Bread needs flour, water, salt and time.",
    });
  });
  afterAll(() => quoted.close());

  it("puts the passage first that has it word for word", async () => {
    const { passages, phrases } = await quoted.retrieve({ query });
    expect(phrases.map(({ text }) => text)).toEqual(['"hard limit of files"']);
    expect(passages.map(({ point, exact }) => [point.record.document, exact]).slice(0, 2)).toEqual([
      ["phrase", 1],
      ["scattered", 0],
    ]);
    const loose = await quoted.retrieve({ query: query.replaceAll('"', "") });
    expect(loose.passages[0]?.point.record.document).toBe("scattered");
  });

  it("is not looked for by meaning alone", async () => {
    const { passages, phrases } = await quoted.retrieve({ query, mode: "dense" });
    expect(phrases).toEqual([]);
    expect(passages[0]?.exact).toBeUndefined();
  });
});

describe("a question that is longer than the model reads", () => {
  const of = (words: number) => `${"rotate ".repeat(words - 1)}flour`;
  const reasons = async (query: string, mode?: "lexical") => {
    const call = testCall();
    const { passages } = await bench.retrieve({ query, mode }, call);
    return { passages, reasons: call.degraded.map(({ reason }) => reason) };
  };

  it("is told, and its end is searched by words", async () => {
    const { passages, reasons: told } = await reasons(of(300));
    expect(told).toContain("query_truncated");
    expect(passages.map(({ point }) => point.record.document)).toContain("bread");
  });

  it("is told to have been left alone where words are not asked", async () => {
    const told = async (mode?: "dense") => {
      const call = testCall();
      await bench.retrieve({ query: of(300), mode }, call);
      return call.degraded.find(({ reason }) => reason === "query_truncated")?.detail;
    };
    expect(await told("dense")).toContain("what follows was not searched.");
    expect(await told()).toContain("what follows was searched by its words.");
  });

  it("is not told where the model reads it whole, nor where no model is asked", async () => {
    expect((await reasons(of(200))).reasons).not.toContain("query_truncated");
    expect((await reasons(of(300), "lexical")).reasons).not.toContain("query_truncated");
  });
});
