/** What a span says of a call's input and of its stages: nothing that users wrote, but for keyed hashes and lengths. */
import type { StageRecord } from "../core/call.js";
import type { SpanFields } from "../core/span-fields.js";
import type { Content } from "./content.js";

/** The names of collections and modes, and `collection:<name>`; a folder or file is not one. */
const NAME = /^[\w.-]{1,64}(?::[\w.-]{1,64})?$/;
const MAX_FILTERS = 50;
const MAX_FIELD_CHARS = 64;

/** Only what is named here is written: a rejected call may hold anything under any name. */
export function describeInput(
  input: Readonly<Record<string, unknown>>,
  { texts = [], settings = [], filter }: SpanFields,
  content: Content,
): Record<string, unknown> {
  const described: Record<string, unknown> = {};
  const hide = (name: string, text: string) => {
    described[`${name}_sha256`] = content.hash(text);
    described[`${name}_chars`] = text.length;
    if (content.show) described[name] = text;
  };
  for (const name of texts) if (typeof input[name] === "string") hide(name, input[name]);
  for (const name of settings) {
    const value = input[name];
    if (typeof value === "number" || typeof value === "boolean") described[name] = value;
    else if (typeof value === "string" && NAME.test(value)) described[name] = value;
    else if (typeof value === "string") hide(name, value);
  }
  const conditions = filter === undefined ? undefined : input[filter];
  if (typeof conditions === "object" && conditions !== null) {
    // Fields say how filters are used; their values are users' data.
    const fields = Object.keys(conditions).slice(0, MAX_FILTERS);
    described.filters = fields.map((field) => field.slice(0, MAX_FIELD_CHARS));
    if (content.show) described.filter = conditions;
  }
  return described;
}

/** A stage's attributes, the variants of a query among them as leg, weight, hash and length. */
export function describeAttrs(attrs: StageRecord["attrs"], content: Content): Record<string, unknown> {
  const described = Object.entries(attrs).map(([name, value]) => {
    if (typeof value !== "object") return [name, value] as const;
    const variants = value.map(({ text, leg, weight }) => ({
      leg,
      weight,
      text_sha256: content.hash(text),
      text_chars: text.length,
      text: content.show ? text : undefined,
    }));
    return [name, variants] as const;
  });
  return Object.fromEntries(described);
}
