/** The system's clock set back while leases and jobs are live. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createHandlers } from "#src/store/sqlite/handlers.js";
import { task } from "./sqlite/tasks.js";

const HOUR_MS = 3_600_000;
let folder: string;
let store: ReturnType<typeof createHandlers>;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "aura-clock-"));
  store = createHandlers({ folder, vectorBytes: 0 });
  vi.useFakeTimers({ toFake: ["Date"] });
});

afterEach(() => {
  vi.useRealTimers();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe("a clock set back by an hour", () => {
  const claimOf = (owner: string) => ({ claim: { alias: "docs", owner, termMs: 60_000 }, takeAway: false });
  const elsewhere = claimOf("another-host:17:a");
  const third = claimOf("third-host:1:b");

  it("does not keep a dead writer's lease in force for that hour", async () => {
    await store.calls.winLease(elsewhere, task);
    await expect(store.calls.winLease(third, task)).rejects.toThrow(/being written/);
    vi.setSystemTime(Date.now() - HOUR_MS);
    await store.calls.winLease(third, task);
  });

  it("lets a living writer renew its lease and keep others out", async () => {
    const token = await store.calls.winLease(elsewhere, task);
    vi.setSystemTime(Date.now() - HOUR_MS);
    store.calls.renewLease({ ...elsewhere, fence: { alias: "docs", token } });
    await expect(store.calls.winLease(third, task)).rejects.toThrow(/being written/);
  });
});
