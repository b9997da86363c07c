import { describe, expect, it, vi } from "vitest";
import { AppError } from "#src/core/errors.js";
import type { ModelRunner } from "#src/models/model-handle.js";
import { abortedCall, testCall } from "../support/call.js";
import { handleOfAbsent, handleOver, settled } from "./handles.js";

const COMMAND = "`aura-retrieval models pull org/model`";
const KNOWN = { model: "org/model", revision: "abc", device: "cpu" };
const outOfMemory = () => new AppError("model_failed", "out of memory", { remedy: "Free some." });

/** A runner whose loads end when the test says so. */
function runner() {
  const loads: { succeed(): void; fail(error: Error): void }[] = [];
  const made = {
    processes: 2,
    loads,
    closed: false,
    load: () =>
      new Promise<{ checksumVerified: true }>((resolve, reject) => {
        loads.push({ succeed: () => resolve({ checksumVerified: true }), fail: reject });
      }),
    async close() {
      made.closed = true;
    },
  } satisfies ModelRunner & Record<string, unknown>;
  return made;
}

describe("a model that is here", () => {
  it("is loaded by the first use, once for all who ask", async () => {
    const made = runner();
    const handle = handleOver(made);
    expect(handle.status()).toEqual({ ...KNOWN, state: "idle", processes: 0 });
    const uses = [handle.use(testCall()), handle.use(testCall())];
    await settled();
    expect(handle.status()).toEqual({ ...KNOWN, state: "loading", processes: 2 });
    made.loads[0]?.succeed();
    expect(await Promise.all(uses)).toEqual([made, made]);
    expect(await handle.use(testCall())).toBe(made);
    expect(made.loads).toHaveLength(1);
    expect(handle.loaded).toEqual({ checksumVerified: true });
    expect(handle.status()).toEqual({ ...KNOWN, state: "ready", processes: 2, checksumVerified: true });
  });

  it("may be opened without being loaded", async () => {
    const made = runner();
    const handle = handleOver(made);
    expect(await handle.open(testCall())).toBe(made);
    expect(made.loads).toEqual([]);
    expect(handle.status().state).toBe("idle");
  });

  it("goes on loading when its caller leaves, and one that has left starts nothing", async () => {
    const made = runner();
    const start = vi.fn(async () => made);
    const handle = handleOver(made, { start });
    await expect(handle.use(abortedCall())).rejects.toMatchObject({ code: "cancelled" });
    await expect(handle.open(abortedCall())).rejects.toMatchObject({ code: "cancelled" });
    expect(start).not.toHaveBeenCalled();
    const caller = new AbortController();
    const left = expect(handle.use(testCall({ signal: caller.signal }))).rejects.toMatchObject({ code: "cancelled" });
    const stays = handle.use(testCall());
    await settled();
    caller.abort();
    await left;
    made.loads[0]?.succeed();
    expect(await stays).toBe(made);
    expect(made.loads).toHaveLength(1);
  });

  it("that does not load says why, and is loaded again by the next use", async () => {
    const made = runner();
    const handle = handleOver(made);
    const uses = [handle.use(testCall()), handle.use(testCall())].map((use) => use.catch((error: AppError) => error));
    await settled();
    made.loads[0]?.fail(outOfMemory());
    const errors = (await Promise.all(uses)) as AppError[];
    expect(errors[0]).toMatchObject({ code: "model_failed", message: "out of memory", remedy: "Free some." });
    // Each caller's stage writes its name into its own.
    expect(errors[0]).not.toBe(errors[1]);
    expect(handle.status()).toMatchObject({
      state: "failed",
      error: "out of memory",
      remedy: "Free some.",
      processes: 2,
    });
    expect(handle.loaded).toBeUndefined();
    const again = handle.use(testCall());
    await settled();
    // It may fail as before: nobody is to think that it works.
    expect(handle.status()).toMatchObject({ state: "failed", error: "out of memory" });
    made.loads[1]?.succeed();
    expect(await again).toBe(made);
    expect(handle.status().state).toBe("ready");
  });

  it("is loaded again after its pause only, and opened at any time", async () => {
    let time = 0;
    const made = runner();
    const handle = handleOver(made, { reloadPauseMs: 1_000, now: () => time });
    const first = expect(handle.use(testCall())).rejects.toThrow("out of memory");
    await settled();
    made.loads[0]?.fail(outOfMemory());
    await first;
    time = 999;
    await expect(handle.use(testCall())).rejects.toMatchObject({ code: "model_failed", message: "out of memory" });
    expect(await handle.open(testCall())).toBe(made);
    expect(made.loads).toHaveLength(1);
    time = 1_000;
    const again = handle.use(testCall());
    await settled();
    made.loads[1]?.succeed();
    expect(await again).toBe(made);
  });

  it("that failed before is waited for no longer than the caller has patience", async () => {
    const made = runner();
    const handle = handleOver(made);
    const first = expect(handle.use(testCall())).rejects.toThrow("out of memory");
    await settled();
    made.loads[0]?.fail(outOfMemory());
    await first;
    await expect(handle.use(testCall(), 10)).rejects.toMatchObject({ code: "model_failed", message: "out of memory" });
    made.loads[1]?.succeed();
    expect(await handle.use(testCall(), 10)).toBe(made);
  });

  it("whose processes cannot be made says why, and is tried again", async () => {
    const made = runner();
    const start = vi.fn(async () => made);
    start.mockImplementationOnce(() => {
      throw new AppError("config", "cannot be written", { remedy: "-" });
    });
    start.mockRejectedValueOnce(new Error("unforeseen"));
    const handle = handleOver(made, { start });
    await expect(handle.use(testCall())).rejects.toMatchObject({ code: "config" });
    expect(handle.status()).toMatchObject({ state: "failed", error: "cannot be written", processes: 0 });
    await expect(handle.open(testCall())).rejects.toThrow("unforeseen");
    expect(await handle.open(testCall())).toBe(made);
  });

  it("is closed with its runner, while it loads too, and used no more", async () => {
    const made = runner();
    const handle = handleOver(made);
    const loading = expect(handle.use(testCall())).rejects.toMatchObject({ code: "cancelled" });
    await settled();
    await handle.close();
    expect(made.closed).toBe(true);
    made.loads[0]?.fail(outOfMemory());
    await loading;
    await expect(handle.use(testCall())).rejects.toMatchObject({ code: "cancelled" });
    await expect(handle.open(testCall())).rejects.toMatchObject({ code: "cancelled" });
  });

  it("that nobody used starts nothing to be closed", async () => {
    const start = vi.fn(async () => runner());
    await handleOver(runner(), { start }).close();
    expect(start).not.toHaveBeenCalled();
  });
});

describe("a model that is not here", () => {
  it("is not downloaded before it is used", () => {
    const { handle, pulls } = handleOfAbsent(runner());
    expect(handle.status()).toEqual({ ...KNOWN, state: "idle", isAbsent: true });
    expect(pulls).toHaveLength(0);
  });

  it("is downloaded by the first use, once, and every use says how far it is and how to do it beforehand", async () => {
    const { handle, pulls } = handleOfAbsent(runner());
    await expect(handle.use(testCall())).rejects.toMatchObject({
      code: "model_missing",
      message: "org/model is being downloaded: 0 %.",
    });
    pulls[0]?.progress(42, 100);
    for (const use of [handle.use(testCall()), handle.open(testCall())]) {
      await expect(use).rejects.toMatchObject({
        code: "model_missing",
        message: "org/model is being downloaded: 42 %.",
        remedy: expect.stringContaining(COMMAND),
        retryAfterMs: 5_000,
      });
    }
    expect(handle.status()).toEqual({ ...KNOWN, state: "downloading", downloadPercent: 42 });
    expect(pulls).toHaveLength(1);
  });

  it("is not downloaded for a caller that has left", async () => {
    const { handle, pulls } = handleOfAbsent(runner());
    await expect(handle.use(abortedCall())).rejects.toMatchObject({ code: "cancelled" });
    expect(pulls).toHaveLength(0);
  });

  it("is loaded by the next use as soon as its files are here", async () => {
    const made = runner();
    const { handle, pulls } = handleOfAbsent(made);
    await expect(handle.use(testCall())).rejects.toThrow("downloaded");
    pulls[0]?.succeed();
    await settled();
    expect(handle.status()).toEqual({ ...KNOWN, state: "idle", processes: 0 });
    const use = handle.use(testCall());
    await settled();
    made.loads[0]?.succeed();
    expect(await use).toBe(made);
  });

  it("whose download failed is not tried again before a pause is over, and says so", async () => {
    const { handle, pulls, pass } = handleOfAbsent(runner());
    await expect(handle.use(testCall())).rejects.toThrow("downloaded");
    pulls[0]?.fail(new AppError("model_missing", "no route", { remedy: "Check the network." }));
    await settled();
    expect(handle.status()).toEqual({ ...KNOWN, state: "failed", error: "no route", remedy: "Check the network." });
    pass(59_000);
    await expect(handle.use(testCall())).rejects.toMatchObject({
      code: "model_missing",
      message: "no route",
      remedy: `Check the network. The next try is made in 1 s; or run ${COMMAND}.`,
      retryAfterMs: 1_000,
    });
    expect(pulls).toHaveLength(1);
    pass(1_000);
    await expect(handle.use(testCall())).rejects.toThrow("0 %");
    expect(pulls).toHaveLength(2);
  });

  it("and is not to be downloaded says why, and works when somebody else brings its files", async () => {
    const refusal = () => new AppError("model_missing", "downloads are off", { remedy: "Pull it." });
    const made = runner();
    let isHere = false;
    const handle = handleOver(made, {
      missing: () => (isHere ? [] : [{ file: "model.onnx" }]),
      downloadRefusal: refusal,
      pull: () => expect.unreachable("downloaded"),
    });
    expect(handle.status()).toEqual({ ...KNOWN, state: "failed", error: "downloads are off", remedy: "Pull it." });
    await expect(handle.use(testCall())).rejects.toMatchObject({
      message: "downloads are off",
      retryAfterMs: undefined,
    });
    isHere = true;
    expect(await handle.open(testCall())).toBe(made);
  });

  it("any more is downloaded again, and served by another runner", async () => {
    const [first, second] = [runner(), runner()];
    const start = vi.fn(async () => second).mockImplementationOnce(async () => first);
    const { handle, pulls, vanish } = handleOfAbsent(first, { start });
    await expect(handle.open(testCall())).rejects.toThrow("downloaded");
    pulls[0]?.succeed();
    await settled();
    const failed = expect(handle.use(testCall())).rejects.toThrow("gone");
    await settled();
    vanish();
    first.loads[0]?.fail(new AppError("model_missing", "gone", { remedy: "-" }));
    await failed;
    await expect(handle.use(testCall())).rejects.toThrow("downloaded");
    pulls[1]?.succeed();
    await settled();
    expect(first.closed).toBe(true);
    expect(await handle.open(testCall())).toBe(second);
  });

  it("ends its download when it is closed", async () => {
    const { handle, pulls } = handleOfAbsent(runner());
    await expect(handle.use(testCall())).rejects.toThrow("downloaded");
    await handle.close();
    expect(pulls[0]?.signal.aborted).toBe(true);
    await expect(handle.use(testCall())).rejects.toMatchObject({ code: "cancelled" });
  });
});

describe("a model whose device is not to be had", () => {
  const error = new AppError("config", "no CUDA", { remedy: "Install it." });
  const handle = handleOver(runner(), {
    device: { device: "cuda", error },
    start: () => expect.unreachable("started"),
  });

  it("says so for good, whatever it is asked for", async () => {
    expect(handle.status()).toEqual({
      ...KNOWN,
      device: "cuda",
      state: "failed",
      error: "no CUDA",
      remedy: "Install it.",
    });
    expect(() => handle.assertUsable()).toThrow(expect.objectContaining({ code: "config", message: "no CUDA" }));
    for (const use of [handle.use(testCall()), handle.open(testCall())]) {
      await expect(use).rejects.toMatchObject({ code: "config", message: "no CUDA", remedy: "Install it." });
    }
  });

  it("and that runs on another one carries that", () => {
    const onCpu = handleOver(runner(), { device: { device: "cpu", degraded: "device_fallback" } });
    expect([onCpu.device, onCpu.degraded]).toEqual(["cpu", "device_fallback"]);
    expect(handleOver(runner()).degraded).toBeUndefined();
  });
});
