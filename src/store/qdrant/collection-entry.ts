/** A collection as the book keeps it. */
import type { CollectionSpec, Fingerprint, SourceInfo } from "../../core/types.js";
import type { Kind } from "./book.js";
import { fields, flag, listOf, number, oneOf, optional, text } from "./shapes.js";

/** What the book keeps of a collection. */
export interface Entry {
  readonly spec: CollectionSpec;
  readonly state: "building" | "ready";
  readonly createdAt: string;
  /** The reference length of the stored weights: in collections of earlier versions the average of their first texts. */
  readonly averageLength?: number;
  readonly sources?: readonly SourceInfo[];
}

export const SPEC = fields<CollectionSpec>({
  alias: text,
  fingerprint: fields<Fingerprint>({
    model: text,
    sha256: text,
    dimension: number,
    pooling: oneOf("mean", "cls", "hash"),
    queryPrefix: text,
    passagePrefix: text,
    maxTokens: number,
    normalized: flag,
  }),
  analyser: text,
  purpose: optional(oneOf("evaluation")),
});
const SOURCE = fields<SourceInfo>({
  id: text,
  name: text,
  kind: oneOf("folder", "file", "jsonl", "collection"),
  location: text,
});
export const COLLECTIONS: Kind<Entry> = {
  name: "collection",
  entry: fields<Entry>({
    spec: SPEC,
    state: oneOf("building", "ready"),
    createdAt: text,
    averageLength: optional(number),
    sources: optional(listOf(SOURCE)),
  }),
};
