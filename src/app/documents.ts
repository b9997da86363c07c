/** Whole documents, from the chunks of the version that serves. */
import { rebuildText } from "../chunk/document-text.js";
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import type { VectorStore } from "../core/ports.js";
import type { DocumentRecord, StoredPoint } from "../core/types.js";

export interface WholeDocument {
  readonly record: DocumentRecord;
  readonly text: string;
}

/** undefined when the collection has no such document, or there is no such collection. */
export async function readDocument(
  call: Call,
  store: VectorStore,
  collection: CollectionPass,
  document: string,
): Promise<WholeDocument | undefined> {
  const info = await store.describe(call, collection);
  if (info === undefined) return undefined;
  const chunks: StoredPoint[] = [];
  for await (const point of store.scroll(call, info.name, { document })) {
    // Two sources may have a document of this name; the first one is meant.
    if (chunks[0] !== undefined && chunks[0].record.source !== point.record.source) break;
    chunks.push(point);
  }
  const record = chunks[0]?.record;
  return record && { record, text: rebuildText(chunks) };
}

/** None when there is no such collection. */
export async function* listDocuments(
  call: Call,
  store: VectorStore,
  collection: CollectionPass,
): AsyncIterable<DocumentRecord> {
  const info = await store.describe(call, collection);
  if (info !== undefined) yield* store.documents(call, info.name);
}
