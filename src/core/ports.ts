/** The interfaces the pipeline is written against. Adapters implement them; `app/` picks the adapters. */
import type { CollectionPass } from "./access.js";
import type { Call } from "./call.js";
import type { Job } from "./job.js";
import type { Fence, Lease, NameTaken, PublishTerms, Records, Switched, SwitchTerms } from "./ledger.js";
import type { Counts, PassageIndex } from "./passage-index.js";
import type { DescribeOptions, DropOptions, RestoreOptions } from "./store-options.js";
import type {
  CollectionInfo,
  DegradedReason,
  DocumentKey,
  Embedding,
  Expansion,
  Fingerprint,
  Metadata,
  ParsedDocument,
  Scope,
  SnapshotInfo,
  SourceInfo,
} from "./types.js";

export type Role = "query" | "passage";

export interface ModelStatus {
  readonly state: "idle" | "downloading" | "loading" | "ready" | "failed";
  /** Idle, and its files are not here: the next use downloads them. */
  readonly isAbsent?: boolean;
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
   * One unit-length `Float32Array` of `dimension` for each text, in order; the zero vector, whose cosine to everything
   * is 0, for a text in a script that the model does not read. Texts beyond `maxTokens` are cut.
   * @throws AppError `cancelled`, `timeout`, `model_missing`, `model_failed`, `overloaded`
   */
  embed(call: Call, texts: readonly string[], role: Role): Promise<Float32Array[]>;
  /**
   * Whether the model was trained on the text's language, as far as its vocabulary tells: any two texts of a language
   * that it does not know have a high cosine. Absent where vectors have nothing to do with languages.
   */
  knowsWords?: ((call: Call, text: string) => Promise<boolean>) | undefined;
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

/**
 * Collections of passages, over an index and a ledger. A collection never changes its shape; the names users see are
 * aliases. What a user may name is opened with a pass; `collection` is the name of a version, as `describe` and `versions`
 * tell it. What is written under a fence is refused as `conflict` when its lease was lost.
 */
export interface VectorStore
  extends Pick<
    PassageIndex,
    | "create"
    | "write"
    | "remove"
    | "read"
    | "scroll"
    | "documents"
    | "documentPage"
    | "search"
    | "any"
    | "fields"
    | "probe"
    | "close"
  > {
  readonly records: Records;
  /** How much lies in the scope. */
  count(call: Call, collection: string, scope: Scope, options?: DescribeOptions): Promise<Counts>;
  /** Keeps what is known of the places that the documents come from, in the place of what was kept before. */
  keepSources(call: Call, collection: string, sources: readonly SourceInfo[], fence?: Fence): Promise<void>;
  /** A collection by its name or alias; undefined = absent, never "empty". */
  describe(call: Call, pass: CollectionPass, options?: DescribeOptions): Promise<CollectionInfo | undefined>;
  /** An alias's versions, newest first. */
  versions(call: Call, pass: CollectionPass): Promise<CollectionInfo[]>;
  /** All collections, newest first; whoever shows them leaves out what `call.access` does not allow. */
  list(call: Call): Promise<CollectionInfo[]>;
  /**
   * Declares a collection complete and points its alias at it: an unfinished build is one that never served.
   * @throws AppError `conflict` when something else serves than `terms.from`; nothing is changed
   */
  publish(call: Call, alias: CollectionPass, collection: string, terms?: PublishTerms): Promise<Switched>;
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
  /** Newest first. */
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

/** Repositories that documents lie in, named by their folders below the source, `sub/`; "": the one around it. */
export interface Repositories {
  /** Those around it, and those that these documents lie in. */
  holding(call: Call, documents: Iterable<string>): Promise<readonly string[]>;
  /** Says what is checked out: the same until somebody switches; undefined where there is no such repository now. */
  checkout(call: Call, folder: string): Promise<string | undefined>;
}

export interface Source {
  /** Where it lies: what its documents' keys hold, unless they are those of another source. */
  readonly name: string;
  readonly kind: SourceInfo["kind"];
  /** Version of its parsers; part of what marks a document stale. */
  readonly version: string;
  /** Absent where documents are no files. */
  readonly repositories?: Repositories;
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
