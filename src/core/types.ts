/** Values that flow through the pipeline. Plain data: no behaviour, no I/O. */
export type { Degraded, DegradedReason, StageName } from "./degraded.js";

/** What a JSON document can hold as a filterable field. */
export type Scalar = string | number | boolean;
export type Metadata = Readonly<Record<string, Scalar | readonly Scalar[]>>;

/** Identity of the vectors in a collection: two embedders with the same fingerprint may share one. */
export interface Fingerprint {
  /** Catalogue id of the model, or `pseudo`. */
  readonly model: string;
  /** sha256 of the weights file, or the version of the pseudo-embedding. */
  readonly sha256: string;
  readonly dimension: number;
  readonly pooling: "mean" | "cls" | "hash";
  readonly queryPrefix: string;
  readonly passagePrefix: string;
  /** Longest input in tokens, special tokens included. */
  readonly maxTokens: number;
  readonly normalized: boolean;
}

/** A part of a text. */
export interface Span {
  /** Offsets in UTF-16 code units, end exclusive. */
  readonly start: number;
  readonly end: number;
}

/** A span of a document's text, found by a format's parser; chunks never mix kinds of split. */
export interface Block extends Span {
  /** Headings above the block, outermost first. */
  readonly headings: readonly string[];
  /** `prose` is split at sentences, `lines` (code, tables, lists) at line ends. */
  readonly kind: "prose" | "lines";
  /** Of a table: the row that names its columns, at the block's beginning or before it. */
  readonly header?: Span | undefined;
}

export interface ParsedDocument {
  readonly title?: string | undefined;
  /** What the text says about itself, as filterable fields. */
  readonly metadata?: Metadata;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Where lines of the original file begin, as far as it is known; formats without lines (PDF, Office files) have none. */
  readonly lines?: Marks;
  /** Where pages begin, in formats that have them (PDF; slides of PPTX). */
  readonly pages?: Marks;
  /** Shown, but neither embedded nor analysed: addresses, markup. In order, not overlapping. */
  readonly unread?: readonly Span[];
  /** What the file says of the document and nobody can use, for the run's report. */
  readonly leftOut?: readonly string[];
}

/**
 * At `offsets[i]` of the text, line or page `numbers[i]` (1-based) of the original begins; both ascend. Typed arrays: a
 * file may have millions of lines, and they cross a process boundary.
 */
export interface Marks {
  readonly offsets: Uint32Array;
  readonly numbers: Uint32Array;
}

/** 1-based, both ends inclusive. */
export interface Range {
  readonly first: number;
  readonly last: number;
}

/** A piece of a document that is embedded and returned as one passage. */
export interface Chunk {
  /** 0-based position in its document. */
  readonly ordinal: number;
  /** Exact slice `[start, end)` of the document's text. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** Of the original file; absent when its format has none. */
  readonly lines?: Range;
  readonly pages?: Range;
  /** Heading path, outermost first; the document's title is not part of it. */
  readonly headings: readonly string[];
  /** Names of the columns of the table that the text begins inside of, possibly shortened. */
  readonly tableHeader?: string | undefined;
  /** What is embedded and analysed: title, heading path and table header in front of what is read of the text. */
  readonly embedText: string;
}

/** What one inference gives for a text. */
export interface Embedding {
  /** Unit length, of the model's dimension. */
  readonly vector: Float32Array;
  /** The text's words for late interaction, packed (core/token-vectors.ts); absent when the model has no projection for them. */
  readonly tokens?: Uint8Array;
}

/**
 * A chunk with its embedding, or without one: then the dense leg does not find it, and its score there is 0. `id` is a
 * UUID, the same for the same (source, document, ordinal).
 */
export interface Point extends Chunk, Partial<Embedding> {
  readonly id: string;
}

/** Who a document is: the same document id may come from several sources. */
export interface DocumentKey {
  readonly source: string;
  readonly document: string;
}

export interface DocumentRecord extends DocumentKey {
  /** sha256 of the content it was made from, metadata included. */
  readonly hash: string;
  /** Version of the parser and chunker that made its chunks. */
  readonly chunker: string;
  readonly title?: string;
  readonly metadata: Metadata;
}

/** What became of a document's file since it was indexed. */
export type Stale = "changed" | "deleted";

/** A document ready to be written: it replaces every earlier chunk of the same key. */
export interface IndexedDocument extends DocumentRecord {
  readonly points: readonly Point[];
}

/** A chunk as it is read back. */
export interface StoredPoint extends Omit<Point, "vector"> {
  readonly record: DocumentRecord;
  /** Present when the read asked for vectors and the point was written with one. */
  readonly vector?: Float32Array;
  /** Present when the read asked for tokens and the point was written with them. */
  readonly tokens?: Uint8Array;
}

/** Equal to a value, to any of several, or within a range (numbers or strings, both ends inclusive). */
export type Condition = Scalar | readonly Scalar[] | { readonly gte?: number | string; readonly lte?: number | string };
/** All conditions must hold. `document` and `source` name the document's key; any other name a metadata field. */
export type Filter = Readonly<Record<string, Condition>>;

/** A metadata field that some document has. */
export interface FieldInfo {
  readonly name: string;
  /** Of its values. */
  readonly types: readonly ("text" | "number")[];
}

/** Documents of one source. */
export interface ScopePart {
  readonly source: string;
  /** Only those below this folder of it, named with a `/` at its end. */
  readonly folder?: string;
}
/** What of a collection may be seen: the documents that any part has. None: nothing. */
export type Scope = readonly ScopePart[];

/**
 * One way of asking the same question. `both`: the question itself. `lexical`: only other words for some of its own;
 * `dense`: another wording of the whole. A passage's score on a leg is the best of the leg's variants, each times its weight.
 */
export interface Variant {
  readonly text: string;
  readonly leg: "both" | "lexical" | "dense";
  /** 1 for the question itself, below 1 for every other. */
  readonly weight: number;
}

/** Why a query is searched as it is. A closed list: metrics use it as a label. */
export type ExpansionSkipped = "identifier" | "quoted_phrase" | "nothing_to_add" | "failed";

export interface Expansion {
  /** The question itself first. */
  readonly variants: readonly Variant[];
  readonly skipped?: ExpansionSkipped;
}

/** What a question names so exactly that nothing else is meant. */
export interface ExactTerm {
  /** As the analyser writes it. */
  readonly term: string;
  /** Share of all passages, above 0: a term that more of them have says nothing. */
  readonly mostOften: number;
}

/** One ranked list that `VectorStore.search` brings. */
export type Leg =
  | { readonly kind: "dense"; readonly vector: Float32Array }
  | { readonly kind: "lexical"; readonly text: string }
  /** The passages that have this one term, as the analyser writes it. */
  | { readonly kind: "exact"; readonly term: string };

/** A chunk that at least one leg found, with its score on every leg. */
export interface Candidate extends DocumentKey {
  readonly id: string;
  readonly ordinal: number;
  /** Hash of the normalised text: equal for identical passages. */
  readonly textHash: string;
  /**
   * One score per leg asked for, in their order, completed for every candidate and *absolute*: cosine
   * similarity in -1..1 for dense, BM25 / BM25max in 0..1 for lexical; for exact the share of all passages that do not
   * have the term, above 0, and 0 for one that does not have it either.
   */
  readonly scores: readonly number[];
}

/** What a collection was made with; stamped when it is created and never changed. */
export interface CollectionSpec {
  readonly alias: string;
  readonly fingerprint: Fingerprint;
  /** Version of the analyser behind the lexical leg. */
  readonly analyser: string;
  /** It is asked by evaluations only: it never serves, and `health` leaves it out. */
  readonly purpose?: "evaluation" | undefined;
}

/** A named place that documents come from. */
export interface SourceInfo {
  /** What its documents' keys hold: given once and never changed, whatever becomes of name and location. */
  readonly id: string;
  /** What people call it: unique in its collection, without `/`. */
  readonly name: string;
  readonly kind: "folder" | "file" | "jsonl" | "collection";
  /** Where it lies now: a `file://` URL, or what else it was read from. */
  readonly location: string;
  /** What repositories had checked out when their documents were last read, by their folders below it, `sub/`; "": the one around it. */
  readonly checkouts?: Readonly<Record<string, string>> | undefined;
  /** Keys of the lines that begin or end most of its documents (chunk/furniture.ts); absent: nobody has looked, or it had too few. */
  readonly furniture?: readonly string[] | undefined;
  /** Documents of it that are gone, and stay until that is confirmed; one entry for each place that was read so. */
  readonly held?: readonly HeldRemoval[] | undefined;
}

/** What an incremental run has not removed: it would have been too much of a source. */
export interface HeldRemoval {
  /** The place that was read, as `Source.name` has it. */
  readonly at: string;
  /** How many documents are gone from there, and of how many. */
  readonly documents: number;
  readonly of: number;
}

export interface CollectionInfo {
  readonly name: string;
  readonly alias: string;
  /** Absent on a collection that something else made. */
  readonly spec?: CollectionSpec;
  readonly dimension: number;
  /** It has no terms to search by: something else made it. */
  readonly denseOnly?: true;
  /** Why it cannot be searched, though it can be re-embedded. */
  readonly unsearchable?: string;
  /** `embedding`: it serves by its words, and some of its passages have no vectors yet. `damaged`: its file cannot be read; the counts are 0 then. */
  readonly state: "building" | "embedding" | "ready" | "damaged";
  /** Whether the alias points here now. */
  readonly serving: boolean;
  readonly points: number;
  readonly documents: number;
  /** Absent where none were ever kept: an earlier version, or something else, made it. */
  readonly sources?: readonly SourceInfo[] | undefined;
  /** ISO 8601. */
  readonly createdAt: string;
}

export interface SnapshotInfo {
  readonly name: string;
  readonly collection: string;
  /** What the collection was made with. */
  readonly spec: CollectionSpec;
  /** What it held, counted when the snapshot was taken. */
  readonly points: number;
  readonly documents: number;
  readonly bytes: number;
  readonly sha256: string;
  readonly createdAt: string;
}

export type EmptyReason = "empty_collection" | "out_of_scope" | "filtered_out" | "below_min_score" | "no_match";
export type RetrieveMode = "hybrid" | "dense" | "lexical";
