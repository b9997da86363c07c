/** One version of a collection without the documents of a target. */
import type { Call } from "../core/call.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo, DocumentKey } from "../core/types.js";
import { documentsOf, type ForgetTarget } from "./forget-target.js";

/** Documents in one step: others may read and write between two of them. */
const REMOVED_TOGETHER = 200;

/** @returns names of the documents; undefined: it had neither documents nor a record of the target */
export async function removeTarget(
  call: Call,
  store: VectorStore,
  { name, sources }: CollectionInfo,
  target: ForgetTarget,
): Promise<readonly string[] | undefined> {
  const documents: string[] = [];
  let batch: DocumentKey[] = [];
  const flush = async () => {
    await store.remove(call, name, batch);
    batch = [];
  };
  for await (const { source, document } of documentsOf(call, store, name, target)) {
    documents.push(document);
    batch.push({ source, document });
    if (batch.length === REMOVED_TOGETHER) await flush();
  }
  await flush();
  const isKept = target.document === undefined && sources?.some(({ id }) => id === target.from.id);
  // The record goes last: until then the same name leads to what is left.
  if (isKept) await store.keepSources(call, name, sources?.filter(({ id }) => id !== target.from.id) ?? []);
  return documents.length > 0 || isKept ? documents : undefined;
}
