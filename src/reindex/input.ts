/** What a re-index reads, in one shape: documents of a source to be chunked, or chunks of a collection as they are. */

import { CHUNKER_VERSION, chunkDocument } from "../chunk/chunk.js";
import { withoutFurniture } from "../chunk/furniture.js";
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { hasVectorsOf } from "../core/fingerprint.js";
import { noCollection } from "../core/not-found.js";
import type { Embedder, OpenSource, Refusal, Source, SourceDocument, VectorStore } from "../core/ports.js";
import { sourceName } from "../core/sources.js";
import type {
  Chunk,
  CollectionInfo,
  CollectionSpec,
  DocumentKey,
  DocumentRecord,
  Embedding,
  Filter,
  Metadata,
  SourceInfo,
  StoredPoint,
} from "../core/types.js";
import { sourcesOf } from "../versions/sources.js";
import { asSeen, type Visible, visibleTo } from "../versions/visible.js";
import { type Placement, type PlacementParts, placementOf, Reached } from "./placement.js";

/** With what the model made of it when that can be kept. */
export type LoadedChunk = Chunk & Partial<Embedding>;

export interface Loaded {
  readonly title?: string | undefined;
  /** What the document says of itself: names of the server's are not its to give. */
  readonly metadata?: Metadata | undefined;
  readonly chunks: readonly LoadedChunk[];
  /** Of what it says, what nobody can use. */
  readonly leftOut?: readonly string[] | undefined;
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

/** Of a document without passages: nothing of it can be found. */
const NO_TEXT: Refusal = { reason: "no text in it" };

function fromSource(
  document: SourceDocument,
  { reading, furniture }: Pick<Placement, "reading" | "furniture">,
  embedder: Embedder,
): InputDocument {
  const { source, document: id, hash, metadata } = document;
  const parse = async (call: Call) => {
    const parsed = await document.parse(call);
    return "reason" in parsed || parsed.blocks.length > 0 ? parsed : NO_TEXT;
  };
  return {
    source,
    document: id,
    hash,
    metadata,
    chunker: chunkerVersion(reading.version),
    async load(call) {
      const parsed = await parse(call);
      if ("reason" in parsed) return parsed;
      const read = withoutFurniture(parsed, await furniture.lines(call));
      const chunks = await chunkDocument(call, read, embedder);
      const { title, metadata: own, leftOut } = parsed;
      return { chunks, title, metadata: own, leftOut };
    },
    check: parse,
  };
}

/**
 * Documents of a collection, their chunks read again when loaded; what something else made is chunked anew.
 * `vectors`: keep them, the model is the same.
 */
export async function* fromCollection(
  listing: Call,
  { store, embedder }: Pick<InputParts, "store" | "embedder">,
  { name, spec }: Pick<CollectionInfo, "name" | "spec">,
  options: { vectors: boolean; wanted?: (record: DocumentRecord) => boolean },
): AsyncIterable<InputDocument> {
  for await (const record of store.documents(listing, name)) {
    if (options.wanted?.(record) === false) continue;
    yield {
      ...record,
      async load(call) {
        const stored = await loadStored(call, store, { name, record, vectors: options.vectors });
        if (spec === undefined) return chunkAnew(call, stored, embedder);
        return stored.chunks.length > 0 ? stored : NO_TEXT;
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
   * Whether it stands for this document, and so may remove it when it no longer brings it. Of another collection, and of
   * a source that is taken over: known when it has been read.
   */
  owns(key: DocumentKey): boolean;
  /** What a document of a source that is taken over is called from now on; any other keeps its key. */
  renamed(key: DocumentKey): DocumentKey;
  /** The sources of the collection with those that this brings, as they are before anything is removed. */
  sources(call: Call): Promise<readonly SourceInfo[]>;
  /** How the place became the documents of a source; absent where the input is none. */
  readonly placement?: Placement;
  /** Sources that were taken over, once the input has been read. */
  takenOver(): readonly SourceInfo[];
  /** What becomes of writes to the collection that is read; absent where the input is none. */
  readonly writes?: "prevented" | "caught_up";
  count(call: Call): Promise<number | undefined>;
  items(call: Call): AsyncIterable<InputItem>;
}

export interface InputParts extends PlacementParts {
  readonly embedder: Embedder;
  readonly openSource: OpenSource;
}

/** What a location turned out to be. */
export type Opened =
  | { readonly kind: "place"; readonly place: Source }
  | { readonly kind: "collection"; readonly pass: CollectionPass; readonly info: CollectionInfo };

/** @throws AppError `not_found` for a collection that is not there, or that the caller may not name */
export async function openLocation(call: Call, { store, openSource }: InputParts, location: string): Promise<Opened> {
  const from = sourceCollection(location);
  if (from === undefined) return { kind: "place", place: await openSource(call, location) };
  const pass = call.access.collection(from);
  return { kind: "collection", pass, info: await describeSource(call, store, pass) };
}

/** What the input is for. */
export interface InputFor {
  readonly spec: CollectionSpec;
  /** The version whose documents and sources are known; undefined: there is none yet. */
  readonly base: CollectionInfo | undefined;
  /** What its source is to be called; absent: as it is called, or by its place. */
  readonly name?: string | undefined;
  /** A new version is built: every document is read. */
  readonly isAnew?: boolean | undefined;
}

export async function inputOf(call: Call, parts: InputParts, opened: Opened, wanted: InputFor): Promise<Input> {
  if (opened.kind === "place") {
    return placeInput(await placementOf(call, parts, opened.place, wanted), parts.embedder);
  }
  if (wanted.name === undefined) return collectionInput(parts, opened, wanted);
  throw new AppError("bad_request", "A collection's sources keep their names.", { remedy: "Leave --name out." });
}

function placeInput(placement: Placement, embedder: Embedder): Input {
  const { source, reading, inside, others } = placement;
  const reached = new Reached(inside);
  return {
    name: reading.name,
    placement,
    owns: (key) => (key.source === source.id ? placement.holds(key.document) : reached.of(key) !== undefined),
    renamed(key) {
      const over = reached.of(key);
      return over === undefined ? key : { source: source.id, document: over.rename(key.document) };
    },
    sources: async () => [...others, source],
    takenOver: () => reached.sources,
    count: (call) => reading.count(call),
    async *items(call) {
      for await (const item of reading.read(call)) {
        reached.look(item);
        if (item.kind === "document")
          yield { kind: "document", document: fromSource(item.document, placement, embedder) };
        else yield { ...item, source: source.id };
      }
    },
  };
}

function collectionInput(
  { store, ...parts }: InputParts,
  { pass, info }: Extract<Opened, { kind: "collection" }>,
  { spec, base }: InputFor,
): Input {
  const isItself = info.spec !== undefined && info.alias === spec.alias;
  const brought = new Set<string>();
  let visible: Visible | undefined;
  return {
    name: `collection:${pass.name}`,
    owns: ({ source }) => (isItself || brought.has(source)) && visible?.hasAllOf(source) === true,
    renamed: (key) => key,
    async sources(call) {
      const own = base === undefined ? [] : await sourcesOf(call, store, base);
      const theirs = await visibleTo(call, store, await describeSource(call, store, pass));
      return theirs.sources.reduce((all, each) => withSource(all, each), own);
    },
    takenOver: () => [],
    // Our lease keeps other writers of ours away from an alias, and only from that.
    writes: isItself ? "prevented" : "caught_up",
    count: async (call) => (await asSeen(call, store, info, await visibleTo(call, store, info))).documents,
    async *items(call) {
      // Another version may serve by the time it is read again.
      const now = await describeSource(call, store, pass);
      const vectors = hasVectorsOf(now.spec, spec.fingerprint);
      visible = await visibleTo(call, store, now);
      const wanted = visible.has;
      for await (const document of fromCollection(call, { store, ...parts }, now, { vectors, wanted })) {
        brought.add(document.source);
        yield { kind: "document", document };
      }
    },
  };
}

/** With a source of another collection, under a name that is free. */
function withSource(sources: readonly SourceInfo[], added: SourceInfo): readonly SourceInfo[] {
  if (sources.some(({ id }) => id === added.id)) return sources;
  const taken = new Set(sources.map(({ name }) => name));
  return [...sources, taken.has(added.name) ? { ...added, name: sourceName(added.location, taken) } : added];
}

/** @throws AppError `not_found` */
async function describeSource(call: Call, store: VectorStore, pass: CollectionPass): Promise<CollectionInfo> {
  const info = await store.describe(call, pass);
  if (info === undefined) throw noCollection(pass.name);
  return info;
}
