/** Fields that filters may name, as clients get them. */
import { RECORD_LIMITS } from "../core/record-limits.js";
import { sanitizeLine } from "../core/sanitize.js";
import type { FieldInfo } from "../core/types.js";

/** In one answer. */
const MOST_FIELDS = 50;

/** Name → types of its values. */
export function presentFields(fields: readonly FieldInfo[]): Record<string, string> {
  return Object.fromEntries(
    fields
      .slice(0, MOST_FIELDS)
      .map(({ name, types }) => [sanitizeLine(name, RECORD_LIMITS.keyChars), types.join(" or ")]),
  );
}

export function renderFields(fields: Readonly<Record<string, string>>): string {
  const named = Object.entries(fields).map(([name, types]) => `${JSON.stringify(name)} (${types})`);
  return named.length === 0 ? "documents have no metadata" : `fields: "document", "source", ${named.join(", ")}`;
}
