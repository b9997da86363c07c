/** The version that answers, with what of it the caller may see. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { noCollection } from "../core/not-found.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo } from "../core/types.js";
import { type Visible, visibleTo } from "../versions/visible.js";

export interface Opened extends Visible {
  readonly collection: CollectionInfo;
}

/** @throws AppError `not_found` */
export async function open(call: Call, store: VectorStore, pass: CollectionPass): Promise<Opened> {
  const collection = await store.describe(call, pass);
  if (collection === undefined) throw noCollection(pass.name);
  return { collection, ...(await visibleTo(call, store, collection)) };
}
