import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LineLimit } from "#src/telemetry/line-limit.js";

let written: string[];
let limit: LineLimit<"warn" | "error">;

beforeEach(() => {
  vi.useFakeTimers();
  written = [];
  limit = new LineLimit((level, line) => written.push(`${level}: ${line}`));
});
afterEach(() => {
  vi.useRealTimers();
});

const admitted = (times: number, line: string) =>
  Array.from({ length: times }, () => limit.admits("warn", line)).filter(Boolean).length;

it("the first lines of a kind are admitted each minute, the rest are counted", () => {
  expect(admitted(10, "a")).toBe(3);
  expect(admitted(3, "b")).toBe(3);
  expect(limit.admits("error", "a")).toBe(true);
  vi.advanceTimersByTime(60_000);
  expect(written).toEqual(["warn: further 7 of this kind were not logged: a"]);
  expect(admitted(4, "a")).toBe(3);
  vi.advanceTimersByTime(60_000);
  expect(written.at(-1)).toBe("warn: further 1 of this kind were not logged: a");
  expect(vi.getTimerCount()).toBe(0);
});

it("what was counted is told when the process ends, once", () => {
  const before = process.listeners("exit");
  expect(admitted(5, "a")).toBe(3);
  const [added, ...others] = process.listeners("exit").filter((listener) => !before.includes(listener));
  expect(others).toEqual([]);
  added?.(0);
  vi.advanceTimersByTime(60_000);
  expect(written).toEqual(["warn: further 2 of this kind were not logged: a"]);
  expect(process.listeners("exit")).toEqual(before);
});

it("kinds without end are counted together", () => {
  const lines = Array.from({ length: 5_000 }, (_, i) => admitted(1, `made up ${i}`));
  expect(lines.filter((each) => each === 1)).toHaveLength(1_003);
  vi.advanceTimersByTime(60_000);
  expect(written).toEqual(["warn: further 3997 of this kind were not logged: other lines"]);
});

it("kinds are told by how they begin", () => {
  const lines = Array.from({ length: 5 }, (_, i) => admitted(1, `${"x".repeat(300)} ${i}`));
  expect(lines).toEqual([1, 1, 1, 0, 0]);
});
