/** Work that only the one writer of an alias may do. */
import type { Lease, VectorStore } from "../core/ports.js";

/** @throws AppError `conflict` naming the holder while another writes; what `work` throws */
export async function underLease<T>(store: VectorStore, alias: string, work: (lease: Lease) => Promise<T>): Promise<T> {
  const lease = await store.lease(alias);
  try {
    return await work(lease);
  } finally {
    await lease.release().catch(() => undefined); // its term ends by itself
  }
}
