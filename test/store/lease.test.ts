import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { AppError } from "#src/core/errors.js";
import { holdLease } from "#src/store/lease.js";
import { testCall } from "../support/call.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const down = new AppError("store_down", "refused", { remedy: "start it" });

/** A store that is down for so many releases. */
function calls(failures: number) {
  return {
    released: 0,
    take: async () => undefined,
    async release() {
      if (++this.released <= failures) throw down;
    },
  };
}

it("is given back once by a store that is well", async () => {
  const store = calls(0);
  const lease = await holdLease(testCall(), store, "docs", () => undefined);
  await lease.release();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(store.released).toBe(1);
});

it("is given back as soon as a store that was down is well again", async () => {
  const store = calls(3);
  const lease = await holdLease(testCall(), store, "docs", () => undefined);
  await expect(lease.release()).rejects.toBe(down);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(store.released).toBe(4);
});

it("is left to its term by a store that stays down", async () => {
  const store = calls(Number.POSITIVE_INFINITY);
  const lease = await holdLease(testCall(), store, "docs", () => undefined);
  await expect(lease.release()).rejects.toBe(down);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(store.released).toBeLessThanOrEqual(31);
  expect(vi.getTimerCount()).toBe(0);
});
