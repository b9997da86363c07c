/** How work stands to the call that asked for it: it waits no longer than the call, or goes on without it. */
import { backgroundCall, type Call } from "../core/call.js";
import { raceAbort, throwIfAborted } from "../core/errors.js";

/**
 * What must not stop half-way once it has begun, under a call of its own; the one who asked is told at once when it
 * leaves, and does not hear how it ended. @param reason why it goes on
 */
export async function finish<T>(call: Call, reason: string, work: (call: Call) => Promise<T>): Promise<T> {
  throwIfAborted(call.signal);
  return await raceAbort(work(backgroundCall(reason)), call.signal);
}

/**
 * Takes away what could not be brought to an end, as far as that is possible; whoever has left is not kept waiting.
 * @param reason why it goes on
 */
export async function takeBack(call: Call, reason: string, work: (call: Call) => Promise<unknown>): Promise<void> {
  const done = work(backgroundCall(reason)).catch(() => undefined);
  if (!call.signal.aborted) await done;
}

/** What is at hand already, up to the call's end. @throws AppError the call's reason */
export function* whileWanted<T>(call: Call, items: Iterable<T>): Generator<T, void, undefined> {
  for (const item of items) {
    throwIfAborted(call.signal);
    yield item;
  }
}
