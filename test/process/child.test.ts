import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Child, ChildExited } from "#src/process/child.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const ENTRY = new URL("./echo-child.mjs", import.meta.url);

describe("a child process", () => {
  let folder: string;
  let log: string;
  let child: Child;
  let exits: number;
  const lines = () => readFileSync(log, "utf8").trim().split("\n");
  const began = (name: string) => vi.waitFor(() => expect(lines()).toContain(name), { timeout: 20_000, interval: 5 });

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "aura-child-"));
    log = join(folder, "log");
    exits = 0;
    child = new Child(ENTRY, [log], { onExit: () => exits++, hangAfterMs: 3_000 });
  });
  afterEach(async () => {
    await child.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("answers with what structured clone can carry: typed arrays, bigints, undefined", async () => {
    const value = { vector: Float32Array.of(1, 2.5), big: 10n, nothing: undefined, date: new Date(0) };
    expect(await child.call("echo", value)).toEqual(value);
    expect(child.busy).toBe(0);
  });

  it.skipIf(process.platform === "win32")("that is stopped under a call is killed, and the call hears it", async () => {
    await child.call("echo", 1);
    const call = child.call("work", { name: "stopped", steps: 100_000 });
    await began("begin stopped");
    process.kill(child.pid as number, "SIGSTOP");
    await expect(call).rejects.toThrow(/no sign of life for 3000 ms, then SIGKILL/);
    expect(exits).toBe(1);
  });

  it("that works for longer than it may be silent lives: it breathes", async () => {
    expect(await child.call("work", { name: "long", steps: 400 })).toBe("long");
    expect(exits).toBe(0);
  });

  it("whose work another thread does for longer than it may be silent lives", async () => {
    expect(await child.call("elsewhere", { ms: 6_000 })).toBe("done");
    expect(exits).toBe(0);
  });

  it.skipIf(process.platform === "win32")("that is stopped while another thread works is killed", async () => {
    const call = child.call("elsewhere", { ms: 600_000 });
    await began("begin elsewhere");
    process.kill(child.pid as number, "SIGSTOP");
    await expect(call).rejects.toThrow(/no sign of life for 3000 ms, then SIGKILL/);
  });

  it("that hangs is killed, and its callers hear that it gave no sign of life", async () => {
    await expect(child.call("hang", {})).rejects.toThrow(/no sign of life for 3000 ms/);
    expect(exits).toBe(1);
  });

  it("tells parts of an answer before the rest, to the call that they are of", async () => {
    const told: unknown[] = [];
    const [, answer] = await Promise.all([
      child.call("echo", 1, { onPart: () => told.push("another call's") }),
      child.call("parts", { count: 3 }, { onPart: (part) => told.push(part) }),
    ]);
    expect([told, answer]).toEqual([[0, 1, 2], "all"]);
  });

  it("brings an AppError back as one, with code, remedy and retry time", async () => {
    await expect(child.call("fail", {})).rejects.toMatchObject({
      name: "AppError",
      code: "overloaded",
      message: "too much",
      remedy: "wait",
      retryAfterMs: 7,
    });
  });

  it("turns anything else that is thrown, and an unknown method, into a bug", async () => {
    await expect(child.call("throwString", {})).rejects.toMatchObject({
      code: "bug",
      message: expect.stringContaining("a string"),
    });
    await expect(child.call("nope", {})).rejects.toMatchObject({
      code: "bug",
      message: expect.stringContaining('"nope"'),
    });
  });

  it("runs one call at a time, in the order they came", async () => {
    await Promise.all([child.call("work", { name: "a", steps: 3 }), child.call("work", { name: "b", steps: 1 })]);
    expect(lines()).toEqual(["begin a", "end a", "begin b", "end b"]);
  });

  it("lets an urgent call overtake those that wait and the one that runs", async () => {
    const running = child.call("work", { name: "long", steps: 20 });
    const waiting = child.call("work", { name: "waiting", steps: 1 });
    await began("begin long");
    await child.call("echo", "now", { urgent: true });
    expect(lines()).toEqual(["begin long", 'echo "now"']);
    await Promise.all([running, waiting]);
    expect(lines()).toEqual(["begin long", 'echo "now"', "end long", "begin waiting", "end waiting"]);
  });

  it("never runs a call that was cancelled while it waited", async () => {
    const caller = new AbortController();
    const running = child.call("work", { name: "first", steps: 10 });
    const waiting = child.call("work", { name: "never", steps: 1 }, { signal: caller.signal });
    await began("begin first");
    caller.abort();
    await expect(waiting).rejects.toMatchObject({ code: "cancelled" });
    await running;
    await child.call("echo", "after");
    expect(lines()).toEqual(["begin first", "end first", 'echo "after"']);
  });

  it.skipIf(process.platform === "win32")("never begins a call whose cancellation came right behind it", async () => {
    await child.call("echo", "ready");
    const ballast = new Uint8Array(100_000); // more than one reading brings, less than the channel holds of a child that stands still
    for (const asked of [[{ name: "a" }, { name: "b" }], [{ name: "large", ballast }]]) {
      process.kill(child.pid as number, "SIGSTOP");
      const caller = new AbortController();
      const calls = asked.map((args) => child.call("busy", args, { signal: caller.signal }));
      for (const call of calls) call.catch(() => undefined);
      await new Promise((sent) => setTimeout(sent, 50));
      caller.abort();
      for (const call of calls) await expect(call).rejects.toMatchObject({ code: "cancelled" });
      process.kill(child.pid as number, "SIGCONT");
      await child.call("echo", "after");
    }
    expect(lines()).toEqual(['echo "ready"', 'echo "after"', 'echo "after"']);
  });

  it("stops a running call at its next breath, and the caller hears it at once", async () => {
    const caller = new AbortController();
    const running = child.call("work", { name: "endless", steps: 100_000 }, { signal: caller.signal });
    await began("begin endless");
    caller.abort();
    await expect(running).rejects.toMatchObject({ code: "cancelled" });
    expect(await child.call("echo", "free again")).toBe("free again");
    expect(lines()).not.toContain("end endless");
  });

  it("does not send a call whose signal is aborted already", async () => {
    await expect(child.call("echo", 1, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "cancelled" });
    await child.call("echo", 2);
    expect(lines()).toEqual(["echo 2"]);
  });

  it("on close lets the running call end, drops those that wait, and leaves", async () => {
    const running = child.call("block", { ms: 300 });
    const waiting = child.call("echo", "never");
    const dropped = expect(waiting).rejects.toBeInstanceOf(ChildExited);
    await began("begin block");
    const closing = child.close();
    expect(await running).toBe("done");
    await closing;
    await dropped;
    expect(lines()).toEqual(["begin block", "end block", "closed"]);
    expect(child.alive).toBe(false);
    expect(exits).toBe(1);
  });

  it("is killed when it does not leave in time", async () => {
    const running = child.call("hang", {});
    const outcome = expect(running).rejects.toThrow(/SIGKILL/);
    await began("begin hang");
    await child.close();
    await outcome;
    expect(child.alive).toBe(false);
  });

  it("that crashes rejects every call that waits, and tells its owner once", async () => {
    const calls = [child.call("work", { name: "x", steps: 2 }), child.call("crash", {}), child.call("echo", 1)];
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    for (const outcome of outcomes.slice(1)) {
      expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(ChildExited);
      expect((outcome as PromiseRejectedResult).reason.message).toContain("exit code 3");
    }
    expect(exits).toBe(1);
    await expect(child.call("echo", 2)).rejects.toBeInstanceOf(ChildExited);
    expect(child.busy).toBe(0);
  });

  it("survives Ctrl-C of the terminal: only its parent ends it", async () => {
    await child.call("echo", "ready");
    process.kill(child.pid as number, "SIGINT");
    process.kill(child.pid as number, "SIGTERM");
    expect(await child.call("echo", "still here")).toBe("still here");
  });

  it("can be closed twice", async () => {
    await Promise.all([child.close(), child.close()]);
    await child.close();
    expect(exits).toBe(1);
  });
});
