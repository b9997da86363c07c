/** Records that say so much of themselves that every later answer would have to carry it. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { boundRecord, describedBy, RECORD_LIMITS } from "#src/core/record-limits.js";
import type { Metadata } from "#src/core/types.js";
import { cleanUp, folderOf, type Json, newFolder, type RawServer, startServer, writeDocuments } from "../e2e/server.js";

describe("what travels with a passage", () => {
  const { fields, keyChars, valueChars, listEntries, titleChars, bytes } = RECORD_LIMITS;
  const scalar = fc.oneof(fc.string({ unit: "binary", maxLength: 1_200 }), fc.double({ noNaN: true }), fc.boolean());
  const record = fc.record({
    title: fc.option(fc.string({ maxLength: 400 }), { nil: undefined }),
    metadata: fc.dictionary(fc.string({ maxLength: 120 }), fc.oneof(scalar, fc.array(scalar, { maxLength: 60 })), {
      maxKeys: 80,
    }),
  });

  it("is bounded, whatever a document says of itself, and what is left out is told", () => {
    fc.assert(
      fc.property(record, ({ title, metadata }) => {
        const bounded = boundRecord({ title: title?.toWellFormed(), metadata: metadata as Metadata });
        expect(Object.keys(bounded.metadata).length).toBeLessThanOrEqual(fields);
        for (const [key, value] of Object.entries(bounded.metadata)) {
          expect(key.length).toBeLessThanOrEqual(keyChars);
          const values = [value].flat();
          expect(values.length).toBeLessThanOrEqual(listEntries);
          for (const each of values) expect(String(each).length).toBeLessThanOrEqual(valueChars);
        }
        expect((bounded.title ?? "").length).toBeLessThanOrEqual(titleChars);
        const { title: kept, metadata: left } = bounded;
        expect(Buffer.byteLength(JSON.stringify({ title: kept, metadata: left }))).toBeLessThanOrEqual(bytes);
        const isWhole = JSON.stringify([kept, left]) === JSON.stringify([title?.toWellFormed(), metadata]);
        expect(bounded.leftOut.length === 0).toBe(isWhole);
        expect(boundRecord(bounded)).toEqual({ ...bounded, leftOut: [] });
      }),
      { numRuns: 200 },
    );
  });

  it("is whole up to the limits, and says what of it is beyond them", () => {
    const at = { title: "t".repeat(300), metadata: { ["k".repeat(100)]: "v".repeat(1_000), list: Array(50).fill(1) } };
    expect(boundRecord(at)).toEqual({ ...at, leftOut: [] });
    const beyond = {
      title: "t".repeat(301),
      metadata: {
        ["k".repeat(101)]: 1,
        long: "v".repeat(1_001),
        list: Array(51).fill(1),
        big: Array(50).fill("v".repeat(999)),
      },
    };
    expect(boundRecord(beyond).leftOut).toEqual([
      "1 title, cut to 300 characters",
      "1 fields with names longer than 100 characters",
      "1 fields beyond 8 kB in all",
      "1 values, cut to 1000 characters",
      "1 lists, cut to 50 entries",
    ]);
  });

  it("keeps what the server says of a document, in front", () => {
    const own = JSON.parse('{"path":"policy.md","title":"x","__proto__":"x","kind":"own"}');
    const { metadata, leftOut } = describedBy({ path: "a.md" }, own);
    expect(Object.entries(metadata)).toEqual([
      ["path", "a.md"],
      ["kind", "own"],
    ]);
    expect(leftOut).toEqual(["fields with names of the server's own: path, title, __proto__"]);
  });
});

describe("twenty records of 20,000 fields each", () => {
  const RECORDS = 20;
  const fields = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`f${i}`, i]));
  const line = (id: number, metadata: object) =>
    JSON.stringify({ id: `r${id}`, text: `Rotate the keys of ring ${id}.`, metadata: { year: id, ...metadata } });
  const file = (metadata: object) => Array.from({ length: RECORDS }, (_, id) => line(id, metadata)).join("\n");
  const folder = folderOf({ "heavy.jsonl": file(fields) });
  let server: RawServer;
  let job: Json;

  beforeAll(async () => {
    server = await startServer(newFolder(), { RETRIEVAL_ROOTS: folder, CALL_TIMEOUT_MS: "60000" });
    ({ job } = await server.ask("reindex", { source: ".", wait: true }));
  }, 120_000);
  afterAll(cleanUp);

  const ask = async (filter?: object): Promise<Json[]> => {
    const asked = { query: "rotate the keys", top_k: 50, filter, max_tokens: 100_000, detail: "full" };
    return (await server.ask("retrieve", asked)).results;
  };

  it("are indexed with the first 64 fields, and the run says of which documents that is", () => {
    expect(job).toMatchObject({ state: "done", documents: { added: RECORDS }, shortened_total: RECORDS });
    expect(job.shortened[0]).toEqual({
      document: "heavy.jsonl#r0",
      reason: "19940 fields beyond the first 64",
    });
  });

  it("bring only those into answers, and are found by them alone", async () => {
    const results = await ask();
    expect(results).toHaveLength(RECORDS);
    for (const { metadata } of results) expect(Object.keys(metadata)).toHaveLength(RECORD_LIMITS.fields);
    expect(await ask({ year: 3, f59: 59 })).toHaveLength(1);
    expect(await ask({ f60: 60 })).toEqual([]);
  });

  it("are whole again when they say less", async () => {
    writeDocuments(folder, { "heavy.jsonl": file({ kind: "light" }) });
    const { job: next } = await server.ask("reindex", { source: ".", wait: true });
    expect(next).toMatchObject({ documents: { changed: RECORDS }, shortened_total: 0 });
    expect(await ask({ kind: "light" })).toHaveLength(RECORDS);
  });

  it.each([
    ['{"__proto__":"x"}', "bad_request"],
    ['{"year":1,"__proto__":{"gte":1}}', "bad_request"],
  ])("a filter by %s is refused, not passed over", async (filter, code) => {
    const refused = await server.refuse("retrieve", { query: "keys", filter: JSON.parse(filter) });
    expect(refused).toMatchObject({ code, message: expect.stringContaining("__proto__") });
  });

  it.each(["constructor", "prototype", "toString"])(
    "a filter by %s is one by a field that nobody has",
    async (name) => {
      const answer = await server.ask("retrieve", { query: "keys", filter: { [name]: "x" } });
      expect(answer).toMatchObject({ results: [], empty_reason: "filtered_out" });
    },
  );
});
