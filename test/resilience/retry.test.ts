import { getEventListeners } from "node:events";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "#src/core/errors.js";
import { type RetryPolicy, retry } from "#src/resilience/retry.js";
import { abortedCall, testCall } from "../support/call.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const policy = (change: Partial<RetryPolicy> = {}): RetryPolicy => ({
  times: 3,
  delayMs: (attempt) => 100 * 2 ** (attempt - 1),
  worthIt: () => true,
  ...change,
});
/** Fails with `failure 1`, `failure 2`, … so many times. */
function failing(times: number) {
  const numbers: number[] = [];
  const attempt = async (number: number) => {
    numbers.push(number);
    if (numbers.length <= times) throw new Error(`failure ${numbers.length}`);
    return "done";
  };
  return { attempt, numbers };
}

describe("retry", () => {
  it("asks once where the first attempt succeeds", async () => {
    const { attempt, numbers } = failing(0);
    expect(await retry(testCall(), attempt, policy())).toBe("done");
    expect(numbers).toEqual([1]);
  });

  it("waits after each failure as long as its number and its error say", async () => {
    const { attempt, numbers } = failing(2);
    const waits: unknown[] = [];
    const delayMs = (number: number, error: unknown) => {
      waits.push([number, (error as Error).message]);
      return number * 100;
    };
    const result = retry(testCall(), attempt, policy({ delayMs }));
    await vi.advanceTimersByTimeAsync(99);
    expect(numbers).toEqual([1]);
    await vi.advanceTimersByTimeAsync(1);
    expect(numbers).toEqual([1, 2]);
    await vi.advanceTimersByTimeAsync(199);
    expect(numbers).toEqual([1, 2]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await result).toBe("done");
    expect(waits).toEqual([
      [1, "failure 1"],
      [2, "failure 2"],
    ]);
  });

  it("ends with the last error when all attempts are made", async () => {
    const { attempt, numbers } = failing(9);
    const rejected = expect(retry(testCall(), attempt, policy())).rejects.toThrow("failure 3");
    await vi.runAllTimersAsync();
    await rejected;
    expect(numbers).toEqual([1, 2, 3]);
  });

  it("ends at once with an error that another attempt does not change", async () => {
    const { attempt, numbers } = failing(9);
    const worthIt = vi.fn((_: unknown, number: number) => number < 2);
    const rejected = expect(retry(testCall(), attempt, policy({ worthIt }))).rejects.toThrow("failure 2");
    await vi.runAllTimersAsync();
    await rejected;
    expect(numbers).toEqual([1, 2]);
  });

  it("makes no attempt for a call that is aborted already", async () => {
    const { attempt, numbers } = failing(0);
    await expect(retry(abortedCall(), attempt, policy())).rejects.toMatchObject({ code: "cancelled" });
    expect(numbers).toEqual([]);
  });

  it("hears an abort while it waits, and leaves neither timer nor listener", async () => {
    const { attempt, numbers } = failing(9);
    const caller = new AbortController();
    const call = testCall({ signal: caller.signal });
    const result = retry(call, attempt, policy({ delayMs: () => 60_000 }));
    const rejected = expect(result).rejects.toMatchObject({ code: "timeout" });
    await vi.advanceTimersByTimeAsync(10);
    caller.abort(new AppError("timeout", "late", { remedy: "-" }));
    await rejected;
    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(call.signal, "abort")).toEqual([]);
    await vi.runAllTimersAsync();
    expect(numbers).toEqual([1]);
  });

  it("gives the call's reason, not the error that its abort caused", async () => {
    const caller = new AbortController();
    const result = retry(
      testCall({ signal: caller.signal }),
      async () => {
        caller.abort();
        throw new Error("the connection was closed");
      },
      policy(),
    );
    await expect(result).rejects.toMatchObject({ code: "cancelled" });
  });

  it("leaves no listener behind a wait that was over", async () => {
    const call = testCall();
    const result = retry(call, failing(2).attempt, policy());
    await vi.runAllTimersAsync();
    await result;
    expect(getEventListeners(call.signal, "abort")).toEqual([]);
  });
});
