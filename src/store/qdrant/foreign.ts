/**
 * Collections that something else made: each point is a document of one passage. They are read and never written.
 * https://api.qdrant.tech: `vectors` is one unnamed vector, or several by name.
 */
import { createHash } from "node:crypto";
import { AppError } from "../../core/errors.js";
import type { Condition, Filter, Metadata, Scalar, StoredPoint } from "../../core/types.js";
import { checkFilter } from "../check-text.js";
import { checkRange, isList, isRange } from "../conditions.js";
import { textHash } from "../points.js";
import {
  areScalars,
  fields,
  isPointId,
  mapOf,
  number,
  object,
  type Shape,
  text,
  toPointId,
  toVector,
} from "../shapes.js";
import type { Layout } from "./layout.js";
import type { PointId, QdrantFilter, QdrantPoint } from "./requests.js";

export interface ForeignOptions {
  /** undefined: the only vector there is. */
  readonly vectorName?: string | undefined;
  /** Payload field with the text; `a.b` reaches into an object. */
  readonly textField: string;
}

interface VectorParams {
  readonly size: number;
  readonly distance: string;
}
export type Vectors = VectorParams | Readonly<Record<string, VectorParams>>;

const ONE = fields<VectorParams>({ size: number, distance: text });
const BY_NAME = mapOf(ONE);
export const VECTORS: Shape<Vectors> = (value, field) =>
  typeof object(value, field).size === "number" ? ONE(value, field) : BY_NAME(value, field);

/** Marks documents of such a collection; `collection:` re-embeds them in chunks of our own. */
const FOREIGN_CHUNKER = "foreign";

export function foreignLayout(collection: string, vectors: Vectors, options: ForeignOptions): Layout {
  const { name, size, unsearchable } = chosenVector(vectors, options.vectorName);
  const source = foreignSource(collection);
  return {
    dimension: size,
    unsearchable,
    vectorName: name,
    hasTerms: false,
    keyFields: [options.textField.split(".")[0] as string],
    heavyFields: [],
    toCandidate({ id, payload }, scores) {
      const hash = textHash(textOf(payload, options));
      return { id: idOf(id), source, document: idOf(id), ordinal: 0, textHash: hash, scores };
    },
    toStoredPoint: (point) => toStoredPoint(point, source, name, options),
    toPointId,
    async compileFilter(_call, filter, { scope }) {
      const isHidden = scope?.every((part) => part.source !== source || part.folder !== undefined);
      return isHidden ? undefined : compileFilter(filter, source);
    },
  };
}

/** What documents of such a collection have for a source. */
function foreignSource(collection: string): string {
  return `qdrant:${collection}`;
}

interface Chosen {
  /** undefined: it has none. */
  readonly name: string | undefined;
  readonly size: number;
  readonly unsearchable?: string;
}

function chosenVector(vectors: Vectors, wanted: string | undefined): Chosen {
  const unnamed = typeof vectors.size === "number" ? (vectors as VectorParams) : undefined;
  if (unnamed !== undefined && wanted === undefined) return { name: undefined, ...checked(unnamed) };
  const named = unnamed === undefined ? (vectors as Readonly<Record<string, VectorParams>>) : {};
  const names = Object.keys(named);
  const name = wanted ?? (names.length === 1 ? names[0] : undefined);
  const chosen = name === undefined ? undefined : named[name];
  if (chosen !== undefined) return { name, ...checked(chosen) };
  const there = unnamed !== undefined ? "one without a name" : names.length === 0 ? "none" : names.join(", ");
  const missing = wanted === undefined ? "several vectors or none" : `no vector "${wanted}"`;
  return { name: wanted, size: 0, unsearchable: `it has ${missing} (QDRANT_VECTOR_NAME chooses; there is ${there})` };
}

/** Only cosine similarity is a score that means the same everywhere. */
function checked({ size, distance }: VectorParams): Pick<Chosen, "size" | "unsearchable"> {
  return distance === "Cosine" ? { size } : { size, unsearchable: `it compares vectors by ${distance}, not by Cosine` };
}

/** @throws AppError `mismatch` for a number that JavaScript cannot hold */
function idOf(id: PointId): string {
  if (typeof id === "number" && !Number.isSafeInteger(id)) {
    const message = `A point has the number ${id} for an id; numbers above 2^53 cannot be told apart.`;
    throw new AppError("mismatch", message, { remedy: "Give the points UUIDs, or smaller numbers." });
  }
  return String(id);
}

function textOf(payload: QdrantPoint["payload"], { textField }: ForeignOptions): string {
  const found = textField
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | null | undefined)?.[key], payload);
  return typeof found === "string" ? found : "";
}

function toStoredPoint(
  { id, payload: given, vector }: QdrantPoint,
  source: string,
  vectorName: string | undefined,
  options: ForeignOptions,
): StoredPoint {
  const payload = given ?? {};
  const text = textOf(payload, options);
  const metadata = metadataOf(payload, options.textField);
  const hash = createHash("sha256")
    .update(JSON.stringify([text, metadata]))
    .digest("hex");
  const { title } = metadata;
  const dense =
    vectorName === undefined ? vector : (vector as Record<string, unknown> | null | undefined)?.[vectorName];
  return {
    id: idOf(id),
    ordinal: 0,
    text,
    embedText: text,
    start: 0,
    end: text.length,
    headings: [],
    record: {
      source,
      document: idOf(id),
      hash,
      chunker: FOREIGN_CHUNKER,
      metadata,
      title: typeof title === "string" ? title : undefined,
    },
    vector: toVector(dense),
  };
}

/** What of the payload can be filtered by: scalars and lists of them, in the order of their names. */
function metadataOf(payload: Readonly<Record<string, unknown>>, textField: string): Metadata {
  const entries = Object.entries(payload).filter(([key, value]) => key !== textField && areScalars(value));
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))) as Metadata;
}

function compileFilter(filter: Filter | undefined, source: string): QdrantFilter | undefined {
  checkFilter(filter);
  const must: object[] = [];
  for (const [key, condition] of Object.entries(filter ?? {})) {
    if (condition === undefined) continue;
    if (isRange(condition)) checkRange(condition, key);
    const clause = key === "source" ? undefined : key === "document" ? idClause(condition) : clauseOf(key, condition);
    if (key === "source" ? !fits(condition, source) : clause === undefined) return undefined;
    if (clause !== undefined) must.push(clause);
  }
  return must.length === 0 ? {} : { must };
}

function valuesOf(condition: Exclude<Condition, { readonly gte?: number | string }>): readonly Scalar[] {
  return isList(condition) ? condition : [condition];
}

function fits(condition: Condition, value: string): boolean {
  if (!isRange(condition)) return valuesOf(condition).includes(value);
  return String(condition.gte ?? value) <= value && value <= String(condition.lte ?? value);
}

/** Ids that no point can have fit nothing. */
function idClause(condition: Condition): object | undefined {
  if (isRange(condition)) {
    throw new AppError(
      "bad_request",
      "A range of documents cannot be asked of a collection that something else made.",
      {
        remedy: "Name the documents.",
      },
    );
  }
  const ids = valuesOf(condition).flatMap((value): PointId[] => {
    const id = String(value);
    return isPointId(id) ? [toPointId(id)] : [];
  });
  return ids.length === 0 ? undefined : { has_id: ids };
}

/** Ranges of texts are the server's: it compares times (RFC 3339) and refuses other texts. */
function clauseOf(key: string, condition: Condition): object | undefined {
  if (isRange(condition)) return { key, range: { ...condition } };
  const clauses = valuesOf(condition).map((value) =>
    // There is no equality of floating-point numbers but a range that holds one.
    typeof value === "number" ? { key, range: { gte: value, lte: value } } : { key, match: { value } },
  );
  return clauses.length <= 1 ? clauses[0] : { should: clauses };
}
