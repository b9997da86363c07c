/** The tools as clients see them listed. */
import type { Tool as ListedTool } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Tool } from "../api/operation.js";

/** Levels of an answer of which the fields are listed: the list of tools stands in every conversation, and must stay short. */
const LISTED_LEVELS = 2;

export function listed(tool: Tool): ListedTool {
  const { name, title, description, readOnly } = tool;
  return {
    name,
    title,
    description,
    inputSchema: plain(z.toJSONSchema(tool.input, { io: "input" })) as ListedTool["inputSchema"],
    outputSchema: resultOrError(z.toJSONSchema(tool.output, { io: "output" })),
    annotations: { title, readOnlyHint: readOnly, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  };
}

type JsonSchema = z.core.ZodStandardJSONSchemaPayload<z.ZodType>;
type Schema = z.core.JSONSchema.BaseSchema;

/** The result's schema or an error's: clients check an error's structured content too. The root stays one object. */
function resultOrError({ properties = {}, required }: JsonSchema): ListedTool["inputSchema"] {
  return {
    type: "object",
    properties: { ...fieldsOf(properties, LISTED_LEVELS - 1), error: { type: "object" } },
    required: ["trace_id"],
    anyOf: [{ required }, { required: ["error"] }],
  } as ListedTool["inputSchema"];
}

/** What an answer may hold, without what it must: the first tells a reader where to look, the second is the server's to keep. */
function outline({ type, properties, items, enum: values }: Schema, levels: number): Schema {
  if (properties !== undefined) {
    return levels === 0 ? { type: "object" } : { type: "object", properties: fieldsOf(properties, levels - 1) };
  }
  if (type === "array" && typeof items === "object" && !Array.isArray(items)) {
    return { type, items: outline(items as Schema, levels) };
  }
  return values === undefined ? { ...(type && { type }) } : { enum: values };
}

function fieldsOf(properties: NonNullable<Schema["properties"]>, levels: number) {
  return mapped(properties, (field) => outline(field, levels));
}

/** What function calling takes everywhere; a word more, and some makers refuse every tool of the conversation. */
const WORDS = ["default", "description", "enum", "minimum", "maximum", "required"] as const;

/** An input in those words. Of several forms the first is listed, its description tells the others, and our own check takes all. */
function plain(schema: Schema): Schema {
  const { properties, items } = schema;
  const form = schema.anyOf?.[0];
  const [type = form && plain(form as Schema).type] = [schema.type].flat();
  return {
    type,
    ...Object.fromEntries(WORDS.flatMap((word) => (schema[word] === undefined ? [] : [[word, schema[word]]]))),
    ...(properties && { properties: mapped(properties, plain) }),
    ...(items && { items: plain(items as Schema) }),
  };
}

function mapped(properties: NonNullable<Schema["properties"]>, to: (field: Schema) => Schema) {
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [name, typeof field === "boolean" ? field : to(field)]),
  );
}
