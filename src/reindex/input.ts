/** What a re-index reads, in one shape: documents of a source to be chunked, or chunks of a collection as they are. */

import { CHUNKER_VERSION, chunkDocument } from "../chunk/chunk.js";
import { AppError } from "../core/errors.js";
import { hasVectorsOf } from "../core/fingerprint.js";
import type { Embedder, OpenSource, Refusal, Source, SourceDocument, VectorStore } from "../core/ports.js";
import type {
  Chunk,
  CollectionInfo,
  CollectionSpec,
  DocumentKey,
  DocumentRecord,
  Embedding,
  Filter,
  StoredPoint,
} from "../core/types.js";

/** With what the model made of it when that can be kept. */
export type LoadedChunk = Chunk & Partial<Embedding>;

export interface Loaded {
  readonly title?: string;
  readonly chunks: readonly LoadedChunk[];
}

export interface InputDocument extends Omit<DocumentRecord, "title"> {
  load(signal: AbortSignal): Promise<Loaded | Refusal>;
}

export type InputItem =
  | { readonly kind: "document"; readonly document: InputDocument }
  | ({ readonly kind: "skipped" | "failed"; readonly reason: string } & DocumentKey);

/** Version stamped on documents: another parser or chunker makes them stale. */
function chunkerVersion(sourceVersion: string): string {
  return `${CHUNKER_VERSION}/${sourceVersion}`;
}

function fromSource(document: SourceDocument, sourceVersion: string, embedder: Embedder): InputDocument {
  const { source, document: id, hash, metadata } = document;
  return {
    source,
    document: id,
    hash,
    metadata,
    chunker: chunkerVersion(sourceVersion),
    async load(signal) {
      const parsed = await document.parse(signal);
      if ("reason" in parsed) return parsed;
      const chunks = await chunkDocument(parsed, limitsOf(embedder, signal));
      return { chunks, title: parsed.title };
    },
  };
}

/**
 * Documents of a collection, their chunks read again when loaded; what something else made is chunked anew.
 * `vectors`: keep them, the model is the same.
 */
export async function* fromCollection(
  { store, embedder }: InputParts,
  { name, spec }: CollectionInfo,
  options: { vectors: boolean; wanted?: (record: DocumentRecord) => boolean },
): AsyncIterable<InputDocument> {
  for await (const record of store.documents(name)) {
    if (options.wanted?.(record) === false) continue;
    yield {
      ...record,
      async load(signal) {
        const stored = await loadStored(store, name, record, options.vectors);
        return spec === undefined ? chunkAnew(stored, embedder, signal) : stored;
      },
    };
  }
}

async function chunkAnew(
  { chunks, ...titled }: Loaded,
  embedder: Embedder,
  signal: AbortSignal,
): Promise<Loaded | Refusal> {
  const text = chunks.map((chunk) => chunk.text).join("\n\n");
  if (text.trim() === "") return { reason: "it has no text (QDRANT_TEXT_FIELD names the payload field)" };
  const whole = { start: 0, end: text.length, headings: [], kind: "prose" } as const;
  const parsed = { text, blocks: [whole], ...titled };
  return { chunks: await chunkDocument(parsed, limitsOf(embedder, signal)), ...titled };
}

function limitsOf(embedder: Embedder, signal: AbortSignal) {
  return {
    maxTokens: embedder.maxTokens,
    countTokens: (texts: readonly string[]) => embedder.countTokens(texts, signal),
  };
}

async function loadStored(
  store: VectorStore,
  collection: string,
  record: DocumentRecord,
  vectors: boolean,
): Promise<Loaded> {
  const filter: Filter = { source: record.source, document: record.document };
  const chunks: StoredPoint[] = [];
  for await (const point of store.scroll(collection, filter, { vectors, tokens: vectors })) chunks.push(point);
  return { chunks, title: record.title };
}

const COLLECTION_SOURCE = /^collection:(.+)$/;

/** What is read, whose documents it may prune, and how each becomes chunks. */
export interface Input {
  readonly name: string;
  /**
   * Whether it brings this source's documents, and so may remove what it no longer has. Of another collection: known
   * when it has been read.
   */
  isOwn(source: string): boolean;
  /** What becomes of writes to the collection that is read; absent where the input is none. */
  readonly writes?: "prevented" | "caught_up";
  count(signal: AbortSignal): Promise<number | undefined>;
  items(signal: AbortSignal): AsyncIterable<InputItem>;
}

export interface InputParts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  readonly openSource: OpenSource;
}

export async function openInput(
  parts: InputParts,
  location: string,
  spec: CollectionSpec,
  trusted: boolean,
): Promise<Input> {
  const from = COLLECTION_SOURCE.exec(location)?.[1];
  return from === undefined
    ? sourceInput(await parts.openSource(location, { trusted }), parts.embedder)
    : collectionInput(parts, from, spec);
}

function sourceInput(source: Source, embedder: Embedder): Input {
  return {
    name: source.name,
    isOwn: (name) => name === source.name,
    count: (signal) => source.count(signal),
    async *items(signal) {
      for await (const item of source.read(signal)) {
        if (item.kind === "document")
          yield { kind: "document", document: fromSource(item.document, source.version, embedder) };
        else yield { ...item, source: source.name };
      }
    },
  };
}

async function collectionInput({ store, ...parts }: InputParts, name: string, spec: CollectionSpec): Promise<Input> {
  const info = await describeSource(store, name);
  const isItself = info.spec !== undefined && info.alias === spec.alias;
  const sources = new Set<string>();
  return {
    name: `collection:${name}`,
    isOwn: (source) => isItself || sources.has(source),
    // Our lease keeps other writers of ours away from an alias, and only from that.
    writes: isItself ? "prevented" : "caught_up",
    count: async () => info.documents,
    async *items() {
      // Another version may serve by the time it is read again.
      const now = await describeSource(store, name);
      const vectors = hasVectorsOf(now.spec, spec.fingerprint);
      for await (const document of fromCollection({ store, ...parts }, now, { vectors })) {
        sources.add(document.source);
        yield { kind: "document", document };
      }
    },
  };
}

/** @throws AppError `not_found` */
async function describeSource(store: VectorStore, name: string): Promise<CollectionInfo> {
  const info = await store.describe(name);
  if (info !== undefined) return info;
  throw new AppError("not_found", `There is no collection "${name}" to re-embed.`, {
    remedy: "Name one that `aura-retrieval collections` lists.",
  });
}
