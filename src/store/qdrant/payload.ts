/** A chunk as a point, and back. Metadata is kept whole for reading, and by type for filtering. */
import { passageText } from "../../core/passage-text.js";
import type {
  DocumentRecord,
  FieldInfo,
  IndexedDocument,
  Metadata,
  Point,
  Range,
  StoredPoint,
} from "../../core/types.js";
import { asValue } from "../conditions.js";
import { lexicalTerms } from "../lexical-terms.js";
import { textHash } from "../points.js";
import {
  anything,
  fields,
  flag,
  listOf,
  mapOf,
  number,
  optional,
  orNull,
  scalars,
  stored,
  text,
  vectorOf,
} from "../shapes.js";
import { type Json, vectorJson, withField } from "./json.js";
import { DENSE, type QdrantPoint, SPARSE } from "./requests.js";
import { documentVector } from "./sparse.js";

export interface ChunkPayload {
  readonly source: string;
  readonly document: string;
  readonly ordinal: number;
  readonly text: string;
  /** What is embedded, without the text at its end; all of it when it does not end so. */
  readonly lead: string;
  readonly whole: boolean;
  readonly headings: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly lines?: Range;
  readonly pages?: Range;
  readonly table_header?: string | undefined;
  readonly text_hash: string;
  /** Token vectors, base64; read only when asked for. */
  readonly tokens?: string;
  readonly hash: string;
  readonly chunker: string;
  readonly title?: string;
  readonly metadata: Metadata;
  /** Metadata to filter by: texts and booleans, and numbers. */
  readonly s: Readonly<Record<string, readonly string[]>>;
  readonly n: Readonly<Record<string, readonly number[]>>;
}

type Key = Pick<ChunkPayload, "source" | "document" | "ordinal" | "text_hash">;
type Recorded = Pick<ChunkPayload, (typeof RECORD_FIELDS)[number]>;
/** What is read of a passage besides its document's record. */
type Passage = Omit<ChunkPayload, keyof Recorded | "text_hash" | "s" | "n">;

const range = optional(fields<Range>({ first: number, last: number }));
const KEY = fields<Key>({ source: text, document: text, ordinal: number, text_hash: text });
const RECORD = fields<Recorded>({
  source: text,
  document: text,
  hash: text,
  chunker: text,
  title: optional(text),
  metadata: mapOf(scalars),
});
const VERSION = fields<Pick<Recorded, "source" | "document" | "hash" | "chunker">>({
  source: text,
  document: text,
  hash: text,
  chunker: text,
});
const LISTED = fields<Pick<Recorded, "document" | "title">>({ document: text, title: optional(text) });
const PASSAGE = fields<Passage>({
  ordinal: number,
  text,
  lead: text,
  whole: flag,
  headings: listOf(text),
  start: number,
  end: number,
  lines: range,
  pages: range,
  table_header: optional(text),
  tokens: optional(text),
});
const VECTORS = orNull(fields({ [DENSE]: anything }));
const WHERE = "a passage";

/** Fields that every collection has an index on. */
export const FIXED_INDEXES = ["source", "document", "ordinal"] as const;
export const LISTED_FIELDS = ["document", "title"] as const;
export const RECORD_FIELDS = ["source", "document", "hash", "chunker", "title", "metadata"] as const;

/** Name of a metadata field in a JSON path: letters and digits as they are, everything else by its code. */
export function fieldName(key: string): string {
  return key.replace(/[^A-Za-z0-9]/g, (character) => `_${character.codePointAt(0)?.toString(16)}_`);
}

/** The fields that have an index, by name. */
export function fieldsOf(paths: Iterable<string>): FieldInfo[] {
  const types = new Map<string, FieldInfo["types"]>();
  for (const path of [...paths].sort().reverse()) {
    const [, kind, field] = /^([sn])\.(.+)$/s.exec(path) ?? [];
    if (field === undefined) continue;
    const name = field.replace(/_([0-9a-f]+)_/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
    types.set(name, [...(types.get(name) ?? []), kind === "s" ? "text" : "number"]);
  }
  return [...types].map(([name, own]) => ({ name, types: own })).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Of the index on a field, by its path. */
export function indexKind(path: string): "keyword" | "float" | "integer" {
  if (path === "ordinal") return "integer";
  return path.startsWith("n.") ? "float" : "keyword";
}

/** Paths of every metadata field of these documents. */
export function metadataPaths(documents: readonly IndexedDocument[]): Set<string> {
  const found = new Set<string>();
  for (const { metadata } of documents) {
    const { s, n } = byType(metadata);
    for (const key of Object.keys(s)) found.add(`s.${key}`);
    for (const key of Object.keys(n)) found.add(`n.${key}`);
  }
  return found;
}

function byType(metadata: Metadata): Pick<ChunkPayload, "s" | "n"> {
  const s = new Map<string, string[]>();
  const n = new Map<string, number[]>();
  for (const [key, field] of Object.entries(metadata)) {
    for (const scalar of [field].flat()) {
      const value = asValue(scalar);
      const name = fieldName(key);
      if (typeof value === "number") n.set(name, [...(n.get(name) ?? []), value]);
      else s.set(name, [...(s.get(name) ?? []), value]);
    }
  }
  // A field may be called `constructor`, which every object has already.
  return { s: Object.fromEntries(s), n: Object.fromEntries(n) };
}

/** Each as the server takes it. */
export function toJsonPoints(document: IndexedDocument, referenceLength: number): Json[] {
  const { points, ...record } = document;
  const filters = byType(record.metadata);
  const terms = lexicalTerms(document);
  return points.map((point, i) => {
    const { id, vector, embedText, text, tokens } = point;
    const endsWithText = embedText.endsWith(text);
    const payload: ChunkPayload = {
      ...record,
      ...filters,
      ...placeOf(point),
      text,
      table_header: point.tableHeader,
      lead: endsWithText ? embedText.slice(0, embedText.length - text.length) : embedText,
      whole: !endsWithText,
      text_hash: textHash(passageText(point)),
      tokens: tokens && Buffer.from(tokens).toString("base64"),
    };
    const dense = vector === undefined ? "" : `"${DENSE}":${vectorJson(vector)},`;
    const vectors = `{${dense}"${SPARSE}":${documentVector(terms[i] as string[], referenceLength)}}`;
    return withField({ id, payload }, "vector", vectors);
  });
}

function placeOf({ ordinal, headings, start, end, lines, pages }: Point | StoredPoint | Passage) {
  return { ordinal, headings, start, end, lines, pages };
}

export function toRecord(payload: unknown): DocumentRecord {
  const { source, document, hash, chunker, title, metadata } = stored(RECORD, payload, WHERE);
  return { source, document, hash, chunker, metadata, title };
}

/** Which document a passage is of, and which version of it. */
export function versionOf(payload: unknown): { document: string; version: string; hash: string } {
  const { source, document, hash, chunker } = stored(VERSION, payload, WHERE);
  return { document: JSON.stringify([source, document]), version: JSON.stringify([hash, chunker]), hash };
}

export function toListed(payload: unknown): Pick<DocumentRecord, "document" | "title"> {
  return stored(LISTED, payload, WHERE);
}

export function toKey(payload: unknown): Key {
  return stored(KEY, payload, WHERE);
}

export function toStoredPoint({ id, payload, vector }: QdrantPoint, dimension: number): StoredPoint {
  const passage = stored(PASSAGE, payload, WHERE);
  const { text, lead, whole, tokens, table_header: tableHeader } = passage;
  const dense = stored(VECTORS, vector, WHERE)?.[DENSE];
  return {
    id: String(id),
    ...placeOf(passage),
    text,
    tableHeader,
    embedText: whole ? lead : lead + text,
    record: toRecord(payload),
    vector: dense === undefined ? undefined : stored(vectorOf(dimension), dense, WHERE),
    tokens: tokens === undefined ? undefined : new Uint8Array(Buffer.from(tokens, "base64")),
  };
}
