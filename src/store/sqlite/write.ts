/** Writes and removes whole documents; the counts kept beside them change in the same transaction. */
import type { Fence } from "../../core/ledger.js";
import { passageText } from "../../core/passage-text.js";
import type { DocumentKey, IndexedDocument, Metadata, Point } from "../../core/types.js";
import type { Job } from "../../process/serve.js";
import { checkKeys } from "../check-text.js";
import { asValue } from "../conditions.js";
import { lexicalTerms } from "../lexical-terms.js";
import { checkDocument, textHash } from "../points.js";
import { passageChecksum } from "./checksum.js";
import type { Database } from "./database.js";
import { assertNewest } from "./ledger.js";

/** A process that has seen none of the removals older than these reads all vectors again. */
const REMOVALS_KEPT = 100_000;

/** Points between which an abort is heard: some milliseconds of work. */
const POINTS_AT_ONCE = 32;

/** Where documents are written, and under which lease. */
interface Place {
  readonly db: Database;
  readonly fence?: Fence | undefined;
}

export async function writeDocuments(
  job: Job,
  { db, dimension, fence }: Place & { readonly dimension: number },
  documents: readonly IndexedDocument[],
): Promise<void> {
  for (const document of documents) checkDocument(document, dimension);
  if (documents.length === 0) return;
  await db.write(job, async () => {
    assertNewest(db, fence);
    for (const document of documents) {
      removeDocument(db, document);
      await insertDocument(job, db, document);
      await job.hear();
    }
  });
}

export async function removeDocuments(
  job: Job,
  { db, fence }: Place,
  documents: readonly DocumentKey[],
): Promise<void> {
  checkKeys(documents);
  if (documents.length === 0) return;
  await db.write(job, async () => {
    assertNewest(db, fence);
    for (const document of documents) {
      removeDocument(db, document);
      await job.hear();
    }
  });
}

function removeDocument(db: Database, key: DocumentKey): void {
  const found = db.get<{ id: number; points: number }>(
    `SELECT id, (SELECT count(*) FROM chunks WHERE document_id = documents.id) AS points
     FROM documents WHERE source = ? AND document = ?`,
    key.source,
    key.document,
  );
  if (found === undefined) return;
  const chunks = "(SELECT id FROM chunks WHERE document_id = ?)";
  db.run(`INSERT INTO removed (id) SELECT id FROM chunks WHERE document_id = ?`, found.id);
  db.run("DELETE FROM removed WHERE seq <= (SELECT max(seq) FROM removed) - ?", REMOVALS_KEPT);
  db.run(`DELETE FROM terms WHERE rowid IN ${chunks}`, found.id);
  db.run(`DELETE FROM vectors WHERE id IN ${chunks}`, found.id);
  db.run(`DELETE FROM tokens WHERE id IN ${chunks}`, found.id);
  db.run("DELETE FROM chunks WHERE document_id = ?", found.id);
  db.run("DELETE FROM metadata WHERE document_id = ?", found.id);
  db.run("DELETE FROM documents WHERE id = ?", found.id);
  count(db, -1, -found.points);
}

async function insertDocument(job: Job, db: Database, document: IndexedDocument): Promise<void> {
  const { lastId: id } = db.run(
    "INSERT INTO documents (source, document, hash, chunker, title, metadata) VALUES (?, ?, ?, ?, ?, ?)",
    document.source,
    document.document,
    document.hash,
    document.chunker,
    document.title ?? null,
    JSON.stringify(document.metadata),
  );
  insertMetadata(db, id, document.metadata);
  let chunkId = db.get<{ last: number }>("SELECT last_id AS last FROM about")?.last ?? 0;
  const terms = lexicalTerms(document);
  for (const [i, point] of document.points.entries()) {
    if (i > 0 && i % POINTS_AT_ONCE === 0) await job.hear();
    insertPoint(db, { id: ++chunkId, documentId: id }, point, terms[i] as string[]);
  }
  db.run("UPDATE about SET last_id = ?", chunkId);
  count(db, 1, document.points.length);
}

function insertMetadata(db: Database, documentId: number, metadata: Metadata): void {
  for (const [key, field] of Object.entries(metadata)) {
    for (const scalar of [field].flat()) {
      const value = asValue(scalar);
      const [text, number] = typeof value === "number" ? [null, value] : [value, null];
      db.run(
        "INSERT INTO metadata (document_id, key, text, number) VALUES (?, ?, ?, ?)",
        documentId,
        key,
        text,
        number,
      );
    }
  }
}

function insertPoint(
  db: Database,
  { id, documentId }: { readonly id: number; readonly documentId: number },
  point: Point,
  terms: readonly string[],
): void {
  const { text, embedText, vector, tokens } = point;
  const endsWithText = embedText.endsWith(text);
  const row = {
    uuid: point.id,
    text,
    embed_lead: endsWithText ? embedText.slice(0, embedText.length - text.length) : embedText,
    headings: JSON.stringify(point.headings),
    line_start: point.lines?.first ?? 0,
    line_end: point.lines?.last ?? 0,
    page_start: point.pages?.first ?? null,
    page_end: point.pages?.last ?? null,
    start: point.start,
    end: point.end,
    table_header: point.tableHeader ?? null,
  };
  db.run(
    `INSERT INTO chunks (id, uuid, document_id, ordinal, text, embed_lead, embed_whole, headings, line_start, line_end,
       page_start, page_end, start, "end", table_header, text_hash, term_count, checksum)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    id,
    row.uuid,
    documentId,
    point.ordinal,
    text,
    row.embed_lead,
    endsWithText ? 0 : 1,
    row.headings,
    row.line_start,
    row.line_end,
    row.page_start,
    row.page_end,
    row.start,
    row.end,
    row.table_header,
    textHash(passageText(point)),
    terms.length,
    passageChecksum(row),
  );
  if (vector !== undefined) db.run("INSERT INTO vectors (id, vector) VALUES (?, ?)", id, vectorBytes(vector));
  if (tokens !== undefined) db.run("INSERT INTO tokens (id, tokens) VALUES (?, ?)", id, tokens);
  db.run("INSERT INTO terms (rowid, body) VALUES (?, ?)", id, terms.join(" "));
}

function count(db: Database, documents: number, points: number): void {
  db.run("UPDATE about SET documents = documents + ?, points = points + ?", documents, points);
}

export function vectorBytes(vector: Float32Array): Uint8Array {
  return new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
}
