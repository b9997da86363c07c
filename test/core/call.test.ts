import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { Access } from "#src/core/access.js";
import { backgroundCall, branch, openCall, timings } from "#src/core/call.js";
import { AppError, abortReason, cancelledError } from "#src/core/errors.js";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

const ANN = { principal: { id: "ann" }, access: Access.to(["docs"]) };
const ended = (signal: AbortSignal) =>
  new Promise<AppError>((done) => signal.addEventListener("abort", () => done(abortReason(signal)), { once: true }));

describe("a call", () => {
  it("ends with its caller, as cancelled", async () => {
    const caller = new AbortController();
    const { call } = openCall({ ...ANN, signal: caller.signal });
    const end = ended(call.signal);
    caller.abort();
    expect((await end).code).toBe("cancelled");
  });

  it("ends at its deadline though garbage is collected and nobody holds its signal", async () => {
    const began = performance.now();
    const end = (() => ended(branch(openCall({ ...ANN, timeoutMs: 200 }).call).call.signal))();
    const collecting = setInterval(collectGarbage, 10);
    expect((await end).code).toBe("timeout");
    clearInterval(collecting);
    expect(performance.now() - began).toBeGreaterThan(150);
  });

  it("that has ended keeps no timer, and hears its caller no more", async () => {
    const caller = new AbortController();
    const { call, end } = openCall({ ...ANN, signal: caller.signal, timeoutMs: 20 });
    end();
    caller.abort();
    await new Promise((done) => setTimeout(done, 60));
    expect(call.signal.aborted).toBe(false);
  });

  it("of a caller that has left already is aborted from the start", () => {
    expect(openCall({ ...ANN, signal: AbortSignal.abort() }).call.signal.aborted).toBe(true);
  });

  it("takes its trace from a W3C header, and begins one where that is none", () => {
    const traceOf = (traceparent?: string) => openCall({ ...ANN, traceparent }).call.trace;
    expect(traceOf("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")).toMatchObject({
      traceId: "0af7651916cd43dd8448eb211c80319c",
      parentId: "b7ad6b7169203331",
    });
    for (const none of [undefined, "nonsense", `00-${"0".repeat(32)}-b7ad6b7169203331-01`]) {
      expect(traceOf(none).traceId).toMatch(/^[0-9a-f]{32}$/);
      expect(traceOf(none).parentId).toBeUndefined();
    }
  });

  it("in the background has no caller and no deadline", () => {
    expect(backgroundCall("a test")).toMatchObject({ principal: { id: "server" }, deadline: undefined });
  });
});

describe("a branch of a call", () => {
  it("ends with the call, with another signal, or by itself, and then alone", async () => {
    const caller = new AbortController();
    const { call } = openCall({ ...ANN, signal: caller.signal });
    const lost = new AbortController();
    const byOther = branch(call, lost.signal);
    lost.abort(new AppError("conflict", "The lease is lost.", { remedy: "Try again." }));
    expect(abortReason(byOther.call.signal).code).toBe("conflict");
    const byItself = branch(call);
    byItself.abort(cancelledError());
    expect([byItself.call.signal.aborted, call.signal.aborted]).toEqual([true, false]);
    const withCall = branch(call);
    caller.abort();
    expect(withCall.call.signal.aborted).toBe(true);
  });

  it("shares the record of the call", () => {
    const { call } = openCall(ANN);
    branch(call).call.stages.push({ name: "search", ms: 2, status: "ok", attrs: {} });
    branch(call).call.stages.push({ name: "search", ms: 3, status: "ok", attrs: {} });
    expect(timings(call, 7)).toEqual({ search: 5, total: 7 });
  });

  it("leaves no listener behind once it has ended", () => {
    const { call } = openCall(ANN);
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on("warning", onWarning);
    for (let i = 0; i < 100; i++) branch(call).end();
    process.off("warning", onWarning);
    expect(warnings).toEqual([]);
  });
});
