/** Jobs of a child process, for handlers that are called without one. */
import { cancelledError } from "#src/core/errors.js";
import type { Job } from "#src/process/serve.js";

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
