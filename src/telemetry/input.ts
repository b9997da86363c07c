/** What a span says of a call's input and of its stages: of what users wrote keyed hashes and lengths, and names that the server knows. */
import type { StageRecord } from "../core/call.js";
import type { SpanFields } from "../core/span-fields.js";
import type { Content } from "./content.js";

const MAX_FILTERS = 50;

export interface Known extends SpanFields {
  /** Of collections and profiles, as the configuration has them. */
  readonly names: ReadonlySet<string>;
}

/** Only what is named here is written: a rejected call may hold anything under any name, and in place of any name. */
export function describeInput(
  input: Readonly<Record<string, unknown>>,
  { texts = [], settings = [], words = [], names, filter }: Known,
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
    else if (typeof value === "string" && (words.includes(value) || names.has(value))) described[name] = value;
    else if (typeof value === "string") hide(name, value);
  }
  const conditions = filter === undefined ? undefined : input[filter];
  if (typeof conditions === "object" && conditions !== null) {
    const fields = Object.keys(conditions).slice(0, MAX_FILTERS);
    described.filters = fields.map((field) => (words.includes(field) ? field : content.hash(field)));
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
