import { describe, expect, it } from "vitest";
import { createTools } from "#src/api/operations.js";
import { listed } from "#src/server/tool-list.js";

type Json = Readonly<Record<string, unknown>>;

describe("a listed tool", () => {
  const tools = createTools({ queryMaxChars: 2_000, profileChoice: true, isReadOnly: false }).map(listed);

  it.each(tools)("$name has one object for its input and one for its result or its error", (tool) => {
    expect(tool.inputSchema).toMatchObject({ type: "object" });
    expect(tool.outputSchema).toMatchObject({
      type: "object",
      properties: { error: { type: "object" }, trace_id: { type: "string" } },
      required: ["trace_id"],
      anyOf: [{ required: expect.arrayContaining(["trace_id"]) }, { required: ["error"] }],
    });
  });

  it.each(tools)("$name does not repeat the protocol's own dialect", (tool) => {
    expect(JSON.stringify(tool)).not.toContain("$schema");
  });

  it.each(tools)("$name has an input in the words that every maker's function calling takes", ({ inputSchema }) => {
    expect(faults(inputSchema as Json)).toEqual([]);
  });

  it("has its input's fields, what they must be and what they are otherwise", () => {
    const [retrieve] = tools;
    expect(retrieve?.inputSchema).toMatchObject({
      required: ["query"],
      properties: {
        top_k: { type: "integer", minimum: 1, maximum: 50, default: 10 },
        mode: { type: "string", enum: ["hybrid", "dense", "lexical"] },
        filter: { type: "object", properties: { path: { type: "string" } } },
      },
    });
  });
});

const WORDS = [
  "type",
  "properties",
  "required",
  "items",
  "enum",
  "description",
  "default",
  "minimum",
  "maximum",
] as const;
const TYPES = ["object", "array", "string", "integer", "number", "boolean"];

/** What of a schema somebody refuses, with its place. */
function faults(schema: Json, place = "input"): string[] {
  const { type, properties, required = [], items } = schema;
  const fields = Object.entries((properties ?? {}) as Readonly<Record<string, Json>>);
  const isRoot = place === "input";
  return [
    ...Object.keys(schema)
      .filter((word) => !WORDS.some((each) => each === word))
      .map((word) => `${place} says ${word}`),
    ...(TYPES.includes(type as string) ? [] : [`${place} has the type ${JSON.stringify(type)}`]),
    ...(type === "object" || properties === undefined ? [] : [`${place} has fields and is no object`]),
    // An object without fields is refused below the root; at the root hosts know tools without any.
    ...(type === "object" && fields.length === 0 && !isRoot ? [`${place} has no fields`] : []),
    ...(required as string[]).filter((name) => !fields.some(([field]) => field === name)),
    ...(type === "array" && items === undefined ? [`${place} has no items`] : []),
    ...fields.flatMap(([name, field]) => faults(field, `${place}.${name}`)),
    ...(items === undefined ? [] : faults(items as Json, `${place}[]`)),
  ];
}
