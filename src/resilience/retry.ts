/** Repeated attempts at one piece of work, with waits between them that an abort ends. */
import type { Call } from "../core/call.js";
import { abortReason, throwIfAborted } from "../core/errors.js";

export interface RetryPolicy {
  /** Most attempts, the first one included. */
  readonly times: number;
  /** Wait after an attempt that failed. @param attempt 1 for the first */
  readonly delayMs: (attempt: number, error: unknown) => number;
  /** Whether another attempt may end better. Not asked after the last one. */
  readonly worthIt: (error: unknown, attempt: number) => boolean;
}

/**
 * @param attempt is given its number, 1 for the first
 * @throws the last attempt's error; the call's reason, at once while it waits and after the attempt under way
 */
export async function retry<T>(
  { signal }: Pick<Call, "signal">,
  attempt: (number: number) => Promise<T>,
  { times, delayMs, worthIt }: RetryPolicy,
): Promise<T> {
  for (let number = 1; ; number++) {
    throwIfAborted(signal);
    try {
      return await attempt(number);
    } catch (error) {
      throwIfAborted(signal);
      if (number >= times || !worthIt(error, number)) throw error;
      const waitMs = delayMs(number, error);
      if (waitMs > 0) await pause(waitMs, signal);
    }
  }
}

/** @throws the signal's reason, at once */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (then: () => void) => () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      then();
    };
    const timer = setTimeout(end(resolve), ms);
    const onAbort = end(() => reject(abortReason(signal)));
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
