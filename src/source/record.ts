/** One line of a JSONL file: `{id or _id, text, title?, metadata?}`; other fields are passed over. */
import { createHash } from "node:crypto";
import { RECORD_LIMITS } from "../core/record-limits.js";
import type { Metadata, Scalar } from "../core/types.js";
import { wellFormed } from "./formats/characters.js";

/** Changes whenever a line may give another record: part of every record's hash. */
export const RECORDS_VERSION = "jsonl-4";

export interface JsonRecord {
  /** Where the line has none, a hash of it: unlike its number, it stays when lines come before it. */
  readonly id: string;
  readonly text: string;
  readonly title?: string;
  readonly metadata: Metadata;
  /** Fields that cannot be used: they cost nothing but themselves. */
  readonly leftOut: readonly string[];
}

const MAX_ID_LENGTH = 512;
const HASH_CHARS = 16;
/** What other programs call the text: LangChain, and exports of many kinds. */
const TEXTS = ["text", "page_content", "content"];
/** Of metadata: what is deeper is no description of a document. */
const MAX_DEPTH = 16;

/** The record, or why the line is none. */
export function parseRecord(line: string): JsonRecord | { readonly reason: string } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { reason: "not valid JSON" };
  }
  if (!isObject(value)) return { reason: "not a JSON object" };
  const leftOut: string[] = [];
  const given = value.id ?? value._id;
  const id = readId(given) ?? hashOf(line);
  if (given != null && readId(given) === undefined) leftOut.push("`id`, which must be a string or a number");
  if (id.length > MAX_ID_LENGTH) return { reason: `its id is longer than ${MAX_ID_LENGTH} characters` };
  const text = TEXTS.map((name) => value[name]).find((field) => field != null);
  if (typeof text !== "string") return { reason: "no text: `text`, `page_content` or `content` must be a string" };
  if (text.trim() === "") return { reason: "empty" };
  const title = isScalar(value.title) ? String(value.title) : "";
  if (value.title != null && !isScalar(value.title)) leftOut.push("`title`, which must be a string");
  const metadata = readMetadata(value.metadata ?? {}, leftOut);
  return {
    id,
    text: wellFormed(text),
    title: title.trim() === "" ? undefined : wellFormed(title.trim()),
    metadata,
    leftOut,
  };
}

function readId(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "string" && value.trim() !== "" ? wellFormed(value) : undefined;
}

function hashOf(line: string): string {
  return createHash("sha256").update(line.trim()).digest("hex").slice(0, HASH_CHARS);
}

/**
 * Fields inside fields are called by their way down, `loc.lines.from`; the same field of several objects in a list is a
 * list. What is null counts as absent.
 */
function readMetadata(value: unknown, leftOut: string[]): Metadata {
  if (!isObject(value)) {
    leftOut.push("`metadata`, which must be an object");
    return {};
  }
  let isDeep = false;
  const fields = new Map<string, Scalar | Scalar[]>();
  const waiting = [{ name: "", field: value as unknown, depth: 0, isInList: false }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { name, field, depth, isInList } = next;
    if (field === null) continue;
    if (depth > MAX_DEPTH) {
      isDeep = true;
      continue;
    }
    // The record's bounds leave it out, and say so.
    if (name.length > RECORD_LIMITS.keyChars) fields.set(name, true);
    else if (Array.isArray(field)) {
      if (!fields.has(name)) fields.set(name, []);
      for (const each of field.toReversed()) waiting.push({ name, field: each, depth: depth + 1, isInList: true });
    } else if (isObject(field)) {
      for (const [key, each] of Object.entries(field).reverse()) {
        waiting.push({ name: name === "" ? key : `${name}.${key}`, field: each, depth: depth + 1, isInList });
      }
    } else add(fields, name, { value: scalar(field), isInList });
  }
  if (isDeep) leftOut.push(`fields of \`metadata\` nested deeper than ${MAX_DEPTH} levels`);
  // `fromEntries` defines fields, so that one named `__proto__` stays a field.
  return Object.fromEntries(fields);
}

/** What is there under the same name already becomes a list with it. */
function add(
  fields: Map<string, Scalar | Scalar[]>,
  name: string,
  { value, isInList }: { readonly value: Scalar; readonly isInList: boolean },
): void {
  const before = fields.get(name);
  if (Array.isArray(before)) before.push(value);
  else if (before !== undefined) fields.set(name, [before, value]);
  else fields.set(name, isInList ? [value] : value);
}

/** JSON has nothing else but numbers that no double can hold. */
function scalar(value: unknown): Scalar {
  return isScalar(value) ? value : String(value);
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
