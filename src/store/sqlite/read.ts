/** Reads points and documents back, by id or page by page. */
import type { DocumentPage, DocumentsAsked, ReadOptions, ScrollOptions } from "../../core/store-options.js";
import type {
  CollectionInfo,
  DocumentKey,
  DocumentRecord,
  FieldInfo,
  Filter,
  Metadata,
  Scope,
  StoredPoint,
} from "../../core/types.js";
import { checkFilter, checkText } from "../check-text.js";
import { type PassageColumns, passageChecksum } from "./checksum.js";
import type { Database, Value } from "./database.js";
import { compileFilter, compileScope, type Fragment } from "./filter.js";
import { damaged } from "./translate.js";

const PAGE_ROWS = 256;

/** Of a page that is not full, that it is the last one. */
export interface Page<T> {
  readonly rows: readonly T[];
  readonly isLast: boolean;
}

function pageOf<T>(rows: readonly T[]): Page<T> {
  return { rows, isLast: rows.length < PAGE_ROWS };
}

/** Where a scroll goes on: after this point. */
export interface PointCursor extends DocumentKey {
  readonly ordinal: number;
}

interface DocumentRow {
  document_id: number;
  source: string;
  document: string;
  hash: string;
  chunker: string;
  title: string | null;
  metadata: string;
}

interface PointRow extends DocumentRow, PassageColumns {
  ordinal: number;
  embed_whole: number;
  /** null: written before passages had one. */
  checksum: number | null;
  vector?: Uint8Array | null;
  tokens?: Uint8Array | null;
}

const DOCUMENT = "d.id AS document_id, d.source, d.document, d.hash, d.chunker, d.title, d.metadata";
const POINT = `c.uuid, c.ordinal, c.text, c.embed_lead, c.embed_whole, c.headings, c.line_start, c.line_end, c.page_start,
  c.page_end, c.start, c."end", c.table_header, c.checksum, ${DOCUMENT}`;

/** CROSS JOIN keeps SQLite from reordering: documents come in index order, so no page sorts the collection. */
function pointsFrom(outer: "documents" | "chunks", { vectors, tokens }: ReadOptions): string {
  const tables = outer === "documents" ? "documents d CROSS JOIN chunks c" : "chunks c CROSS JOIN documents d";
  const columns = `${POINT}${vectors ? ", v.vector" : ""}${tokens ? ", t.tokens" : ""}`;
  const joins = `${vectors ? " LEFT JOIN vectors v ON v.id = c.id" : ""}${tokens ? " LEFT JOIN tokens t ON t.id = c.id" : ""}`;
  return `SELECT ${columns} FROM ${tables} ON c.document_id = d.id${joins}`;
}

export function readPoints(db: Database, ids: readonly string[], options: ReadOptions): StoredPoint[] {
  checkText("id of a passage", ids);
  const sql = `${pointsFrom("chunks", options)} WHERE c.uuid IN (SELECT value FROM json_each(?))`;
  const points = new Map(toPoints(db, db.all<PointRow>(sql, JSON.stringify(ids))).map((point) => [point.id, point]));
  return ids.flatMap((id) => points.get(id) ?? []);
}

export function pointPage(
  db: Database,
  ask: { filter: Filter | undefined; options: ScrollOptions; after: PointCursor | undefined },
): Page<StoredPoint> {
  checkFilter(ask.filter);
  const { source, document, ordinal } = ask.after ?? { source: "", document: "", ordinal: -1 };
  const filter = compileFilter(ask.filter);
  const rows = db.all<PointRow>(
    `${pointsFrom("documents", ask.options)}
     WHERE (d.source, d.document) >= (?, ?) AND ((d.source, d.document) > (?, ?) OR c.ordinal > ?)
     AND c.ordinal >= ?
     ${filter === undefined ? "" : `AND d.id IN (${filter.sql})`}
     ORDER BY d.source, d.document, c.ordinal LIMIT ${PAGE_ROWS}`,
    source,
    document,
    source,
    document,
    ordinal,
    ask.options.fromOrdinal ?? 0,
    ...(filter?.values ?? []),
  );
  return pageOf(toPoints(db, rows));
}

export function documentPage(
  db: Database,
  ask: { source: string | undefined; scope: Scope | undefined; after: DocumentKey | undefined },
): Page<DocumentRecord> {
  const conditions: string[] = [];
  const values: Value[] = [];
  if (ask.scope !== undefined) {
    const scope = compileScope(ask.scope);
    // "+" keeps SQLite from looking up all that is in scope, and sorting it, for each page.
    conditions.push(`+${scope.sql}`);
    values.push(...scope.values);
  }
  if (ask.source !== undefined) {
    checkText("name of a source", [ask.source]);
    conditions.push("d.source = ?");
    values.push(ask.source);
  }
  if (ask.after !== undefined) {
    conditions.push("(d.source, d.document) > (?, ?)");
    values.push(ask.after.source, ask.after.document);
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : "";
  const rows = db.all<DocumentRow>(
    `SELECT ${DOCUMENT} FROM documents d ${where} ORDER BY d.source, d.document LIMIT ${PAGE_ROWS}`,
    ...values,
  );
  return pageOf(rows.map(toRecord));
}

/** By id as the file orders them; those with a prefix stand together. */
export function pageOfSource(db: Database, { source, prefix = "", from = "", limit }: DocumentsAsked): DocumentPage {
  checkText("name of a source or document", [source, prefix, from]);
  const rows = db.all<Pick<DocumentRow, "document" | "title">>(
    `SELECT document, title FROM documents WHERE source = ? AND document >= ? AND document >= ?
     ORDER BY document LIMIT ?`,
    source,
    prefix,
    from,
    limit + 1,
  );
  const end = rows.findIndex(({ document }) => !document.startsWith(prefix));
  const found = end === -1 ? rows : rows.slice(0, end);
  return {
    documents: found
      .slice(0, limit)
      .map(({ document, title }) => ({ document, title: title ?? undefined, place: document })),
    next: found[limit]?.document,
  };
}

/** By name. */
export function fieldsIn(db: Database, scope: Scope | undefined): FieldInfo[] {
  const within = scope && compileFilter(undefined, scope);
  const rows = db.all<{ key: string; text: number; number: number }>(
    `SELECT key, max(text IS NOT NULL) AS text, max(number IS NOT NULL) AS number FROM metadata
     ${within ? `WHERE document_id IN (${within.sql})` : ""} GROUP BY key ORDER BY key`,
    ...(within?.values ?? []),
  );
  return rows.map(({ key, text, number }) => ({
    name: key,
    types: [...(text ? (["text"] as const) : []), ...(number ? (["number"] as const) : [])],
  }));
}

export function anyPoint(db: Database, filter: Filter, scope: Scope | undefined): boolean {
  checkFilter(filter);
  const fragment = compileFilter(filter, scope);
  const where = fragment === undefined ? "" : `WHERE document_id IN (${fragment.sql})`;
  return db.get(`SELECT 1 FROM chunks ${where} LIMIT 1`, ...(fragment?.values ?? [])) !== undefined;
}

export function countIn(db: Database, scope: Scope): Pick<CollectionInfo, "points" | "documents"> {
  const { sql, values } = compileFilter(undefined, scope) as Fragment;
  return db.get(
    `SELECT count(*) AS documents, ifnull(sum((SELECT count(*) FROM chunks WHERE document_id = seen.id)), 0) AS points
     FROM (${sql}) seen`,
    ...values,
  ) as Pick<CollectionInfo, "points" | "documents">;
}

/** Points of one document share one record. @throws AppError `store_down` for a passage that is not as it was written */
function toPoints(db: Database, rows: readonly PointRow[]): StoredPoint[] {
  const records = new Map<number, DocumentRecord>();
  return rows.map((row) => {
    if (row.checksum !== null && row.checksum !== passageChecksum(row)) {
      throw damaged(db.file, `a passage of ${row.document} is not as it was written`);
    }
    const record = records.get(row.document_id) ?? toRecord(row);
    records.set(row.document_id, record);
    return {
      id: row.uuid,
      ordinal: row.ordinal,
      text: row.text,
      embedText: row.embed_whole === 1 ? row.embed_lead : row.embed_lead + row.text,
      headings: JSON.parse(row.headings) as string[],
      lines: row.line_start === 0 ? undefined : { first: row.line_start, last: row.line_end },
      pages: row.page_start === null ? undefined : { first: row.page_start, last: row.page_end as number },
      start: row.start,
      end: row.end,
      tableHeader: row.table_header ?? undefined,
      record,
      vector: row.vector ? toVector(row.vector) : undefined,
      tokens: row.tokens ?? undefined,
    };
  });
}

function toRecord(row: DocumentRow): DocumentRecord {
  return {
    source: row.source,
    document: row.document,
    hash: row.hash,
    chunker: row.chunker,
    title: row.title ?? undefined,
    metadata: JSON.parse(row.metadata) as Metadata,
  };
}

/** Copies: SQLite's bytes need not begin at a multiple of four. */
export function toVector(bytes: Uint8Array): Float32Array {
  return new Float32Array(bytes.slice().buffer);
}
