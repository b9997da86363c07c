/** The interfaces the pipeline is written against. Adapters implement them; `app/` picks the adapters. */
import type { Job } from "./job.js";
import type {
  Candidate,
  CollectionInfo,
  CollectionSpec,
  DegradedReason,
  DocumentKey,
  DocumentRecord,
  Embedding,
  Expansion,
  Filter,
  Fingerprint,
  IndexedDocument,
  Leg,
  Metadata,
  ParsedDocument,
  SnapshotInfo,
  StoredPoint,
} from "./types.js";

export type Role = "query" | "passage";

export interface ModelStatus {
  readonly state: "idle" | "downloading" | "loading" | "ready" | "failed";
  /** Of a download that is under way, 0 to 100. */
  readonly downloadPercent?: number;
  readonly model: string;
  readonly revision?: string;
  readonly device: string;
  readonly checksumVerified?: boolean;
  readonly processes?: number;
  readonly error?: string;
  readonly remedy?: string;
}

export interface EmbedderStatus extends ModelStatus {
  /** Cosine of a fixed sentence's vector to its reference. */
  readonly canary?: { readonly cosine: number; readonly ok: boolean };
}

export interface Embedder {
  /** Stamped on every collection. Resolves without loading the weights. @throws AppError `model_missing`, `config` */
  fingerprint(): Promise<Fingerprint>;
  /** Reason that every answer of this embedder carries in `degraded`, if any. */
  readonly degraded?: DegradedReason;
  /**
   * One unit-length `Float32Array` of `dimension` for each text, in order. Texts beyond `maxTokens` are cut.
   * @throws AppError `cancelled`, `timeout`, `model_missing`, `model_failed`, `overloaded`
   */
  embed(texts: readonly string[], role: Role, signal?: AbortSignal): Promise<Float32Array[]>;
  /** The same with token vectors, from the same inference; absent when the model has no projection for them. */
  embedTokens?(texts: readonly string[], role: Role, signal?: AbortSignal): Promise<Required<Embedding>[]>;
  /** Tokens of each text without special tokens, not truncated. */
  countTokens(texts: readonly string[], signal?: AbortSignal): Promise<number[]>;
  /** Longest input in tokens, special tokens included. */
  readonly maxTokens: number;
  /** Loads the model; resolves when the first call would be fast. */
  warmUp(): Promise<void>;
  status(): EmbedderStatus;
  close(): Promise<void>;
}

export interface ExpanderStatus {
  readonly state: "idle" | "ready" | "failed";
  readonly strategy: "synonyms" | "multi_query";
  /** Version and size of the lexicon; absent for a strategy without one. */
  readonly wordnet?: { readonly version: string; readonly synsets: number };
  readonly error?: string;
  readonly remedy?: string;
}

export interface Expander {
  /** At most EXPANSION_MAX_VARIANTS, the question itself always among them. @throws AppError `config`, `bug` */
  expand(query: string, signal?: AbortSignal): Promise<Expansion>;
  warmUp(): Promise<void>;
  status(): ExpanderStatus;
}

/** What a re-ranker compares with the query. */
export interface RerankPassage {
  readonly id: string;
  /** Equal texts have equal hashes: scores are remembered by it. */
  readonly textHash: string;
  /** What was embedded: title and headings in front of the text. */
  readonly text: string;
  /** The fused score, 0..1. */
  readonly fused: number;
  /** Its words' vectors, packed; present when the re-ranker reads them and the store has them. */
  readonly tokens?: Uint8Array;
}

export interface Reranked {
  /** One for each passage, in order, 0..1; undefined: there was no time for it. */
  readonly scores: readonly (number | undefined)[];
  /** Why these scores are not the configured model's, if so. */
  readonly degraded?: DegradedReason;
}

export interface RerankerStatus extends ModelStatus {
  /** A smaller model that scores every candidate before this one scores the best of them. */
  readonly firstStage?: string;
}

export interface Reranker {
  /** Whether it scores by the passages' token vectors. */
  readonly readsTokens?: boolean;
  /**
   * Scores passages for one query, best fused first, until `budgetMs` is over.
   * @param passages best first
   * @throws AppError `cancelled`, `timeout`, `model_missing`, `model_failed`, `overloaded`
   */
  score(query: string, passages: readonly RerankPassage[], budgetMs: number, signal?: AbortSignal): Promise<Reranked>;
  warmUp(): Promise<void>;
  status(): RerankerStatus;
  close(): Promise<void>;
}

/** Held by the one writer of an alias; `lost` aborts when it could not be renewed. */
export interface Lease {
  readonly owner: string;
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

/** A plain collection has become an alias. */
export interface NameTaken {
  /** The copy of it that is kept. */
  readonly legacy: string;
  /** How long nobody was served under the name. */
  readonly gapMs: number;
}

export interface StoreStatus {
  readonly kind: "sqlite" | "qdrant";
  readonly version: string;
  readonly location: string;
  /** Where the dense leg compares vectors, and the memory it takes. */
  readonly denseScan?: string;
  /** Requests to a server in flight and waiting. */
  readonly pool?: { readonly size: number; readonly active: number; readonly waiting: number };
  readonly breaker?: "closed" | "open" | "half-open";
  /** Addresses of a server, and those that answer. */
  readonly nodes?: { readonly total: number; readonly healthy: number };
  /** What of the server's API is used, where that depends on its version. */
  readonly api?: string;
}

/** What is read beside a point's text; default nothing. */
export interface ReadOptions {
  readonly vectors?: boolean;
  readonly tokens?: boolean;
}

/**
 * Collections of chunks. A collection never changes its shape; the names users see are aliases.
 * Every method rejects with an `AppError`: `not_found`, `mismatch`, `conflict`, `overloaded`, `store_down`, `bad_request`.
 */
export interface VectorStore {
  create(collection: string, spec: CollectionSpec): Promise<void>;
  /** Replaces each document whole, all of them in one step; durable on return. */
  write(collection: string, documents: readonly IndexedDocument[], signal?: AbortSignal): Promise<void>;
  /** Removes documents; durable on return. An empty list removes nothing. */
  remove(collection: string, documents: readonly DocumentKey[]): Promise<void>;
  /** The points with these ids, in the ids' order; ids that are gone are left out. */
  read(
    collection: string,
    ids: readonly string[],
    options?: ReadOptions & { readonly signal?: AbortSignal },
  ): Promise<StoredPoint[]>;
  /** Every point that fits the filter, by document and ordinal. */
  scroll(collection: string, filter?: Filter, options?: ReadOptions): AsyncIterable<StoredPoint>;
  /** Every document, by source and id; only one source's when named. */
  documents(collection: string, source?: string): AsyncIterable<DocumentRecord>;
  /** The union of each leg's `limit` best, with every leg's score completed for all of them; no order is promised. */
  search(
    collection: string,
    legs: readonly Leg[],
    ask: { readonly limit: number; readonly filter?: Filter },
    signal?: AbortSignal,
  ): Promise<Candidate[]>;
  /** Whether any point fits the filter. */
  any(collection: string, filter: Filter, signal?: AbortSignal): Promise<boolean>;
  /** A collection by its name or alias; undefined = absent, never "empty". */
  describe(name: string, signal?: AbortSignal): Promise<CollectionInfo | undefined>;
  /** All collections, newest first; only one alias's versions when named. */
  list(alias?: string): Promise<CollectionInfo[]>;
  /** Declares a collection complete and points its alias at it: an unfinished build is one that never served. */
  publish(alias: string, collection: string): Promise<{ previous?: string }>;
  /**
   * Absent where a collection cannot have the name of an alias. Publishes over a plain collection of the alias's name,
   * which is kept under another. `catchUp` is called when nothing but the switch is left to do.
   */
  takeName?(name: string, collection: string, catchUp: () => Promise<void>): Promise<NameTaken>;
  /** Points the alias at a ready collection in one atomic step. @throws AppError `conflict` for one that is not complete */
  repoint(alias: string, collection: string): Promise<{ previous?: string }>;
  /** @throws AppError `conflict` naming the holder when another writer has it. */
  lease(alias: string): Promise<Lease>;
  snapshot(collection: string): Promise<SnapshotInfo>;
  snapshots(): Promise<SnapshotInfo[]>;
  /** Makes a new, ready collection of the snapshot's alias; checksum and integrity are verified. */
  restore(snapshot: string, collection: string): Promise<void>;
  /** False when there is no such snapshot. */
  deleteSnapshot(snapshot: string): Promise<boolean>;
  /** Refuses (`conflict`) what an alias serves; false when it was not there. */
  drop(collection: string): Promise<boolean>;
  recordJob(job: Job): Promise<void>;
  /** Newest first. A job whose process is gone reads as failed. */
  jobs(limit: number): Promise<Job[]>;
  /** Opens the store and checks it answers. */
  probe(signal?: AbortSignal): Promise<StoreStatus>;
  close(): Promise<void>;
}

/** A document that can be read; nothing is parsed before `parse`. */
export interface SourceDocument extends DocumentKey {
  readonly hash: string;
  readonly metadata: Metadata;
  /** @throws what kept the document from being read this time: an earlier version of it stays indexed */
  parse(signal: AbortSignal): Promise<ParsedDocument | Refusal>;
}

/** The document itself is of no use: it is not indexed, nor an earlier version of it. */
export interface Refusal {
  readonly reason: string;
}

export type SourceItem =
  | { readonly kind: "document"; readonly document: SourceDocument }
  /** Left out on purpose (binary, too large, ignored by rule …). */
  | { readonly kind: "skipped"; readonly document: string; readonly reason: string }
  /** Could not be read; an earlier version stays indexed. */
  | { readonly kind: "failed"; readonly document: string; readonly reason: string };

export interface Source {
  /** Stable identity: documents of other sources are never touched. */
  readonly name: string;
  /** Version of its parsers; part of what marks a document stale. */
  readonly version: string;
  /** How many items `read` will bring, when that is known without reading. */
  count(signal: AbortSignal): Promise<number | undefined>;
  read(signal: AbortSignal): AsyncIterable<SourceItem>;
}

/** Opens what `reindex` is asked to read. @throws AppError `bad_request`, `not_found` */
export type OpenSource = (location: string, options: { trusted: boolean }) => Promise<Source>;
