/** What a re-index reads, in one shape: documents of a source to be chunked, or chunks of a collection as they are. */

import { CHUNKER_VERSION, chunkDocument } from "../chunk/chunk.js";
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { hasVectorsOf } from "../core/fingerprint.js";
import { noCollection } from "../core/not-found.js";
import type { Embedder, OpenSource, Refusal, Source, SourceDocument, VectorStore } from "../core/ports.js";
import type {
  Chunk,
  CollectionInfo,
  CollectionSpec,
  DocumentKey,
  DocumentRecord,
  Embedding,
  Filter,
  Metadata,
  StoredPoint,
} from "../core/types.js";
import { asSeen, type Visible, visibleTo } from "../versions/visible.js";

/** With what the model made of it when that can be kept. */
export type LoadedChunk = Chunk & Partial<Embedding>;

export interface Loaded {
  readonly title?: string | undefined;
  /** What the document says of itself: names of the server's are not its to give. */
  readonly metadata?: Metadata | undefined;
  readonly chunks: readonly LoadedChunk[];
}

export interface InputDocument extends Omit<DocumentRecord, "title"> {
  load(call: Call): Promise<Loaded | Refusal>;
  /** Whether it would be refused. */
  check(call: Call): Promise<object | Refusal>;
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
    async load(call) {
      const parsed = await document.parse(call);
      if ("reason" in parsed) return parsed;
      const chunks = await chunkDocument(call, parsed, embedder);
      return { chunks, title: parsed.title, metadata: parsed.metadata };
    },
    check: (call) => document.parse(call),
  };
}

/**
 * Documents of a collection, their chunks read again when loaded; what something else made is chunked anew.
 * `vectors`: keep them, the model is the same.
 */
export async function* fromCollection(
  listing: Call,
  { store, embedder }: InputParts,
  { name, spec }: CollectionInfo,
  options: { vectors: boolean; wanted?: (record: DocumentRecord) => boolean },
): AsyncIterable<InputDocument> {
  for await (const record of store.documents(listing, name)) {
    if (options.wanted?.(record) === false) continue;
    yield {
      ...record,
      async load(call) {
        const stored = await loadStored(call, store, { name, record, vectors: options.vectors });
        return spec === undefined ? chunkAnew(call, stored, embedder) : stored;
      },
      check: async () => record,
    };
  }
}

async function chunkAnew(call: Call, { chunks, ...titled }: Loaded, embedder: Embedder): Promise<Loaded | Refusal> {
  const text = chunks.map((chunk) => chunk.text).join("\n\n");
  if (text.trim() === "") return { reason: "it has no text (QDRANT_TEXT_FIELD names the payload field)" };
  const whole = { start: 0, end: text.length, headings: [], kind: "prose" } as const;
  const parsed = { text, blocks: [whole], ...titled };
  return { chunks: await chunkDocument(call, parsed, embedder), ...titled };
}

async function loadStored(
  call: Call,
  store: VectorStore,
  { name, record, vectors }: { readonly name: string; readonly record: DocumentRecord; readonly vectors: boolean },
): Promise<Loaded> {
  const filter: Filter = { source: record.source, document: record.document };
  const chunks: StoredPoint[] = [];
  for await (const point of store.scroll(call, name, filter, { vectors, tokens: vectors })) chunks.push(point);
  return { chunks, title: record.title };
}

/** The collection that `collection:<name>` names; undefined for a folder or file. */
export function sourceCollection(location: string): string | undefined {
  return /^collection:(.+)$/s.exec(location)?.[1];
}

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
  count(call: Call): Promise<number | undefined>;
  items(call: Call): AsyncIterable<InputItem>;
}

export interface InputParts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  readonly openSource: OpenSource;
}

/** @throws AppError `not_found` for a collection that is not there, or that the caller may not name */
export async function openInput(call: Call, parts: InputParts, location: string, spec: CollectionSpec): Promise<Input> {
  const from = sourceCollection(location);
  return from === undefined
    ? sourceInput(await parts.openSource(call, location), parts.embedder)
    : collectionInput(call, parts, call.access.collection(from), spec);
}

function sourceInput(source: Source, embedder: Embedder): Input {
  return {
    name: source.name,
    isOwn: (name) => name === source.name,
    count: (call) => source.count(call),
    async *items(call) {
      for await (const item of source.read(call)) {
        if (item.kind === "document")
          yield { kind: "document", document: fromSource(item.document, source.version, embedder) };
        else yield { ...item, source: source.name };
      }
    },
  };
}

async function collectionInput(
  opening: Call,
  { store, ...parts }: InputParts,
  pass: CollectionPass,
  spec: CollectionSpec,
): Promise<Input> {
  const info = await describeSource(opening, store, pass);
  const isItself = info.spec !== undefined && info.alias === spec.alias;
  const sources = new Set<string>();
  let visible: Visible = await visibleTo(opening, store, info);
  return {
    name: `collection:${pass.name}`,
    isOwn: (source) => (isItself || sources.has(source)) && visible.hasAllOf(source),
    // Our lease keeps other writers of ours away from an alias, and only from that.
    writes: isItself ? "prevented" : "caught_up",
    count: async (call) => (await asSeen(call, store, info, visible)).documents,
    async *items(call) {
      // Another version may serve by the time it is read again.
      const now = await describeSource(call, store, pass);
      const vectors = hasVectorsOf(now.spec, spec.fingerprint);
      visible = await visibleTo(call, store, now);
      const wanted = visible.has;
      for await (const document of fromCollection(call, { store, ...parts }, now, { vectors, wanted })) {
        sources.add(document.source);
        yield { kind: "document", document };
      }
    },
  };
}

/** @throws AppError `not_found` */
async function describeSource(call: Call, store: VectorStore, pass: CollectionPass): Promise<CollectionInfo> {
  const info = await store.describe(call, pass);
  if (info === undefined) throw noCollection(pass.name);
  return info;
}
