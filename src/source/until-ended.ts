/** Items of a generator until its call ends. */
import type { Call } from "../core/call.js";
import { raceAbort, throwIfAborted } from "../core/errors.js";

/** Rejects at once when the call ends, whatever the generator waits for. @throws AppError `cancelled`, `timeout` */
export async function* untilEnded<T>({ signal }: Call, items: AsyncGenerator<T>): AsyncGenerator<T> {
  try {
    throwIfAborted(signal);
    for (let next = await raceAbort(items.next(), signal); !next.done; next = await raceAbort(items.next(), signal)) {
      yield next.value;
      throwIfAborted(signal);
    }
  } finally {
    const closing = items.return(undefined);
    // A generator that waits closes when its wait is over, which may be never.
    if (signal.aborted) closing.catch(() => undefined);
    else await closing;
  }
}
