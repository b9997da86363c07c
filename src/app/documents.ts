/** Whole documents, from the chunks of the version that serves. */
import { rebuildText } from "../chunk/document-text.js";
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { noCollection } from "../core/not-found.js";
import type { VectorStore } from "../core/ports.js";
import type { DocumentRecord, SourceInfo, StoredPoint } from "../core/types.js";
import { type DocumentName, findDocument } from "../versions/sources.js";
import { visibleDocuments, visibleTo } from "../versions/visible.js";

export interface WholeDocument {
  readonly record: DocumentRecord;
  readonly from: SourceInfo;
  readonly text: string;
}

/** @throws AppError `not_found`; `bad_request` naming the candidates where the name means several */
export async function readDocument(
  call: Call,
  store: VectorStore,
  pass: CollectionPass,
  name: DocumentName,
): Promise<WholeDocument> {
  const collection = await store.describe(call, pass);
  if (collection === undefined) throw noCollection(pass.name);
  const visible = await visibleTo(call, store, collection);
  const { from, source, document } = await findDocument(call, store, { collection, ...visible }, name);
  const chunks: StoredPoint[] = [];
  for await (const point of store.scroll(call, collection.name, { source, document })) chunks.push(point);
  const record = chunks[0]?.record ?? { source, document, hash: "", chunker: "", metadata: {} };
  return { record, from, text: rebuildText(chunks) };
}

/** None when there is no such collection. */
export async function* listDocuments(
  call: Call,
  store: VectorStore,
  collection: CollectionPass,
): AsyncIterable<DocumentRecord> {
  const info = await store.describe(call, collection);
  if (info !== undefined) yield* visibleDocuments(call, store, info);
}
