/** Repeated attempts at one piece of work, with waits between them that an abort ends. */
import type { Call } from "../core/call.js";
import { throwIfAborted } from "../core/errors.js";
import { pause } from "./pause.js";

export interface RetryPolicy {
  /** Most attempts, the first one included. */
  readonly times: number;
  /** Wait before the next attempt, asked once where there is one. @param attempt the one that failed, 1 for the first */
  readonly delayMs: (attempt: number, error: unknown) => number;
  /** Whether another attempt may end better. Not asked after the last one. */
  readonly worthIt: (error: unknown, attempt: number) => boolean;
}

/**
 * @param attempt is given its number, 1 for the first
 * @throws the last attempt's error; the call's reason, at once while it waits and after the attempt under way
 */
export async function retry<T>(
  call: Pick<Call, "signal">,
  attempt: (number: number) => Promise<T>,
  { times, delayMs, worthIt }: RetryPolicy,
): Promise<T> {
  const { signal } = call;
  for (let number = 1; ; number++) {
    throwIfAborted(signal);
    try {
      return await attempt(number);
    } catch (error) {
      throwIfAborted(signal);
      if (number >= times || !worthIt(error, number)) throw error;
      const waitMs = delayMs(number, error);
      if (waitMs > 0) await pause(call, waitMs);
    }
  }
}
