import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Access } from "#src/core/access.js";
import type { Progress } from "#src/core/call.js";
import { AppError } from "#src/core/errors.js";
import { noCollection } from "#src/core/not-found.js";
import { testProfile } from "../support/profile.js";
import { FakeEdge, type Probe } from "./edge.js";

const never: Probe["run"] = () => new Promise(() => undefined);
const limited = () => {
  throw new AppError("rate_limited", "Too many.", { remedy: "Wait.", retryAfterMs: 250 });
};
/** Nothing that a store or a person can hold, and nothing that the schema allows. */
const BROKEN = { query: "a\0b", top_k: "many" };

describe("a call that is answered", () => {
  it("reaches the operation as its schema reads it, with who asks and what they may reach", async () => {
    const edge = new FakeEdge();
    const { outcome, error } = await edge.answer();
    expect(error).toBeUndefined();
    expect(outcome?.value).toEqual({ top: 10 });
    const [call] = edge.calls;
    expect(call?.principal).toEqual({ id: "ann" });
    expect(call?.access.allows("docs")).toBe(true);
    expect(call?.access.allows("others")).toBe(false);
  });

  it("is recorded once, as it came and as it went", async () => {
    const edge = new FakeEdge();
    const client = { name: "host", version: "1" };
    const raw = { query: "q", top_k: 3 };
    const summary = { results: 0, emptyReason: "no_match" } as const;
    await edge.answer(
      async (call) => {
        call.stages.push({ name: "search", ms: 1, status: "ok", attrs: {} });
        return { value: { top: 3 }, text: "", summary };
      },
      { client, raw },
    );
    expect(edge.recorded).toEqual([
      {
        call: edge.calls[0],
        operation: expect.objectContaining({ name: "probe" }),
        client,
        flags: { hybrid: true, rerank: false, expansion: false, pseudo_embeddings: true },
        status: "ok",
        errorCode: undefined,
        durationMs: expect.any(Number),
        input: raw,
        output: summary,
      },
    ]);
    expect(edge.recorded[0]?.call.stages).toMatchObject([{ name: "search" }]);
  });

  it("is recorded with the flags of the profile that answers it, in an error too", async () => {
    const edge = new FakeEdge();
    const reranking = { kind: "late-interaction", absent: "skip", topK: 10, budgetMs: 100 } as const;
    const profile: Probe["profile"] = (_app, { top_k }) =>
      top_k === 1 ? testProfile({ legs: "dense" }) : testProfile({ reranking });
    await edge.answer(undefined, { raw: { query: "q", top_k: 1 }, profile });
    await edge.answer(() => Promise.reject(new Error("no")), { profile });
    expect(edge.recorded.map(({ flags }) => flags)).toEqual([
      { hybrid: false, rerank: false, expansion: false, pseudo_embeddings: true },
      { hybrid: true, rerank: true, expansion: false, pseudo_embeddings: true },
    ]);
  });

  it("that names a profile which is not there is recorded with those of the default", async () => {
    const edge = new FakeEdge();
    const profile = () => {
      throw new AppError("bad_request", "No such profile.", { remedy: "Another." });
    };
    expect((await edge.answer(undefined, { profile })).error?.code).toBe("bad_request");
    expect(edge.recorded).toMatchObject([{ status: "error", flags: { hybrid: true, rerank: false } }]);
  });

  it("goes on with the trace of its caller, or begins one", async () => {
    const edge = new FakeEdge();
    const [traceId, parentId] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
    expect((await edge.answer(undefined, { traceparent: `00-${traceId}-${parentId}-01` })).trace).toBe(traceId);
    expect(edge.recorded[0]?.call.trace).toMatchObject({ traceId, parentId });
    const { trace } = await edge.answer();
    expect(trace).toMatch(/^[0-9a-f]{32}$/);
    expect(edge.recorded[1]?.call.trace.traceId).toBe(trace);
  });

  it("tells its caller of progress", async () => {
    const heard: Progress[] = [];
    const onProgress = (progress: Progress) => void heard.push(progress);
    await new FakeEdge().answer(
      async (call) => {
        call.onProgress?.({ done: 1, message: "half" });
        return { value: { top: 1 }, text: "" };
      },
      { onProgress },
    );
    expect(heard).toEqual([{ done: 1, message: "half" }]);
  });

  it.each([
    ["answered", async () => ({ value: { top: 1 }, text: "" })],
    ["refused", () => Promise.reject(new Error("no"))],
    ["out of time", never],
  ] satisfies [string, Probe["run"]][])(
    "tells of no progress once it is %s, though its work goes on",
    async (_, run) => {
      const heard: Progress[] = [];
      const edge = new FakeEdge(20);
      await edge.answer(run, { onProgress: (progress) => void heard.push(progress) });
      edge.calls[0]?.onProgress?.({ done: 2, message: "late" });
      expect(heard).toEqual([]);
    },
  );
});

describe("the rate limit", () => {
  it("comes before the input is looked at", async () => {
    const edge = new FakeEdge();
    edge.onAdmit = limited;
    const { error } = await edge.answer(undefined, { raw: BROKEN });
    expect(error).toMatchObject({ code: "rate_limited", retryAfterMs: 250 });
    expect(edge.admitted).toEqual(["ann"]);
    expect(edge.calls).toEqual([]);
    expect(edge.recorded).toMatchObject([{ status: "error", errorCode: "rate_limited", input: BROKEN }]);
  });

  it("is taken for a call that is rejected too, once for each", async () => {
    const edge = new FakeEdge();
    await edge.answer(undefined, { raw: BROKEN });
    await edge.answer();
    expect(edge.admitted).toEqual(["ann", "ann"]);
  });
});

describe("an input that does not fit", () => {
  it.each([
    ["broken text", { query: "a\0b" }, "Invalid input: input.query holds NUL."],
    ["a wrong value", { query: "", top_k: 51 }, /^Invalid input for probe: query: .+; top_k: .+\.$/],
    ["an unknown field", { query: "q", user: "u" }, /there is no field "user"; there are query, top_k, .*filter\.$/],
    ["a misspelt field", { query: "q", topk: 5 }, /there is no field "topk" \(did you mean top_k\?\); there are query/],
    ["broken text inside a text", { query: "q", filter: '{"a\\u0000":1}' }, /^Invalid input: .*NUL/],
    ["a wrong value inside", { query: "q", filter: { year: "x" } }, /filter\.year: /],
    ["no object", "q", /^Invalid input for probe: input: /],
    ["a list", [1], /^Invalid input for probe: input: /],
    ["nothing", null, /^Invalid input for probe: query: /],
  ])("is rejected: %s", async (_, raw, message) => {
    const edge = new FakeEdge();
    const { error } = await edge.answer(undefined, { raw });
    expect(error?.code).toBe("bad_request");
    expect(error?.message).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
    expect(edge.calls).toEqual([]);
    expect(edge.recorded).toMatchObject([{ status: "rejected", errorCode: "bad_request" }]);
    expect(edge.recorded[0]?.input).toEqual(typeof raw === "object" && raw && !Array.isArray(raw) ? raw : {});
  });

  it("is not quoted at length, however much of it is wrong", async () => {
    const filter = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${"x".repeat(500)}${i}`, "x"]));
    const { error } = await new FakeEdge().answer(undefined, { raw: { query: "q", filter } });
    expect(error?.message.length).toBeLessThan(1_100);
  });

  it("of an operation that throws bad_request itself is an error, not a rejection", async () => {
    const edge = new FakeEdge();
    await edge.answer(() => Promise.reject(new AppError("bad_request", "No such mode.", { remedy: "Another." })));
    expect(edge.recorded).toMatchObject([{ status: "error", errorCode: "bad_request" }]);
  });
});

describe("access", () => {
  const reach: Probe["run"] = async (call) => {
    call.access.collection("others");
    return { value: { top: 1 }, text: "" };
  };

  it("refuses a collection that the caller may not name as one that is not there", async () => {
    const edge = new FakeEdge();
    const { error } = await edge.answer(reach);
    const { code, message, remedy } = noCollection("others");
    expect(error).toMatchObject({ code, message, remedy });
    expect(edge.recorded).toMatchObject([{ status: "error", errorCode: "not_found" }]);
  });

  it("is the caller's own where it has one", async () => {
    const edge = new FakeEdge();
    expect((await edge.answer(reach, { access: Access.to(["others"]) })).error).toBeUndefined();
    expect((await edge.answer(reach, { access: Access.to([]) })).error?.code).toBe("not_found");
  });
});

describe("the deadline", () => {
  it("aborts the call's signal and answers, whatever the operation does", async () => {
    const edge = new FakeEdge(20);
    const { error } = await edge.answer(never);
    expect(error?.code).toBe("timeout");
    expect(edge.calls[0]?.signal.aborted).toBe(true);
    expect(edge.calls[0]?.signal.reason).toMatchObject({ code: "timeout" });
    expect(edge.recorded).toMatchObject([{ status: "error", errorCode: "timeout" }]);
  });

  it("is what an operation sees that ends because of it", async () => {
    const { error } = await new FakeEdge(20).answer(async (call) => {
      await wait(10_000, undefined, { signal: call.signal });
      return { value: { top: 1 }, text: "" };
    });
    expect(error?.code).toBe("timeout");
  });

  it("does not bound an operation without one", async () => {
    const edge = new FakeEdge(1);
    const slow: Probe["run"] = async () => {
      await wait(30);
      return { value: { top: 1 }, text: "" };
    };
    expect((await edge.answer(slow, { deadline: false })).outcome?.value).toEqual({ top: 1 });
    expect(edge.calls[0]?.deadline).toBeUndefined();
  });

  it("is over with the answer: nothing aborts afterwards", async () => {
    const edge = new FakeEdge(20);
    await edge.answer();
    await wait(40);
    expect(edge.calls[0]?.signal.aborted).toBe(false);
  });
});

describe("a caller that leaves", () => {
  it.each([true, false])("cancels the call, with a deadline: %s", async (deadline) => {
    const edge = new FakeEdge();
    const caller = new AbortController();
    const answering = edge.answer(
      (call) => new Promise((_, reject) => call.signal.addEventListener("abort", () => reject(new Error("torn")))),
      { signal: caller.signal, deadline },
    );
    caller.abort();
    expect((await answering).error?.code).toBe("cancelled");
    expect(edge.recorded).toMatchObject([{ status: "cancelled", errorCode: "cancelled" }]);
  });

  it("before its call began starts nothing", async () => {
    const edge = new FakeEdge();
    const { error } = await edge.answer(undefined, { signal: AbortSignal.abort(), deadline: false });
    expect(error?.code).toBe("cancelled");
    expect(edge.calls).toEqual([]);
    expect(edge.recorded).toMatchObject([{ status: "cancelled", errorCode: "cancelled" }]);
  });
});

describe("a failure", () => {
  it("keeps its code", async () => {
    const edge = new FakeEdge();
    const { error } = await edge.answer(() => Promise.reject(new AppError("store_down", "Gone.", { remedy: "Wait." })));
    expect(error).toMatchObject({ code: "store_down", message: "Gone." });
    expect(edge.recorded).toMatchObject([{ status: "error", errorCode: "store_down" }]);
  });

  it("that nobody foresaw is a bug, thrown late or at once", async () => {
    const edge = new FakeEdge();
    const cause = new TypeError("x is not a function");
    const atOnce = () => {
      throw cause;
    };
    for (const run of [() => Promise.reject(cause), atOnce]) {
      expect((await edge.answer(run)).error).toMatchObject({ code: "bug", cause });
    }
    expect(edge.recorded).toMatchObject([
      { status: "error", errorCode: "bug" },
      { status: "error", errorCode: "bug" },
    ]);
  });
});

describe("the log", () => {
  const run = () => Promise.reject(new TypeError("x is not a function"));

  it("has what nobody foresaw, by the trace that its caller was told", async () => {
    const edge = new FakeEdge();
    const { trace } = await edge.answer(run);
    expect(edge.logged).toEqual([
      {
        message: "a call ended with a bug",
        trace_id: trace,
        err: expect.objectContaining({ code: "bug", cause: expect.objectContaining({ type: "TypeError" }) }),
      },
    ]);
  });

  it("has nothing of what the caller can mend, nor of what a person at a terminal is shown anyway", async () => {
    const edge = new FakeEdge();
    await edge.answer(undefined, { raw: {} });
    await edge.answer(run, { isTyping: true });
    expect(edge.logged).toEqual([]);
  });
});

describe("a person at a terminal", () => {
  it("is not limited", async () => {
    const edge = new FakeEdge();
    edge.onAdmit = limited;
    expect((await edge.answer(undefined, { isTyping: true })).error).toBeUndefined();
    expect(edge.admitted).toEqual([]);
    expect(edge.recorded).toHaveLength(1);
  });

  it("is told of inputs by the names that are typed", async () => {
    const raw = { query: "", top_k: 51, min_score: 2, filter: { year: "x" } };
    const { error } = await new FakeEdge().answer(undefined, { isTyping: true, raw });
    expect(error?.code).toBe("bad_request");
    expect(error?.message).toMatch(/^<query>: .+; --top: .+; --min-score: .+; --filter year: .+\.$/);
    expect(error?.remedy).toContain("--help");
  });
});
