/** Work that only the one writer of an alias may do. */
import type { CollectionPass } from "../core/access.js";
import { branch, type Call } from "../core/call.js";
import type { Fence } from "../core/ledger.js";
import type { VectorStore } from "../core/ports.js";

/**
 * @param work gets a call that also ends when the lease is lost, and the store as the lease's holder writes to it
 * @throws AppError `conflict` naming the holder while another writes, and when the lease is lost; what `work` throws
 */
export async function underLease<T>(
  call: Call,
  store: VectorStore,
  alias: CollectionPass,
  work: (held: Call, store: VectorStore) => Promise<T>,
): Promise<T> {
  const lease = await store.lease(call, alias);
  const held = branch(call, lease.lost);
  try {
    return await work(held.call, fenced(store, lease.fence));
  } finally {
    held.end();
    await lease.release().catch(() => undefined); // its term ends by itself
  }
}

/** Everything that is written through it is written under this lease. */
function fenced(store: VectorStore, fence: Fence): VectorStore {
  return {
    ...store,
    create: (call, collection, spec) => store.create(call, collection, spec, fence),
    write: (call, collection, documents) => store.write(call, collection, documents, fence),
    remove: (call, collection, documents) => store.remove(call, collection, documents, fence),
    keepSources: (call, collection, sources) => store.keepSources(call, collection, sources, fence),
    publish: (call, alias, collection, terms) => store.publish(call, alias, collection, { ...terms, fence }),
    repoint: (call, alias, collection, terms) => store.repoint(call, alias, collection, { ...terms, fence }),
    restore: (call, snapshot, collection, options) => store.restore(call, snapshot, collection, { ...options, fence }),
    drop: (call, collection, options) => store.drop(call, collection, { ...options, fence }),
  };
}
