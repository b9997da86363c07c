/** What the book keeps of a collection. */
import type { CollectionSpec, Fingerprint, SourceInfo } from "../../core/types.js";
import type { Kind } from "./book.js";
import { fields, flag, listOf, number, oneOf, optional, text } from "./shapes.js";

export interface Entry {
  readonly spec: CollectionSpec;
  readonly state: "building" | "ready";
  readonly createdAt: string;
  /** Terms in a text, on average; fixed by the first texts, because it is part of every stored weight. */
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
