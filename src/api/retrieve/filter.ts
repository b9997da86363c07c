/** A filter as people and models write it, as the store has its values. */
import { nameForms } from "../../core/name-forms.js";
import type { Condition, Filter, Scalar } from "../../core/types.js";

/** What a value of a field of our own is kept as. */
const OWN: Readonly<Record<string, (text: string) => readonly string[]>> = {
  // In small letters, without the dot that people write.
  extension: (text) => [
    text
      .trim()
      .replace(/^\*?\./, "")
      .toLowerCase(),
  ],
  format: (text) => [text.trim().toLowerCase()],
  // From the source on, without the folder that one stands in.
  path: (text) => nameForms(text.replace(/^(?:\.\/)+/, "")),
  document: (text) => nameForms(text.replace(/^(?:\.\/)+/, "")),
  source: nameForms,
};

export function asStored(filter: Filter): Filter {
  return Object.fromEntries(Object.entries(filter).map(([field, condition]) => [field, kept(field, condition)]));
}

function kept(field: string, condition: Condition): Condition {
  const own = Object.hasOwn(OWN, field) ? OWN[field] : undefined;
  const isRange = typeof condition === "object" && !Array.isArray(condition);
  if (own === undefined || isRange) return condition;
  const values = [condition as Scalar | readonly Scalar[]].flat();
  return values.flatMap((value): readonly Scalar[] => (typeof value === "string" ? own(value) : [value]));
}
