/**
 * Inputs as models often write them: a number, a flag or an object as text, nothing as null or "", a word of a list in
 * capitals. One pass over the input along its schema, before it is checked; what it cannot read otherwise it leaves to the check.
 */
import { z } from "zod";

type Schema = z.core.$ZodTypes;
type Fields = Readonly<Record<string, unknown>>;

/** Where a tool takes nothing, some hosts send a field of their own. */
export function asMeant(schema: z.ZodObject, input: unknown): unknown {
  if (Object.keys(schema.shape).length === 0) return {};
  return valueMeant(schema as Schema, input ?? {});
}

function valueMeant(schema: Schema, value: unknown): unknown {
  const { def } = schema._zod;
  switch (def.type) {
    case "optional":
    case "default":
      return optionalMeant(def.innerType as Schema, value);
    case "number":
      return numberIn(value) ?? value;
    case "boolean":
      return flagIn(value) ?? value;
    case "string":
      return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
    case "enum":
      return wordMeant(Object.values(def.entries), value);
    case "object":
      return fieldsMeant(def, value);
    case "array":
      return listMeant(def.element as Schema, value);
    case "union":
      return eitherMeant(def.options as readonly Schema[], value);
    default:
      return value;
  }
}

/** @returns undefined for nothing, which leaves the default */
function optionalMeant(schema: Schema, value: unknown): unknown {
  if (isNothing(value)) return undefined;
  const meant = valueMeant(schema, value);
  return meant === null ? undefined : meant;
}

function isNothing(value: unknown): boolean {
  return value === null || (typeof value === "string" && value.trim() === "");
}

function numberIn(value: unknown): number | undefined {
  return typeof value === "string" && /^[+-]?\d+(?:\.\d+)?$/.test(value.trim()) ? Number(value) : undefined;
}

function flagIn(value: unknown): boolean | undefined {
  const word = typeof value === "string" ? value.trim().toLowerCase() : undefined;
  return word === "true" || word === "false" ? word === "true" : undefined;
}

function wordMeant(words: readonly unknown[], value: unknown): unknown {
  const folded = typeof value === "string" ? value.trim().toLowerCase() : undefined;
  return words.find((word) => word === folded) ?? value;
}

function fieldsMeant({ shape, catchall }: z.core.$ZodObjectDef, value: unknown): unknown {
  const fields = parsed(value) ?? value;
  if (!isObject(fields)) return fields;
  const other = catchall?._zod.def.type === "never" ? undefined : catchall;
  const meant = Object.entries(fields).map(([name, each]) => {
    const known = Object.hasOwn(shape, name) ? shape[name] : undefined;
    if (known !== undefined) return [name, valueMeant(known as Schema, each)] as const;
    return [name, other === undefined ? each : optionalMeant(other as Schema, each)] as const;
  });
  return Object.fromEntries(meant.filter(([, each]) => each !== undefined));
}

function listMeant(element: Schema, value: unknown): unknown {
  const list = parsed(value) ?? value;
  return Array.isArray(list) ? list.map((each) => valueMeant(element, each)) : list;
}

/** A list or an object that came as text is one where the schema takes either. */
function eitherMeant(options: readonly Schema[], value: unknown): unknown {
  for (const read of [parsed(value) ?? value, value]) {
    const readings = [read, ...options.map((option) => valueMeant(option, read))];
    const [found] = readings.filter((reading) => options.some((option) => fits(option, reading)));
    if (found !== undefined) return found;
  }
  return value;
}

function fits(schema: Schema, value: unknown): boolean {
  return z.core.safeParse(schema, value).success;
}

/** What a list or an object that came as text says; "null" is nothing. */
function parsed(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*(?:[[{]|null\s*$)/.test(value)) return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
