/** The interfaces the pipeline is written against. Adapters implement them; `app/` picks the adapters. */
import type { CollectionPass } from "./access.js";
import type { Call } from "./call.js";
import type { Job } from "./job.js";
import type { Fence, Lease, Records, Switched, SwitchTerms } from "./ledger.js";
import type {
  DocumentPage,
  DocumentsAsked,
  DropOptions,
  ReadOptions,
  RestoreOptions,
  ScrollOptions,
} from "./store-options.js";
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
  Scope,
  SnapshotInfo,
  SourceInfo,
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

/** The model's own measure of text: what chunks are cut by. */
export interface TokenCounter {
  /** Longest input in tokens, special tokens included. */
  readonly maxTokens: number;
  /** Tokens of each text without special tokens, not truncated. */
  countTokens(call: Call, texts: readonly string[]): Promise<number[]>;
}

export interface Embedder extends TokenCounter {
  /** Stamped on every collection. Resolves without loading the weights. @throws AppError `model_missing`, `config` */
  fingerprint(call: Call): Promise<Fingerprint>;
  /** Reason that every answer of this embedder carries in `degraded`, if any. */
  readonly degraded?: DegradedReason | undefined;
  /**
   * One unit-length `Float32Array` of `dimension` for each text, in order. Texts beyond `maxTokens` are cut.
   * @throws AppError `cancelled`, `timeout`, `model_missing`, `model_failed`, `overloaded`
   */
  embed(call: Call, texts: readonly string[], role: Role): Promise<Float32Array[]>;
  /** The same with token vectors, from the same inference; absent when the model has no projection for them. */
  embedTokens?: ((call: Call, texts: readonly string[], role: Role) => Promise<Required<Embedding>[]>) | undefined;
  /** Loads the model; resolves when the first call would be fast. A caller that leaves stops its waiting, not the load. */
  warmUp(call: Call): Promise<void>;
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
  expand(call: Call, query: string): Promise<Expansion>;
  warmUp(call: Call): Promise<void>;
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
  score(call: Call, query: string, passages: readonly RerankPassage[], budgetMs: number): Promise<Reranked>;
  warmUp(call: Call): Promise<void>;
  status(): RerankerStatus;
  close(): Promise<void>;
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

/**
 * Collections of chunks. A collection never changes its shape; the names users see are aliases. What a user may name is
 * opened with a pass; `collection` is the name of a version, as `describe` and `versions` tell it. An aborted call stops
 * the work, and rejects at once.
 * Every method rejects with an `AppError`: `not_found`, `mismatch`, `conflict`, `overloaded`, `store_down`, `bad_request`.
 */
export interface VectorStore {
  readonly records: Records;
  create(call: Call, collection: string, spec: CollectionSpec, fence?: Fence): Promise<void>;
  /** Replaces each document whole, all of them in one step; durable on return. */
  write(call: Call, collection: string, documents: readonly IndexedDocument[], fence?: Fence): Promise<void>;
  /** Removes documents; durable on return. An empty list removes nothing. */
  remove(call: Call, collection: string, documents: readonly DocumentKey[], fence?: Fence): Promise<void>;
  /** The points with these ids, in the ids' order; ids that are gone are left out. */
  read(call: Call, collection: string, ids: readonly string[], options?: ReadOptions): Promise<StoredPoint[]>;
  /** Every point that fits the filter, by document and ordinal. */
  scroll(call: Call, collection: string, filter?: Filter, options?: ScrollOptions): AsyncIterable<StoredPoint>;
  /** Keeps what is known of the places that the documents come from, in the place of what was kept before. */
  keepSources(call: Call, collection: string, sources: readonly SourceInfo[], fence?: Fence): Promise<void>;
  /** Every document, by source and id; only one source's when named, and only those in the scope. */
  documents(call: Call, collection: string, source?: string, scope?: Scope): AsyncIterable<DocumentRecord>;
  /**
   * Some documents of a source, in an order that no write changes. It costs a page however many there are, so there may be
   * fewer than `limit`, or none, though there are more behind `next`. @throws AppError `bad_request` for what is no place
   */
  documentPage(call: Call, collection: string, asked: DocumentsAsked): Promise<DocumentPage>;
  /** The union of each leg's `limit` best, with every leg's score completed for all of them; no order is promised. */
  search(
    call: Call,
    collection: string,
    legs: readonly Leg[],
    ask: { readonly limit: number; readonly filter?: Filter | undefined; readonly scope?: Scope | undefined },
  ): Promise<Candidate[]>;
  /** Whether any point fits the filter, in the scope. */
  any(call: Call, collection: string, filter: Filter, scope?: Scope): Promise<boolean>;
  /** How much lies in the scope. */
  count(call: Call, collection: string, scope: Scope): Promise<Pick<CollectionInfo, "points" | "documents">>;
  /** A collection by its name or alias; undefined = absent, never "empty". */
  describe(call: Call, pass: CollectionPass): Promise<CollectionInfo | undefined>;
  /** An alias's versions, newest first. */
  versions(call: Call, pass: CollectionPass): Promise<CollectionInfo[]>;
  /** All collections, newest first; whoever shows them leaves out what `call.access` does not allow. */
  list(call: Call): Promise<CollectionInfo[]>;
  /**
   * Declares a collection complete and points its alias at it: an unfinished build is one that never served.
   * @throws AppError `conflict` when something else serves than `terms.from`; nothing is changed
   */
  publish(call: Call, alias: CollectionPass, collection: string, terms?: SwitchTerms): Promise<Switched>;
  /**
   * Absent where a collection cannot have the name of an alias. Publishes over a plain collection of the alias's name,
   * which is kept under another. `catchUp` is called when nothing but the switch is left to do.
   */
  takeName?(call: Call, alias: CollectionPass, collection: string, catchUp: () => Promise<void>): Promise<NameTaken>;
  /**
   * Points the alias at a ready collection in one atomic step, which waits for no writer.
   * @throws AppError `conflict` for one that is not complete, and as `publish`
   */
  repoint(call: Call, alias: CollectionPass, collection: string, terms?: SwitchTerms): Promise<Switched>;
  /**
   * From its return on, nothing that is written under an earlier lease of the alias reaches any of its versions.
   * @param options `takeAway`: whoever holds it loses it; for one who means to write nothing, so what is on its way may still arrive
   * @throws AppError `conflict` naming the holder when another writer has it
   */
  lease(call: Call, alias: CollectionPass, options?: { readonly takeAway?: boolean }): Promise<Lease>;
  snapshot(call: Call, collection: string): Promise<SnapshotInfo>;
  snapshots(call: Call): Promise<SnapshotInfo[]>;
  /** Makes a new collection of the snapshot's alias, ready by default; checksum and integrity are verified. */
  restore(call: Call, snapshot: string, collection: string, options?: RestoreOptions): Promise<void>;
  /** False when there is no such snapshot. */
  deleteSnapshot(call: Call, snapshot: string): Promise<boolean>;
  /**
   * False when it was not there. @param options `serving`: what an alias serves goes too, together with the alias
   * @throws AppError `conflict` for what an alias serves, unless that is asked for
   */
  drop(call: Call, collection: string, options?: DropOptions): Promise<boolean>;
  /**
   * Cleans the store's files of every byte that was removed or replaced before: those of a collection; without one,
   * those that the store keeps beside collections. False where they are a server's, which cleans them in its own time.
   * @throws AppError `overloaded` while another process still reads what was there before
   */
  scrub(call: Call, collection?: string): Promise<boolean>;
  recordJob(call: Call, job: Job): Promise<void>;
  /**
   * Newest first. A job whose process is gone reads as failed.
   * @param isWanted which of them count towards the limit; absent: all
   */
  jobs(call: Call, limit: number, isWanted?: (job: Job) => boolean): Promise<Job[]>;
  /** Opens the store and checks it answers. */
  probe(call: Call): Promise<StoreStatus>;
  close(): Promise<void>;
}

/** A document that can be read; nothing is parsed before `parse`. */
export interface SourceDocument extends DocumentKey {
  readonly hash: string;
  /** What the source says of it. */
  readonly metadata: Metadata;
  /** @throws what kept the document from being read this time: an earlier version of it stays indexed */
  parse(call: Call): Promise<ParsedDocument | Refusal>;
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
  /** Where it lies: what its documents' keys hold, unless they are those of another source. */
  readonly name: string;
  readonly kind: SourceInfo["kind"];
  /** Version of its parsers; part of what marks a document stale. */
  readonly version: string;
  /** How many items `read` will bring, when that is known without reading. */
  count(call: Call): Promise<number | undefined>;
  read(call: Call): AsyncIterable<SourceItem>;
  /**
   * The same documents as those of a source that lies here, or above: under its id, by their paths below it.
   * @returns undefined where that source would leave out what lies here
   */
  of(call: Call, source: SourceInfo): Promise<Source | undefined>;
}

/** Opens what `reindex` is asked to read, below the configured roots where `call.access` bypasses nothing. @throws AppError `bad_request`, `not_found` */
export type OpenSource = (call: Call, location: string) => Promise<Source>;
