/** Inputs as models write them: each field of each listed tool in each spelling, through the real schemas. */
import { describe, expect, it } from "vitest";
import { asMeant } from "#src/api/as-meant.js";
import { createTools } from "#src/api/operations.js";
import { listed } from "#src/server/tool-list.js";

type Json = Readonly<Record<string, unknown>>;
interface Field {
  readonly type: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
}

const TOOLS = createTools({ queryMaxChars: 200, profileChoice: true, isReadOnly: false });

/** What the tool takes an input for; undefined: it is refused. */
function read(name: string, input: unknown): unknown {
  const tool = TOOLS.find((each) => each.name === name);
  return tool?.input.safeParse(asMeant(tool.input, input)).data;
}

/** A value of a field, and the ways it may be written. */
function spellings({ type, enum: words, minimum = 0 }: Field): readonly [value: unknown, ...spelt: unknown[]] {
  if (words !== undefined) return [words[0], words[0]?.toUpperCase(), ` ${words[0]} `];
  switch (type) {
    case "integer":
      return [minimum + 2, `${minimum + 2}`, ` ${minimum + 2} `, `${minimum + 2}.0`, `+${minimum + 2}`];
    case "number":
      return [0.25, "0.25", " 0.25 "];
    case "boolean":
      return [true, "true", "True", " TRUE "];
    case "object":
      return [{ path: "docs/", year: { gte: 2020 } }, '{"path":"docs/","year":{"gte":2020}}'];
    default:
      return ["2024", 2024];
  }
}

const CASES = TOOLS.map(listed).flatMap(({ name, inputSchema }) => {
  const { properties = {}, required = [] } = inputSchema as { properties?: Json; required?: readonly string[] };
  const needed: Json = Object.fromEntries(required.map((field) => [field, "keys"]));
  return Object.entries(properties).flatMap(([field, schema]) => {
    const [value, ...spelt] = spellings(schema as Field);
    const isOptional = !required.includes(field);
    const nothing = isOptional ? [null, "", "  "].map((written) => ({ written, meant: needed })) : [];
    return [...spelt.map((written) => ({ written, meant: { ...needed, [field]: value } })), ...nothing].map((each) => {
      return { name, field, needed, ...each };
    });
  });
});

describe("an input that a model wrote", () => {
  it("is tried in every field of every tool that is listed", () => {
    expect(new Set(CASES.map(({ name }) => name))).toEqual(
      new Set(TOOLS.map(({ name }) => name).filter((name) => name !== "health")),
    );
    expect(CASES.length).toBeGreaterThan(100);
  });

  it.each(CASES)("$name takes $field written as $written", ({ name, field, needed, written, meant }) => {
    const expected = read(name, meant);
    expect(expected).toBeDefined();
    expect(read(name, { ...needed, [field]: written })).toEqual(expected);
  });

  it.each([null, undefined, {}, { random_string: "x" }, { top_k: null }, "x"])(
    "may hold anything where a tool takes nothing: %j",
    (input) => {
      expect(read("health", input)).toEqual({});
    },
  );

  it.each(["list_documents", "reindex", "get_document"])("of null is one of nothing: %s", (name) => {
    expect(read(name, null)).toEqual(read(name, {}));
    expect(read(name, null)).toBeDefined();
  });

  it.each([
    [{ path: null, extension: "", document: "a.md" }, { document: "a.md" }],
    [{ year: { gte: 2020, lte: null } }, { year: { gte: 2020 } }],
    [{ extension: '["ts","js"]' }, { extension: ["ts", "js"] }],
    [{ year: '{"gte":2020}' }, { year: { gte: 2020 } }],
    [{ year: '{"gte":2020,"lte":null}' }, { year: { gte: 2020 } }],
    [
      { version: "2024", tag: "true" },
      { version: "2024", tag: "true" },
    ],
    [{ name: "[id].ts" }, { name: "[id].ts" }],
  ])("names what a filter holds: %j", (filter, expected) => {
    expect(read("retrieve", { query: "keys", filter })).toMatchObject({ filter: expected });
  });

  it.each([
    { top_k: "many" },
    { top_k: "5; drop" },
    { top_k: "500" },
    { top_k: "0x10" },
    { explain: "yes" },
    { filter: "lang=en" },
    { filter: "[1]" },
    { filter: { lang: [null] } },
    { filter: { year: { over: 2 } } },
    { mode: "fast" },
    { nope: "5" },
    { nope: null },
  ])("is refused where it can mean nothing: %j", (input) => {
    expect(read("retrieve", { query: "keys", ...input })).toBeUndefined();
  });

  it("must hold what is required", () => {
    for (const input of [null, {}, { query: null }, { query: "" }]) expect(read("retrieve", input)).toBeUndefined();
  });
});
