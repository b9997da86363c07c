/** What a store keeps beside passages: who may write, what serves, and small records. A backend implements `Ledger`. */
import type { Call } from "./call.js";
import type { CollectionSpec, SnapshotInfo, SourceInfo } from "./types.js";

/** Under which lease something is written. Whoever lost that lease writes nothing more: `conflict`. */
export interface Fence {
  readonly alias: string;
  /** Grows with each lease of the alias that is won. */
  readonly token: number;
}

/** Held by the one writer of an alias; `lost` aborts when it could not be renewed. */
export interface Lease {
  readonly owner: string;
  readonly fence: Fence;
  readonly lost: AbortSignal;
  release(): Promise<void>;
}

export interface SwitchTerms {
  /** What must serve until now, null for nothing; absent: whatever does. */
  readonly from?: string | null | undefined;
  readonly fence?: Fence | undefined;
}

/** How a version begins to serve. */
export interface PublishTerms extends SwitchTerms {
  /** By its words, while its vectors are being made; it is complete when it is published without this. */
  readonly embedding?: boolean | undefined;
}

export interface Switched {
  /** What served before, if anything did. */
  readonly previous?: string | undefined;
}

/** What the pipeline keeps as small records. */
export type RecordKind = "cancellation" | "serving";
/** What the store itself does. */
export type OwnRecordKind = "collection" | "snapshot" | "job";

export interface KeyedRecord {
  readonly key: string;
  readonly record: unknown;
}

/** Plain JSON by kind and key, durable on return. Keys are ours: letters, digits, `_`, `.`, `:` and `-`. */
export interface Records<Kind = RecordKind> {
  get(call: Call, kind: Kind, key: string): Promise<unknown>;
  /** @throws AppError `conflict` when the lease was lost */
  put(call: Call, kind: Kind, entry: { readonly key: string; readonly record: object }, fence?: Fence): Promise<void>;
  /** By key. */
  list(call: Call, kind: Kind): Promise<KeyedRecord[]>;
  delete(call: Call, kind: Kind, key: string): Promise<void>;
}

/** Under the collection's name. */
export interface CollectionRecord {
  readonly spec: CollectionSpec;
  /** `embedding`: its vectors are still being made. `dropping`: it is gone for everybody, and its passages go next. */
  readonly state: "building" | "embedding" | "ready" | "dropping";
  /** ISO 8601; tells a collection from an earlier one of its name. */
  readonly createdAt: string;
  readonly sources?: readonly SourceInfo[] | undefined;
  /** The reference length of weights that an earlier version stored. */
  readonly averageLength?: number | undefined;
}

/** Under the snapshot's name. */
export interface SnapshotRecord {
  readonly info: SnapshotInfo;
  /** Until there is a whole copy. */
  readonly state?: "making" | undefined;
  /** As its collection's was; absent: an earlier version made it. */
  readonly entry?: CollectionRecord | undefined;
  /** The backend's own name of the copy, if it is another. */
  readonly file?: string | undefined;
  /** Fields that the collection had an index on. */
  readonly indexes?: readonly string[] | undefined;
}

/** Who asks for a lease, for which alias. */
export interface Claim {
  readonly alias: string;
  readonly owner: string;
  /** How long it lasts unless it is renewed. */
  readonly termMs: number;
}

/** Who may write, one at a time behind each alias. */
export interface Leases {
  /**
   * One atomic step. Who held it before writes no record any more.
   * @returns its token @throws AppError `conflict` naming another holder, unless it is taken away
   */
  win(call: Call, claim: Claim, takeAway: boolean): Promise<number>;
  /** @throws AppError `conflict` when somebody else has won it since, even if nobody holds it now */
  renew(call: Call, claim: Claim, fence: Fence): Promise<void>;
  /** @param fence undefined: whether it was won is not known */
  release(call: Call, claim: Claim, fence: Fence | undefined): Promise<void>;
}

/** Small records, and the three steps that only a backend can make atomic: a lease is won, an alias moves, a collection goes. */
export interface Ledger extends Records<RecordKind | OwnRecordKind> {
  readonly leases: Leases;
  /** Begins what users cannot name. */
  readonly reservedPrefix?: string | undefined;
  /** What each alias serves. */
  aliases(call: Call): Promise<ReadonlyMap<string, string>>;
  /** One atomic step. @throws AppError `not_found` for what is not there, `conflict` when it is not as `terms` say */
  moveAlias(call: Call, alias: string, collection: string, terms: SwitchTerms): Promise<Switched>;
  /**
   * One atomic step: nobody can serve the collection any more, and an alias that does is gone.
   * @param record in the place of the collection's, where it has one
   * @throws AppError `conflict` when an alias serves it, unless `serving`; when the lease was lost
   */
  retire(
    call: Call,
    collection: string,
    record: CollectionRecord | undefined,
    options: { readonly serving?: boolean | undefined; readonly fence?: Fence | undefined },
  ): Promise<void>;
  /** Absent where a collection cannot have the name of an alias. */
  readonly naming?: Naming;
}

/** A plain collection has become an alias. */
export interface NameTaken {
  /** The copy of it that is kept. */
  readonly legacy: string;
  /** How long nobody was served under the name. */
  readonly gapMs: number;
}

/** A plain collection's name becomes an alias's. */
export interface Naming {
  /** @param ready called when the alias serves the target */
  take(
    call: Call,
    alias: string,
    collection: string,
    steps: { catchUp(): Promise<void>; ready(call: Call): Promise<void> },
  ): Promise<NameTaken>;
  /** Ends what was cut off while nobody was served under the name. @returns whether there was such a thing */
  finish(call: Call, alias: string): Promise<boolean>;
}
