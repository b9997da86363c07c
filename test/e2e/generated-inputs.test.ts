/** Tool inputs made from the schemas and against them: every answer is a result or a typed error, never a crash or a bug. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cleanUp,
  folderOf,
  type Json,
  longDocuments,
  newFolder,
  PATIENCE_MS,
  type RawServer,
  run,
  startServer,
} from "./server.js";

/** `npm run test:long` asks for 10,000. */
const INPUTS = Number(process.env.GENERATED_INPUTS ?? 400);

const TOOLS = ["retrieve", "get_document", "list_documents", "health", "reindex"];
const scalar = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
);
const bound = fc.oneof(fc.string({ maxLength: 10 }), fc.integer());
const condition = fc.oneof(
  scalar,
  fc.array(scalar, { maxLength: 5 }),
  fc.record({ gte: bound, lte: bound }, { requiredKeys: [] }),
);
const field = fc.oneof(
  fc.constantFrom("document", "source", "extension", "format", "path"),
  fc.string({ minLength: 1, maxLength: 12 }),
);
const fitting = fc.record(
  {
    query: fc.oneof(
      fc.string({ minLength: 1, maxLength: 200, unit: "binary" }),
      fc.constant("ledger topic"),
      fc.string({ minLength: 1 }),
    ),
    top_k: fc.integer({ min: 1, max: 50 }),
    filter: fc.dictionary(field, condition, { maxKeys: 4 }),
    min_score: fc.double({ min: 0, max: 1, noNaN: true }),
    mode: fc.constantFrom("hybrid", "dense", "lexical"),
    max_tokens: fc.integer({ min: 100, max: 5_000 }),
    detail: fc.constantFrom("full", "ids", "snippet"),
    collection: fc.constantFrom("my_docs", "other"),
  },
  { requiredKeys: ["query"] },
);
/** Of documents: by address, by name and by passage, together or not. */
const reading = fc.record(
  {
    uri: fc.oneof(fc.constantFrom("aura://my_docs/a", "aura://other/a/b", "aura://", "x"), fc.string({ minLength: 1 })),
    source: fc.string({ minLength: 1, maxLength: 12 }),
    document: fc.oneof(fc.constant("0.md"), fc.string({ minLength: 1, maxLength: 20 })),
    around: fc.oneof(fc.uuid(), fc.string({ minLength: 1, maxLength: 40 })),
    line_start: fc.integer({ min: 1, max: 500 }),
    line_end: fc.integer({ min: 1, max: 500 }),
    lines: fc.nat(50),
    passages: fc.nat(20),
    max_tokens: fc.integer({ min: 100, max: 5_000 }),
    collection: fc.constantFrom("my_docs", "other"),
  },
  { requiredKeys: [] },
);
const listing = fc.record(
  {
    source: fc.string({ minLength: 1, maxLength: 12 }),
    prefix: fc.string({ minLength: 1, maxLength: 12 }),
    cursor: fc.oneof(fc.base64String({ minLength: 4, maxLength: 40 }), fc.string({ minLength: 1 })),
    collection: fc.constantFrom("my_docs", "other"),
  },
  { requiredKeys: [] },
);
const anything = fc.oneof(
  fc.dictionary(fc.constantFrom("query", "top_k", "filter", "mode", "source", "wait", "x"), fc.jsonValue(), {
    maxKeys: 5,
  }),
  fc.jsonValue(),
);
const call = fc.oneof(
  { weight: 3, arbitrary: fc.record({ name: fc.constant("retrieve"), args: fitting as fc.Arbitrary<unknown> }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constant("get_document"), args: reading as fc.Arbitrary<unknown> }) },
  { weight: 1, arbitrary: fc.record({ name: fc.constant("list_documents"), args: listing as fc.Arbitrary<unknown> }) },
  { weight: 2, arbitrary: fc.record({ name: fc.constantFrom(...TOOLS), args: anything }) },
);

let server: RawServer;

beforeAll(async () => {
  const data = newFolder();
  const { code, stderr } = await run(["index", folderOf(longDocuments(6, "ledger"))], data);
  expect(code, stderr).toBe(0);
  server = await startServer(data, { RATE_LIMIT_QPS: "100000" });
});

afterAll(cleanUp);

describe("a tool called with anything", () => {
  it(
    `answers or refuses ${INPUTS} generated inputs, and goes on`,
    async () => {
      const codes = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(call, async ({ name, args }) => {
          const { answer } = server.request("tools/call", { name, arguments: args });
          const kind = kindOf(await answer);
          codes.set(kind, (codes.get(kind) ?? 0) + 1);
          expect(["answered", "bad_request", "not_found", "protocol"]).toContain(kind);
        }),
        { numRuns: INPUTS },
      );
      // A test that only ever hears one kind of answer shows nothing.
      expect(codes.get("answered")).toBeGreaterThan(INPUTS / 20);
      expect(codes.get("bad_request")).toBeGreaterThan(INPUTS / 20);
      expect((await server.ask("retrieve", { query: "ledger" })).results.length).toBeGreaterThan(0);
    },
    Math.max(PATIENCE_MS, INPUTS * 100),
  );
});

/** `protocol`: invalid params, as JSON-RPC has it. */
function kindOf(message: Json): string {
  if (message.error) return message.error.code === -32602 ? "protocol" : `JSON-RPC error ${message.error.code}`;
  return message.result.isError ? (message.result.structuredContent?.error?.code ?? "bad_request") : "answered";
}
