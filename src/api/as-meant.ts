/**
 * Inputs as models often write them: a number, a flag or an object as text, nothing as null or "". Only what the schema
 * complains of is read anew, so what it takes stays as it is.
 */
import type { z } from "zod";

type Input = Readonly<Record<string, unknown>>;
type Issue = z.core.$ZodIssue;

/** undefined: nothing of it can be read otherwise. Where a tool takes nothing some hosts send a field of their own. */
export function asMeant(schema: z.ZodObject, input: Input, issues: readonly Issue[]): Input | undefined {
  if (Object.keys(schema.shape).length === 0) return {};
  const changes = issues.flatMap((issue) => {
    const [name, ...inside] = issue.path;
    if (typeof name !== "string" || inside.length > 0 || !Object.hasOwn(input, name)) return [];
    const meant = valueMeant(input[name], issue);
    return meant === input[name] ? [] : [[name, meant] as const];
  });
  return changes.length === 0 ? undefined : { ...input, ...Object.fromEntries(changes) };
}

/** @returns undefined for nothing, which leaves the default */
function valueMeant(value: unknown, issue: Issue): unknown {
  if (value === null || value === "") return undefined;
  if (typeof value !== "string" || issue.code !== "invalid_type") return value;
  const text = value.trim();
  switch (issue.expected) {
    case "number":
    case "int":
      return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : value;
    case "boolean":
      return /^(?:true|false)$/i.test(text) ? text.toLowerCase() === "true" : value;
    case "record":
    case "object":
    case "array":
      return parsed(text) ?? value;
    default:
      return value;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
