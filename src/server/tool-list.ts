/** The tools as clients see them listed. */
import type { Tool as ListedTool } from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Tool } from "../api/operation.js";
import { ERROR_CODES } from "../core/errors.js";

export function listed(tool: Tool): ListedTool {
  const { name, title, description, readOnly } = tool;
  return {
    name,
    title,
    description,
    inputSchema: withoutDialect(z.toJSONSchema(tool.input, { io: "input" })),
    outputSchema: resultOrError(z.toJSONSchema(tool.output, { io: "output" })),
    annotations: { title, readOnlyHint: readOnly, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  };
}

const error = z.strictObject({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  stage: z.string().optional(),
  retry_after_ms: z.number().optional(),
  remedy: z.string(),
  runbook: z.string(),
});

type JsonSchema = z.core.ZodStandardJSONSchemaPayload<z.ZodType>;

/** The result's schema or an error's: clients check an error's structured content too. The root stays one object. */
function resultOrError(result: JsonSchema): ListedTool["inputSchema"] {
  return {
    ...withoutDialect(result),
    properties: { ...result.properties, error: withoutDialect(z.toJSONSchema(error)) },
    required: ["trace_id"],
    anyOf: [{ required: result.required }, { required: ["error"] }],
  } as ListedTool["inputSchema"];
}

/** 2020-12 is the protocol's default, and the list of tools must stay short. */
function withoutDialect({ $schema: _, ...schema }: JsonSchema): ListedTool["inputSchema"] {
  return schema as ListedTool["inputSchema"];
}
