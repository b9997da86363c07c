import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Recent } from "#src/store/recent.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("what was asked a moment ago", () => {
  it("is believed for as long as was said, each key for itself", async () => {
    const recent = new Recent<string>(1_000);
    const answer = vi.fn(async () => "answer");
    expect(await recent.ask("a", answer)).toBe("answer");
    await vi.advanceTimersByTimeAsync(999);
    expect(await recent.ask("a", answer)).toBe("answer");
    expect(answer).toHaveBeenCalledTimes(1);
    await recent.ask("b", answer);
    await vi.advanceTimersByTimeAsync(1);
    await recent.ask("a", answer);
    expect(answer).toHaveBeenCalledTimes(3);
  });

  it("is not believed when there was nothing, nor when it failed", async () => {
    const recent = new Recent<string | undefined>(1_000);
    expect(await recent.ask("a", async () => undefined)).toBeUndefined();
    await expect(recent.ask("a", () => Promise.reject(new Error("down")))).rejects.toThrow("down");
    expect(await recent.ask("a", async () => "there now")).toBe("there now");
  });

  it("is forgotten with a change, also when it was asked before the change or during it", async () => {
    const recent = new Recent<string>(1_000);
    let told = (_answer: string) => {};
    const early = recent.ask("a", () => new Promise((done) => (told = done)));
    await recent.during(async () => {
      expect(await recent.ask("a", async () => "during")).toBe("during");
    });
    told("before");
    expect(await early).toBe("before");
    expect(await recent.ask("a", async () => "after")).toBe("after");
  });

  it("is asked every time where nothing is believed", async () => {
    const recent = new Recent<string>(0);
    const answer = vi.fn(async () => "answer");
    await recent.ask("a", answer);
    await recent.ask("a", answer);
    expect(answer).toHaveBeenCalledTimes(2);
  });
});
