/** Calls that their clients can cancel: those of the earlier era, in which a request of its own does so. */
import type { RequestId } from "@modelcontextprotocol/server";

export class Calls {
  readonly #running = new Map<string, Set<AbortController>>();

  /** @param caller who alone can cancel it @returns what forgets it */
  add(caller: readonly string[], id: RequestId, call: AbortController): () => void {
    const key = keyOf(caller, id);
    const calls = this.#running.get(key) ?? new Set();
    this.#running.set(key, calls.add(call));
    return () => {
      calls.delete(call);
      if (calls.size === 0) this.#running.delete(key);
    };
  }

  /** Nothing happens where there is none: it has ended, or runs elsewhere. */
  cancel(caller: readonly string[], id: RequestId): void {
    for (const call of this.#running.get(keyOf(caller, id)) ?? []) call.abort();
  }
}

/** The number 1 and the text "1" are two ids. */
function keyOf(caller: readonly string[], id: RequestId): string {
  return JSON.stringify([...caller, id]);
}
