/** What the methods of a store are asked for, and what a page of documents is. */
import type { Fence } from "./ledger.js";
import type { Filter, Scope } from "./types.js";

/** What is read beside a point's text; default nothing. */
export interface ReadOptions {
  readonly vectors?: boolean;
  readonly tokens?: boolean;
}

export interface ScrollOptions extends ReadOptions {
  /** Of each document the points from this ordinal on; default all. */
  readonly fromOrdinal?: number;
}

export interface SearchOptions {
  /** Of each leg. */
  readonly limit: number;
  readonly filter?: Filter | undefined;
  readonly scope?: Scope | undefined;
}

/** Which documents of a source a page brings. */
export interface DocumentsAsked {
  readonly source: string;
  /** What their ids begin with. */
  readonly prefix?: string | undefined;
  /** A place that an earlier page told; absent: the beginning. */
  readonly from?: string | undefined;
  readonly limit: number;
}

export interface ListedDocument {
  readonly document: string;
  readonly title?: string | undefined;
  /** Where a page begins that begins with it; it stays one when the document goes. */
  readonly place: string;
}

export interface DocumentPage {
  readonly documents: readonly ListedDocument[];
  /** Where there may be more; absent: nowhere. */
  readonly next?: string | undefined;
}

export interface DescribeOptions {
  /** As it was a second ago is as good: of many calls most ask nothing. */
  readonly lately?: boolean;
  /** Passages and documents are counted, however long that takes; else a large collection's are estimated. */
  readonly exact?: boolean;
}

export interface DropOptions {
  /** Of what an alias serves, the alias goes too. */
  readonly serving?: boolean | undefined;
  readonly fence?: Fence | undefined;
}

export interface RestoreOptions {
  readonly state?: "building" | "ready" | undefined;
  readonly fence?: Fence | undefined;
}
