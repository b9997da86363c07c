/** The version that answers, with its sources. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { noCollection } from "../core/not-found.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo, SourceInfo } from "../core/types.js";
import { sourcesOf } from "../versions/sources.js";

export interface Opened {
  readonly collection: CollectionInfo;
  /** Those that the caller may see. */
  readonly sources: readonly SourceInfo[];
}

/** @throws AppError `not_found` */
export async function open(call: Call, store: VectorStore, pass: CollectionPass): Promise<Opened> {
  const collection = await store.describe(call, pass);
  if (collection === undefined) throw noCollection(pass.name);
  return { collection, sources: await sourcesOf(call, store, collection) };
}
