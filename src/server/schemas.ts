/** An operation's schemas as the protocol library wants them. */
import type { StandardSchemaWithJSON } from "@modelcontextprotocol/server";
import { z } from "zod";
import { ERROR_CODES } from "../core/errors.js";

const error = () =>
  z.strictObject({
    code: z.enum(ERROR_CODES),
    message: z.string(),
    stage: z.string().optional(),
    retry_after_ms: z.number().optional(),
    remedy: z.string(),
    runbook: z.string(),
  });

/**
 * Advertises the operation's schema but lets every input through: the handler checks it itself, so that a rejected call
 * is counted, spanned and answered with our own error.
 */
export const advertised = oncePerSchema((schema) => z.toJSONSchema(schema, { io: "input" }));

/** The result's schema or an error's: clients check an error's structured content too. The root stays one object. */
export const advertisedOutput = oncePerSchema((schema) => {
  const value = z.toJSONSchema(schema, { io: "output" }) as { required: string[]; properties: object };
  const { $schema: _, ...errorSchema } = z.toJSONSchema(error());
  return {
    ...value,
    properties: { ...value.properties, error: errorSchema },
    required: ["trace_id"],
    anyOf: [{ required: value.required }, { required: ["error"] }],
  };
});

type Make = (schema: z.ZodObject) => Record<string, unknown>;

/** For the life of the process: the tools are registered anew for each connection, over HTTP for each request. */
function oncePerSchema(make: Make): (schema: z.ZodObject) => StandardSchemaWithJSON {
  const made = new WeakMap<z.ZodObject, StandardSchemaWithJSON>();
  return (schema) => {
    let advertised = made.get(schema);
    if (advertised === undefined) {
      advertised = withJson(() => make(schema));
      made.set(schema, advertised);
    }
    return advertised;
  };
}

/**
 * Without `$schema`: 2020-12 is the protocol's default, and the tool list must stay short. Made when the tools are
 * listed: the handshake need not wait for it.
 */
function withJson(make: () => Record<string, unknown>): StandardSchemaWithJSON {
  let made: Record<string, unknown> | undefined;
  const json = () => {
    if (made === undefined) {
      const { $schema: _, ...schema } = make();
      made = schema;
    }
    return made;
  };
  const jsonSchema = { input: json, output: json };
  return { "~standard": { version: 1, vendor: "aura-retrieval", validate: (value) => ({ value }), jsonSchema } };
}
