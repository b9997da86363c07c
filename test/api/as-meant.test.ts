/** Inputs as models often write them, through the real schemas. */
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { asMeant } from "#src/api/as-meant.js";
import { healthOperation } from "#src/api/health/operation.js";
import { inputOf } from "#src/api/retrieve/schema.js";

const retrieve = inputOf({ queryMaxChars: 200, profileChoice: false });

function read(schema: z.ZodObject, input: Record<string, unknown>): unknown {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const meant = asMeant(schema, input, parsed.error.issues);
  return meant && schema.safeParse(meant).data;
}

describe("an input that a model wrote", () => {
  it.each([
    [{ top_k: "5" }, { top_k: 5 }],
    [{ top_k: null, min_score: null }, { top_k: 10 }],
    [{ min_score: " 0.25 " }, { min_score: 0.25 }],
    [
      { explain: "True", rerank: "false" },
      { explain: true, rerank: false },
    ],
    [{ filter: '{"lang":"en"}' }, { filter: { lang: "en" } }],
    [{ collection: "" }, { top_k: 10 }],
  ])("is read as it is meant: %j", (input, expected) => {
    expect(read(retrieve, { query: "keys", ...input })).toMatchObject({ query: "keys", ...expected });
  });

  it.each([
    { top_k: "many" },
    { top_k: "5; drop" },
    { top_k: "500" },
    { explain: "yes" },
    { filter: "lang=en" },
    { filter: "[1]" },
    { filter: { lang: null } },
    { mode: "", nope: 1 },
    { nope: "5" },
  ])("is refused where it can mean nothing: %j", (input) => {
    expect(read(retrieve, { query: "keys", ...input })).toBeUndefined();
  });

  it("may hold anything where a tool takes nothing", () => {
    expect(read(healthOperation.input, { random_string: "x" })).toEqual({});
  });
});
