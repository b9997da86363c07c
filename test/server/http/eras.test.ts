/** Both protocol eras on one endpoint: sessions without state, cancellation, streams, and clients that leave. */
import { request as nodeRequest } from "node:http";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import type { App } from "#src/app/app.js";
import type { Call } from "#src/core/call.js";
import { abortReason, cancelledError } from "#src/core/errors.js";
import type { Job } from "#src/core/job.js";
import { Sessions } from "#src/server/http/session-id.js";
import { FakeApp } from "../connect.js";
import { type Answer, INITIALIZE, JSON_HEADERS, messagesIn, type Serving, serve } from "./serve.js";

const READING = { name: "get_document", arguments: { uri: "aura://docs/files/a.md" } };
const REINDEX = { name: "reindex", arguments: { source: ".", wait: true } };

const legacyCall = (id: unknown, params: object) => ({ jsonrpc: "2.0", id, method: "tools/call", params });
const cancel = (requestId: unknown) => ({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId } });

const META = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "modern", version: "2" },
  "io.modelcontextprotocol/clientCapabilities": {},
};
const modernHeaders = (name: string) => ({
  "mcp-protocol-version": "2026-07-28",
  "mcp-method": "tools/call",
  "mcp-name": name,
});
const modernCall = (id: unknown, params: { name: string }) => legacyCall(id, { ...params, _meta: META });

/** Documents and jobs that take until they are let go of or cancelled. */
function slowParts() {
  const calls: Call[] = [];
  const cancelled: string[] = [];
  const ends: (() => void)[] = [];
  const job: Job = {
    id: "job",
    collection: "docs",
    source: ".",
    mode: "incremental",
    state: "running",
    phase: "reading",
    dryRun: false,
    documents: { seen: 0, added: 0, changed: 0, unchanged: 0, removed: 0 },
    chunks: 0,
    skipped: [],
    skippedTotal: 0,
    failed: [],
    failedTotal: 0,
    startedAt: "",
    updatedAt: "",
    elapsedMs: 0,
    owner: "",
  };
  const parts = {
    readDocument: (call: Call) =>
      new Promise<never>((_, fail) => {
        calls.push(call);
        ends.push(() => fail(new Error("let go")));
        call.signal.addEventListener("abort", () => fail(abortReason(call.signal)));
      }),
    reindex(call: Call) {
      calls.push(call);
      let end = () => {};
      const done = new Promise<object>((resolve) => {
        end = () => resolve({ ...job, state: "done" });
      });
      ends.push(() => end());
      const stop = () => {
        cancelled.push(String(call.principal.id));
        end();
      };
      return { done, cancel: stop, tracker: { id: "job", job } };
    },
  } as unknown as Partial<App>;
  const begun = (count: number) => expect.poll(() => calls.length).toBe(count);
  return { parts, calls, cancelled, begun, letGo: () => void ends.map((end) => end()) };
}

async function sessionOf({ post }: Serving, name = "raw"): Promise<string> {
  const { params } = INITIALIZE;
  const { headers } = await post({ ...INITIALIZE, params: { ...params, clientInfo: { name, version: "1.0" } } });
  return headers["mcp-session-id"] as string;
}

/** A request that can be broken off. */
function start({ port }: Serving, message: object, headers: object = {}) {
  const request = nodeRequest({
    host: "127.0.0.1",
    port,
    path: "/mcp",
    method: "POST",
    headers: { ...JSON_HEADERS, ...headers },
    agent: false,
  });
  let heard = "";
  const opened = new Promise<void>((done) => {
    request.on("response", (response) => {
      done();
      response.on("data", (part) => {
        heard += part;
      });
      response.on("error", () => undefined);
    });
  });
  request.on("error", () => undefined);
  request.end(JSON.stringify(message));
  return { opened, heard: () => heard, leave: () => request.destroy() };
}

describe("a session of the earlier era", () => {
  it("is named by the server, and names the client of every call", async () => {
    const app = new FakeApp();
    const serving = await serve({ app });
    const session = await sessionOf(serving, "Some Client");
    await serving.post(legacyCall(1, READING), { "mcp-session-id": session });
    expect(app.recorded[0]).toMatchObject({
      client: { name: "Some Client", version: "1.0" },
      call: { principal: { id: "local" } },
    });
  });

  it("is kept nowhere: another server with the same key reads it, and without it any server answers", async () => {
    const session = new Sessions(new Uint8Array(32)).issue("local", { name: "elsewhere", version: "3" });
    expect(new Sessions(new Uint8Array(32)).read(session, "local")?.client).toEqual({
      name: "elsewhere",
      version: "3",
    });
    const app = new FakeApp();
    const { post } = await serve({ app });
    for (const id of [session, "unknown", "a.b", ".", "", "x".repeat(5_000), `${session}x`]) {
      const answer = await post(legacyCall(1, READING), { "mcp-session-id": id });
      expect([id, answer.status]).toEqual([id, 200]);
    }
    expect((await post(legacyCall(1, READING))).status).toBe(200);
    for (const { client } of app.recorded) expect(client).toBeUndefined();
  });

  it("belongs to its principal, and is changed by nobody", () => {
    const sessions = new Sessions();
    const id = sessions.issue("ann", { name: "c", version: "1" });
    expect(sessions.read(id, "ann")).toBeDefined();
    expect(sessions.read(id, "bob")).toBeUndefined();
    const [payload = "", signature = ""] = id.split(".");
    const forged = Buffer.from(JSON.stringify(["0", "ann", "c", "1"])).toString("base64url");
    for (const other of [`${forged}.${signature}`, `${payload}.`, payload, `${payload}.${signature.slice(0, -4)}AAAA`])
      expect(sessions.read(other, "ann")).toBeUndefined();
  });

  it("is short, whatever the client calls itself", async () => {
    const id = new Sessions().issue("local", { name: "é\ud800".repeat(5_000), version: "9".repeat(5_000) });
    expect(id.length).toBeLessThan(512);
    expect(id).toMatch(/^[\x21-\x7e]+$/);
  });

  it("is not given to clients of the later era, nor to one that is refused", async () => {
    const { post } = await serve();
    const later = await post(modernCall(1, READING), modernHeaders("get_document"));
    expect([later.status, later.headers["mcp-session-id"]]).toEqual([200, undefined]);
    const refused = await post(INITIALIZE, { accept: "text/plain" });
    expect([refused.status, refused.headers["mcp-session-id"]]).toEqual([406, undefined]);
  });
});

describe("a call of the earlier era", () => {
  it("ends when its client cancels it, without an answer", async () => {
    const slow = slowParts();
    const serving = await serve({ parts: slow.parts });
    const headers = { "mcp-session-id": await sessionOf(serving) };
    const answer = serving.post(legacyCall(7, READING), headers);
    await slow.begun(1);
    expect((await serving.post(cancel(7), headers)).status).toBe(202);
    expect(messagesIn(await answer)).toEqual([]);
    expect(slow.calls[0]?.signal.aborted).toBe(true);
    expect(serving.app.recorded).toMatchObject([{ status: "cancelled" }]);
  });

  it("that is a reindex has its job ended", async () => {
    const slow = slowParts();
    const serving = await serve({ parts: slow.parts });
    const headers = { "mcp-session-id": await sessionOf(serving) };
    const answer = serving.post(legacyCall("7", REINDEX), headers);
    await slow.begun(1);
    await serving.post(cancel("7"), headers);
    await answer;
    expect(slow.cancelled).toEqual(["local"]);
  });

  it("is not ended by another session, another type of id, or an id of nothing", async () => {
    const slow = slowParts();
    const serving = await serve({ parts: slow.parts });
    const headers = { "mcp-session-id": await sessionOf(serving) };
    const answer = serving.post(legacyCall(7, READING), headers);
    await slow.begun(1);
    const others = { "mcp-session-id": await sessionOf(serving) };
    for (const [message, by] of [
      [cancel(7), others],
      [cancel(7), {}],
      [cancel("7"), headers],
      [cancel(8), headers],
      [cancel(null), headers],
      [{ ...cancel(7), params: {} }, headers],
    ] as const)
      expect((await serving.post(message, by)).status).toBe(202);
    expect(slow.calls[0]?.signal.aborted).toBe(false);
    slow.letGo();
    expect(messagesIn(await answer)).toMatchObject([{ id: 7 }]);
  });

  it("in a batch ends alone", async () => {
    const slow = slowParts();
    const serving = await serve({ parts: slow.parts });
    const answer = serving.post([legacyCall(1, READING), legacyCall(2, READING)]);
    await slow.begun(2);
    await serving.post(cancel(1));
    await expect.poll(() => slow.calls[0]?.signal.aborted).toBe(true);
    expect(slow.calls[1]?.signal.aborted).toBe(false);
    slow.letGo();
    expect(messagesIn(await answer).map(({ id }) => id)).toEqual([2]);
  });

  it("ends when its client leaves, but for a reindex, which goes on as a job", async () => {
    const slow = slowParts();
    const serving = await serve({ parts: slow.parts });
    const read = start(serving, legacyCall(1, READING));
    await slow.begun(1);
    const left = performance.now();
    read.leave();
    await vi.waitUntil(() => slow.calls[0]?.signal.aborted, { interval: 2 });
    expect(performance.now() - left).toBeLessThan(100);
    const reindex = start(serving, legacyCall(2, REINDEX));
    await slow.begun(2);
    await reindex.opened;
    reindex.leave();
    await new Promise((done) => setTimeout(done, 200));
    expect(slow.calls[1]?.signal.aborted).toBe(false);
    expect(slow.cancelled).toEqual([]);
    slow.letGo();
    await expect.poll(() => serving.app.recorded.map(({ status }) => status)).toEqual(["cancelled", "ok"]);
  });
});

describe("a call of the later era", () => {
  it("ends when its client leaves, a reindex too", async () => {
    const slow = slowParts();
    const serving = await serve({ parts: slow.parts });
    for (const [index, params] of [READING, REINDEX].entries()) {
      const call = start(serving, modernCall(1, params), modernHeaders(params.name));
      await slow.begun(index + 1);
      const left = performance.now();
      call.leave();
      await vi.waitUntil(() => slow.calls[index]?.signal.aborted, { interval: 2 });
      expect(performance.now() - left).toBeLessThan(100);
    }
    expect(slow.cancelled).toEqual(["local"]);
  });

  it("does not end by a message of the earlier era", async () => {
    const slow = slowParts();
    const serving = await serve({ parts: slow.parts });
    const answer = serving.post(modernCall(7, READING), modernHeaders("get_document"));
    await slow.begun(1);
    const version = { "mcp-protocol-version": "2026-07-28", "mcp-method": "notifications/cancelled" };
    const message = { ...cancel(7), params: { requestId: 7, _meta: META } };
    expect((await serving.post(message, version)).status).toBe(202);
    expect((await serving.post(cancel(7))).status).toBe(202);
    expect(slow.calls[0]?.signal.aborted).toBe(false);
    slow.letGo();
    expect((await answer).status).toBe(200);
  });

  it("pays no heed to a session, or to where a stream broke off", async () => {
    const app = new FakeApp();
    const serving = await serve({ app });
    const session = await sessionOf(serving);
    const headers = { ...modernHeaders("get_document"), "mcp-session-id": session, "last-event-id": "7" };
    const answer = await serving.post(modernCall(1, READING), headers);
    expect([answer.status, answer.headers["mcp-session-id"]]).toEqual([200, undefined]);
    expect(app.recorded[0]?.client).toEqual({ name: "modern", version: "2" });
  });
});

describe("versions and headers", () => {
  const code = ({ text }: Answer) => JSON.parse(text).error.code;

  it("a version that is unknown is refused with 400, none stands for 2025-03-26", async () => {
    const { post } = await serve();
    expect((await post(legacyCall(1, READING), { "mcp-protocol-version": "1999-01-01" })).status).toBe(400);
    expect((await post(legacyCall(1, READING))).status).toBe(200);
  });

  it("headers that say otherwise than the body are refused with 400 and −32020", async () => {
    const { post } = await serve();
    for (const wrong of [
      { ...modernHeaders("get_document"), "mcp-name": "reindex" },
      { ...modernHeaders("get_document"), "mcp-method": "tools/list" },
      { ...modernHeaders("get_document"), "mcp-protocol-version": "2025-11-25" },
    ]) {
      const answer = await post(modernCall(1, READING), wrong);
      expect([answer.status, code(answer)]).toEqual([400, -32_020]);
    }
  });

  it("a name in the header may be written in Base64", async () => {
    const { post } = await serve();
    const name = `=?base64?${Buffer.from("get_document").toString("base64")}?=`;
    expect((await post(modernCall(1, READING), modernHeaders(name))).status).toBe(200);
  });

  it("a trace in the header is taken where the message has none", async () => {
    const app = new FakeApp();
    const { post } = await serve({ app });
    const trace = (digit: string) => `00-${digit.repeat(32)}-${"1".repeat(16)}-01`;
    await post(legacyCall(1, READING), { traceparent: trace("a") });
    await post(legacyCall(2, { ...READING, _meta: { traceparent: trace("b") } }), { traceparent: trace("c") });
    expect(app.recorded.map(({ call }) => call.trace.traceId)).toEqual(["a".repeat(32), "b".repeat(32)]);
  });
});

describe("a stream", () => {
  it("begins at once, in both eras, however long the answer takes", async () => {
    const slow = slowParts();
    const serving = await serve({ parts: slow.parts });
    for (const call of [
      start(serving, legacyCall(1, READING)),
      start(serving, legacyCall(2, REINDEX)),
      start(serving, modernCall(3, REINDEX), modernHeaders("reindex")),
    ]) {
      await call.opened;
      await expect.poll(call.heard).toBe(": open\n\n");
    }
    slow.letGo();
  });

  it("has a comment every 15 s, for proxies that cut what is quiet", async () => {
    vi.useFakeTimers({ toFake: ["setInterval"] });
    onTestFinished(() => void vi.useRealTimers());
    const slow = slowParts();
    const serving = await serve({ parts: slow.parts });
    const calls = [
      start(serving, legacyCall(1, READING)),
      start(serving, modernCall(2, REINDEX), modernHeaders("reindex")),
    ];
    await slow.begun(2);
    vi.advanceTimersByTime(30_000);
    for (const { heard } of calls)
      await vi.waitUntil(() => heard().replace(": open", "").match(/^:/gm)?.length === 2, { timeout: 5_000 });
    slow.letGo();
  });

  it("passes proxies that would collect or keep it", async () => {
    const { post } = await serve();
    const { headers } = await post(INITIALIZE);
    expect(headers).toMatchObject({
      "content-type": "text/event-stream",
      "cache-control": "no-cache, no-transform",
      "x-accel-buffering": "no",
    });
    const plain = await post(modernCall(1, READING), modernHeaders("get_document"));
    expect(plain.headers).toMatchObject({ "content-type": "application/json", "cache-control": "no-store" });
  });

  it("of changes ends at once, since there are none: nobody can hold one", async () => {
    const { post } = await serve();
    const notifications = { toolsListChanged: true, resourceSubscriptions: ["aura://docs/files/a.md"] };
    const params = { _meta: META, notifications };
    const headers = { "mcp-protocol-version": "2026-07-28", "mcp-method": "subscriptions/listen" };
    const answer = await post({ jsonrpc: "2.0", id: 1, method: "subscriptions/listen", params }, headers);
    expect(messagesIn(answer)).toMatchObject([
      { method: "notifications/subscriptions/acknowledged", params: { notifications: {} } },
      { id: 1, result: { resultType: "complete" } },
    ]);
  });
});

it("a reindex of a caller who would wait for ever is answered after 25 s", async () => {
  const slow = slowParts();
  const serving = await serve({ parts: slow.parts });
  vi.useFakeTimers({ toFake: ["setTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const answer = serving.post(legacyCall(1, REINDEX));
  await vi.waitUntil(() => slow.calls.length === 1);
  await vi.advanceTimersByTimeAsync(25_000);
  const [{ result }] = messagesIn(await answer);
  expect(result.structuredContent.job).toMatchObject({ id: "job", state: "running" });
  slow.letGo();
});

it("a call that is refused a rate is told so in its answer", async () => {
  const app = new FakeApp();
  app.limit = 250;
  const { post } = await serve({ app });
  const answer = await post(legacyCall(1, READING));
  expect(answer.status).toBe(200);
  expect(messagesIn(answer)).toMatchObject([
    { result: { isError: true, structuredContent: { error: { code: "rate_limited", retry_after_ms: 250 } } } },
  ]);
});

it("errors of our own in a call do not reach the status", async () => {
  const parts = { readDocument: () => Promise.reject(cancelledError()) } as unknown as Partial<App>;
  const { post } = await serve({ parts });
  expect((await post(legacyCall(1, READING))).status).toBe(200);
});
