/** One line of a JSONL file: `{id or _id, text, title?, metadata?}`; other fields are passed over. */
import type { Metadata, Scalar } from "../core/types.js";

/** Changes whenever a line may give another record: part of every record's hash. */
export const RECORDS_VERSION = "jsonl-3";

export interface JsonRecord {
  readonly id: string;
  readonly text: string;
  readonly title?: string;
  readonly metadata: Metadata;
}

const MAX_ID_LENGTH = 512;

/** The record, or why the line is none. */
export function parseRecord(line: string): JsonRecord | { readonly reason: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { reason: "not valid JSON" };
  }
  if (!isObject(value)) return { reason: "not a JSON object" };
  const id = readId(value.id ?? value._id);
  if (id === undefined) return { reason: "no id: `id` or `_id` must be a string or a number" };
  if (id.length > MAX_ID_LENGTH) return { reason: `its id is longer than ${MAX_ID_LENGTH} characters` };
  if (typeof value.text !== "string") return { reason: "no text: `text` must be a string" };
  if (value.text.trim() === "") return { reason: "empty" };
  const title = value.title ?? "";
  if (typeof title !== "string") return { reason: "`title` must be a string" };
  const metadata = readMetadata(value.metadata ?? {});
  if (typeof metadata === "string") return { reason: metadata };
  return {
    id,
    text: wellFormed(value.text),
    title: title.trim() === "" ? undefined : wellFormed(title.trim()),
    metadata,
  };
}

function readId(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "string" && value.trim() !== "" ? wellFormed(value) : undefined;
}

/** Fields that are null count as absent. A string says what is wrong. */
function readMetadata(value: unknown): Metadata | string {
  if (!isObject(value)) return "`metadata` must be an object";
  const fields = Object.entries(value).filter(([, field]) => field !== null);
  for (const [name, field] of fields) {
    const scalars = Array.isArray(field) ? field : [field];
    if (!scalars.every(isScalar))
      return `metadata field ${JSON.stringify(name)} is neither a scalar nor a list of scalars`;
  }
  // `fromEntries` defines fields, so that one named `__proto__` stays a field.
  return Object.fromEntries(fields) as Metadata;
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** JSON escapes can spell half a surrogate pair, which no UTF-8 can hold, and NUL, which ends strings in some stores. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}|\0/gu, "\ufffd");
}
