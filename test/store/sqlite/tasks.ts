/** Jobs of a child process, for handlers that are called without one. */
import { cancelledError } from "#src/core/errors.js";
import type { CollectionRecord } from "#src/core/ledger.js";
import type { CollectionSpec } from "#src/core/types.js";
import type { Job } from "#src/process/serve.js";
import type { Calls } from "#src/store/sqlite/handlers.js";

/** @param units after so many units of work its caller leaves; default: never */
export function taskOf(units = Number.POSITIVE_INFINITY): Job {
  const abort = new AbortController();
  let left = units;
  const hear = async () => {
    if (left-- > 0) return;
    abort.abort(cancelledError());
    throw cancelledError();
  };
  return { signal: abort.signal, part: () => undefined, hear, breathe: hear, during: (work) => work };
}

/** One whose caller stays. */
export const task = taskOf();

/** What the store does with its processes to make a collection. */
export async function createIn(
  calls: Pick<Calls, "putRecord" | "create">,
  collection: string,
  spec: CollectionSpec,
): Promise<void> {
  const record = { spec, state: "building", createdAt: new Date().toISOString() } satisfies CollectionRecord;
  await calls.putRecord({ kind: "collection", key: collection, record }, task);
  await calls.create({ collection, spec }, task);
}

/** What it does to drop one. */
export function dropIn(calls: Pick<Calls, "deleteRecord" | "drop">, collection: string): void {
  calls.drop({ collection });
  calls.deleteRecord({ kind: "collection", key: collection });
}
