/** Where passages are kept and searched. A backend implements `PassageIndex`, and beside it the `Ledger`. */
import type { Call } from "./call.js";
import type { Fence, SnapshotRecord } from "./ledger.js";
import type {
  DescribeOptions,
  DocumentPage,
  DocumentsAsked,
  ReadOptions,
  ScrollOptions,
  SearchOptions,
} from "./store-options.js";
import type {
  Candidate,
  CollectionInfo,
  CollectionSpec,
  DocumentKey,
  DocumentRecord,
  FieldInfo,
  Filter,
  IndexedDocument,
  Leg,
  Scope,
  SourceInfo,
  StoredPoint,
} from "./types.js";

type Counting = Pick<DescribeOptions, "exact">;
export type Counts = Pick<CollectionInfo, "points" | "documents">;

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

/** How much a collection holds, and what of it can be searched. */
export interface IndexInfo {
  readonly dimension: number;
  readonly points: number;
  readonly documents: number;
  /** Something else made it. */
  readonly isForeign?: true | undefined;
  readonly denseOnly?: true | undefined;
  readonly unsearchable?: string | undefined;
  /** Its file cannot be read; the counts are 0 then. */
  readonly isDamaged?: true | undefined;
  /** Where an earlier version kept them. */
  readonly sources?: readonly SourceInfo[] | undefined;
}

/** A copy of a collection in one file of the backend's. */
export interface IndexCopy extends Pick<SnapshotRecord, "file" | "indexes"> {
  readonly points: number;
  readonly documents: number;
  readonly bytes: number;
  readonly sha256: string;
}

/**
 * Passages of collections, each under its own name: names, aliases and states are the ledger's. An aborted call stops the
 * work, and rejects at once.
 * Every method rejects with an `AppError`: `not_found`, `mismatch`, `conflict`, `overloaded`, `store_down`, `bad_request`.
 */
export interface PassageIndex {
  /** Of a collection that the ledger has, and that has none yet. @throws AppError `conflict` for one that something else made */
  create(call: Call, collection: string, spec: CollectionSpec, fence?: Fence): Promise<void>;
  /** Replaces each document whole, all of them in one step; durable on return. */
  write(call: Call, collection: string, documents: readonly IndexedDocument[], fence?: Fence): Promise<void>;
  /** Removes documents; durable on return. An empty list removes nothing. */
  remove(call: Call, collection: string, documents: readonly DocumentKey[], fence?: Fence): Promise<void>;
  /** The points with these ids, in the ids' order; ids that are gone are left out. */
  read(call: Call, collection: string, ids: readonly string[], options?: ReadOptions): Promise<StoredPoint[]>;
  /** Every point that fits the filter, by document and ordinal. */
  scroll(call: Call, collection: string, filter?: Filter, options?: ScrollOptions): AsyncIterable<StoredPoint>;
  /** Every document, by source and id; only one source's when named, and only those in the scope. */
  documents(call: Call, collection: string, source?: string, scope?: Scope): AsyncIterable<DocumentRecord>;
  /**
   * Some documents of a source, in an order that no write changes. It costs a page however many there are, so there may be
   * fewer than `limit`, or none, though there are more behind `next`. @throws AppError `bad_request` for what is no place
   */
  documentPage(call: Call, collection: string, asked: DocumentsAsked): Promise<DocumentPage>;
  /** The union of each leg's `limit` best, with every leg's score completed for all of them; no order is promised. */
  search(call: Call, collection: string, legs: readonly Leg[], ask: SearchOptions): Promise<Candidate[]>;
  /** Whether any point fits the filter, in the scope. */
  any(call: Call, collection: string, filter: Filter, scope?: Scope): Promise<boolean>;
  /** Metadata fields of the documents in the scope, by name. */
  fields(call: Call, collection: string, scope?: Scope): Promise<FieldInfo[]>;
  /** How much lies in the scope. */
  count(call: Call, collection: string, scope: Scope, options?: Counting): Promise<Counts>;
  /** undefined: it has nothing of that name. */
  describe(call: Call, collection: string, options?: Counting): Promise<IndexInfo | undefined>;
  /** False when it was not there. */
  drop(call: Call, collection: string, fence?: Fence): Promise<boolean>;
  /**
   * From its return on nothing that is written under an earlier lease reaches the collection.
   * @param takeAway for one who means to write nothing: what is on its way may still arrive
   */
  fence(call: Call, collection: string, fence: Fence, takeAway: boolean): Promise<void>;
  /** @param name of the snapshot; a copy that is there under it is replaced */
  copyOut(call: Call, collection: string, name: string): Promise<IndexCopy>;
  /** Checksum and integrity are verified; what does not pass leaves nothing. Of a collection that the ledger has. */
  copyIn(call: Call, snapshot: SnapshotRecord, collection: string, fence?: Fence): Promise<void>;
  /** One that is not there is as good as deleted. */
  deleteCopy(call: Call, snapshot: SnapshotRecord): Promise<void>;
  /** As `VectorStore.scrub`; without a collection, of what lies beside them. */
  scrub(call: Call, collection?: string): Promise<boolean>;
  /** Whether what writes gives no sign of life. */
  standsStill(): boolean;
  /** Opens the backend and checks it answers. */
  probe(call: Call): Promise<StoreStatus>;
  close(): Promise<void>;
}
