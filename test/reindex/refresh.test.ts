import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Refresher } from "#src/reindex/refresh.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("changes", () => {
  it("of one burst cause one run, half a second after the last of them", async () => {
    const run = vi.fn(async () => undefined);
    const refresher = new Refresher(run);
    for (let i = 0; i < 5; i++) {
      refresher.changed();
      await vi.advanceTimersByTimeAsync(400);
    }
    expect(run).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(100);
    expect(run).toHaveBeenCalledTimes(1);
  });

  it("that never stop are looked at every five seconds all the same", async () => {
    const run = vi.fn(async () => undefined);
    const refresher = new Refresher(run);
    for (let i = 0; i < 60; i++) {
      refresher.changed();
      await vi.advanceTimersByTimeAsync(200);
    }
    expect(run.mock.calls.length).toBeGreaterThanOrEqual(2);
  });

  it("during a run cause one more when it has ended, never two at once", async () => {
    let end: () => void = () => undefined;
    const run = vi.fn(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    const refresher = new Refresher(run);
    refresher.changed();
    await vi.advanceTimersByTimeAsync(500);
    refresher.changed();
    refresher.changed();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(run).toHaveBeenCalledTimes(1);
    end();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it("after close cause nothing", async () => {
    const run = vi.fn(async () => undefined);
    const refresher = new Refresher(run);
    refresher.changed();
    await refresher.close();
    refresher.changed();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(run).not.toHaveBeenCalled();
  });
});
