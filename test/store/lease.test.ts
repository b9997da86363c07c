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

const ignored = { released: () => undefined };
const down = new AppError("store_down", "refused", { remedy: "start it" });

/** Whose writer goes on for so long, and is still from then on. */
function writes(forMs: number) {
  const began = performance.now();
  return { ...calls(0), takenAt: [] as number[], standsStill: () => performance.now() - began >= forMs };
}

it("is renewed for as long as its writer goes on, and lost a term after it stands still", async () => {
  const store = writes(300_000);
  const renew = async () => void store.takenAt.push(performance.now());
  const lease = await holdLease(testCall(), { ...store, renew }, "docs", ignored);
  const taken = performance.now();
  await vi.advanceTimersByTimeAsync(299_000);
  expect(store.takenAt.at(-1)).toBeGreaterThan(taken + 270_000);
  const renewals = store.takenAt.length;
  expect(lease.lost.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(82_000);
  expect(store.takenAt).toHaveLength(renewals);
  expect(lease.lost.reason).toMatchObject({ code: "store_down" });
});

/** A store that is down for so many releases. */
function calls(failures: number) {
  return {
    released: 0,
    win: async () => 1,
    renew: async () => undefined,
    standsStill: () => false,
    async release() {
      if (++this.released <= failures) throw down;
    },
  };
}

it("whose taking failed, and may be done all the same, is given back", async () => {
  const store = calls(1);
  const win = async () => Promise.reject(down);
  await expect(holdLease(testCall(), { ...store, win, release: () => store.release() }, "docs", ignored)).rejects.toBe(
    down,
  );
  await vi.advanceTimersByTimeAsync(300_000);
  expect(store.released).toBe(2);
});

it("that was won by another since is lost at the next renewal, though nobody holds it now", async () => {
  const store = calls(0);
  const renew = async () => Promise.reject(new AppError("conflict", "lost", { remedy: "again" }));
  const lease = await holdLease(testCall(), { ...store, renew }, "docs", ignored);
  await vi.advanceTimersByTimeAsync(21_000);
  expect(lease.lost.reason).toMatchObject({ code: "conflict" });
});

it("is given back once by a store that is well", async () => {
  const store = calls(0);
  const lease = await holdLease(testCall(), store, "docs", ignored);
  await lease.release();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(store.released).toBe(1);
});

it("is given back as soon as a store that was down is well again", async () => {
  const store = calls(3);
  const lease = await holdLease(testCall(), store, "docs", ignored);
  await expect(lease.release()).rejects.toBe(down);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(store.released).toBe(4);
});

it("is left to its term by a store that stays down", async () => {
  const store = calls(Number.POSITIVE_INFINITY);
  const lease = await holdLease(testCall(), store, "docs", ignored);
  await expect(lease.release()).rejects.toBe(down);
  await vi.advanceTimersByTimeAsync(300_000);
  expect(store.released).toBeLessThanOrEqual(31);
  expect(vi.getTimerCount()).toBe(0);
});

it.each([
  ["does not answer is held on to for as long as an outage may last", true, 600_000],
  ["fails otherwise is lost at the end of its term", false, 60_000],
])("of a store that %s", async (_what, isOutage, lasts) => {
  const failed = new AppError("store_down", "refused", { remedy: "start it", isOutage });
  const renew = async () => Promise.reject(failed);
  const lease = await holdLease(testCall(), { ...calls(0), renew }, "docs", { ...ignored, outageMs: 600_000 });
  await vi.advanceTimersByTimeAsync(lasts - 21_000);
  expect(lease.lost.aborted).toBe(false);
  await vi.advanceTimersByTimeAsync(42_000);
  expect(lease.lost.reason).toBe(failed);
});
