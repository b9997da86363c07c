/** Work that only the one writer of an alias may do. */
import type { CollectionPass } from "../core/access.js";
import { branch, type Call } from "../core/call.js";
import type { VectorStore } from "../core/ports.js";

/**
 * @param work gets a call that also ends when the lease is lost
 * @throws AppError `conflict` naming the holder while another writes; what `work` throws
 */
export async function underLease<T>(
  call: Call,
  store: VectorStore,
  alias: CollectionPass,
  work: (held: Call) => Promise<T>,
): Promise<T> {
  const lease = await store.lease(call, alias);
  const held = branch(call, lease.lost);
  try {
    return await work(held.call);
  } finally {
    held.end();
    await lease.release().catch(() => undefined); // its term ends by itself
  }
}
