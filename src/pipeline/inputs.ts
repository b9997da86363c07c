/** What a re-index reads, in one shape: documents of a source to be chunked, or chunks of a collection as they are. */
import type { Embedder, SourceDocument, VectorStore } from "../core/ports.js";
import type { Chunk, DocumentKey, DocumentRecord, Filter, StoredPoint } from "../core/types.js";
import { CHUNKER_VERSION, chunkDocument } from "./chunk.js";

export interface Loaded {
  readonly title?: string;
  /** With its vector when that can be kept. */
  readonly chunks: readonly (Chunk & { readonly vector?: Float32Array })[];
}

export interface InputDocument extends Omit<DocumentRecord, "title"> {
  load(signal: AbortSignal): Promise<Loaded>;
}

export type InputItem =
  | { readonly kind: "document"; readonly document: InputDocument }
  | ({ readonly kind: "skipped" | "failed"; readonly reason: string } & DocumentKey);

/** Version stamped on documents: another parser or chunker makes them stale. */
export function chunkerVersion(sourceVersion: string): string {
  return `${CHUNKER_VERSION}/${sourceVersion}`;
}

export function fromSource(document: SourceDocument, sourceVersion: string, embedder: Embedder): InputDocument {
  const { source, document: id, hash, metadata } = document;
  return {
    source,
    document: id,
    hash,
    metadata,
    chunker: chunkerVersion(sourceVersion),
    async load(signal) {
      const parsed = await document.parse();
      const chunks = await chunkDocument(parsed, {
        maxTokens: embedder.maxTokens,
        countTokens: (texts) => embedder.countTokens(texts, signal),
      });
      return { chunks, ...(parsed.title === undefined ? {} : { title: parsed.title }) };
    },
  };
}

/** Documents of a collection, their chunks read again when loaded. `vectors`: keep them, the model is the same. */
export async function* fromCollection(
  store: VectorStore,
  collection: string,
  options: { vectors: boolean; wanted?: (record: DocumentRecord) => boolean },
): AsyncIterable<InputDocument> {
  for await (const record of store.documents(collection)) {
    if (options.wanted?.(record) === false) continue;
    yield { ...record, load: () => loadStored(store, collection, record, options.vectors) };
  }
}

async function loadStored(
  store: VectorStore,
  collection: string,
  record: DocumentRecord,
  vectors: boolean,
): Promise<Loaded> {
  const filter: Filter = { source: record.source, document: record.document };
  const chunks: StoredPoint[] = [];
  for await (const point of store.scroll(collection, filter, { vectors })) chunks.push(point);
  return { chunks, ...(record.title === undefined ? {} : { title: record.title }) };
}
