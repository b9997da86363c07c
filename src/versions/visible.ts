/** What a caller sees of a version. Whoever answers from one asks here which of its documents it may answer from. */
import type { Call } from "../core/call.js";
import type { VectorStore } from "../core/ports.js";
import type { DescribeOptions } from "../core/store-options.js";
import type { CollectionInfo, DocumentKey, DocumentRecord, Scope, SourceInfo } from "../core/types.js";
import { placesOf, scopeWithin } from "./scope.js";
import { sourcesOf } from "./sources.js";

export interface Visible {
  /** Those of which the caller sees any document, or would. */
  readonly sources: readonly SourceInfo[];
  /** What the store has to keep to; absent: nothing is hidden. */
  readonly scope?: Scope | undefined;
  /** Whether the caller sees this document: a source that came after the version was looked at is none that it knows. */
  has(key: DocumentKey): boolean;
  /** Whether it sees every document of this source. */
  hasAllOf(source: string): boolean;
}

const yes = () => true;

/** By the folders that `call.access` is confined to, as they are now. */
export async function visibleTo(call: Call, store: VectorStore, info: CollectionInfo): Promise<Visible> {
  // What cannot be read names no sources.
  const all = info.state === "damaged" ? [] : await sourcesOf(call, store, info);
  const { roots } = call.access;
  if (roots === undefined) return { sources: all, has: yes, hasAllOf: yes };
  const scope = scopeWithin(all, placesOf(await roots()));
  const folders = new Map<string, (string | undefined)[]>();
  for (const { source, folder } of scope) folders.set(source, [...(folders.get(source) ?? []), folder]);
  const hasAllOf = (source: string) => folders.get(source)?.includes(undefined) ?? false;
  return {
    sources: all
      .filter(({ id }) => folders.has(id))
      .map((source) => (hasAllOf(source.id) ? source : withoutCounts(source))),
    scope: all.every(({ id }) => hasAllOf(id)) ? undefined : scope,
    hasAllOf,
    has: ({ source, document }) =>
      folders.get(source)?.some((folder) => folder === undefined || document.startsWith(folder)) ?? false,
  };
}

/** What is held back of a source counts documents that the caller does not see. */
function withoutCounts({ held: _, ...source }: SourceInfo): SourceInfo {
  return source;
}

/** The version as one that holds nothing but what is visible. */
export async function asSeen(
  call: Call,
  store: VectorStore,
  info: CollectionInfo,
  { sources, scope, lately, exact }: Pick<Visible, "sources" | "scope"> & DescribeOptions,
): Promise<CollectionInfo> {
  if (scope === undefined) return info;
  return { ...info, sources, ...(info.points > 0 && (await store.count(call, info.name, scope, { lately, exact }))) };
}

/** The same, where nothing else of what is visible is needed. */
export async function seenBy(
  call: Call,
  store: VectorStore,
  info: CollectionInfo,
  counting?: DescribeOptions,
): Promise<CollectionInfo> {
  if (call.access.roots === undefined) return info;
  return asSeen(call, store, info, { ...(await visibleTo(call, store, info)), ...counting });
}

/** By source and id. @param source one source's only */
export async function* visibleDocuments(
  call: Call,
  store: VectorStore,
  info: CollectionInfo,
  source?: string,
): AsyncIterable<DocumentRecord> {
  const { scope, has } = await visibleTo(call, store, info);
  for await (const record of store.documents(call, info.name, source, scope)) if (has(record)) yield record;
}
