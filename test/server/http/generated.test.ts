/** Requests by chance: whatever comes, the status is meant, the reason is one line, and nothing that was sent comes back. */

import { Agent, request as nodeRequest } from "node:http";
import { connect } from "node:net";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import { INITIALIZE, JSON_HEADERS, serve } from "./serve.js";

const RUNS = Number(process.env.GENERATED_INPUTS ?? 1_000);
const SECRET = "sEcReT-1x2y3z";
const MEANT = new Set([200, 202, 204, 400, 403, 404, 405, 406, 413, 415]);

const call = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "retrieve", arguments: { query: "q" } } };
const meta = { "io.modelcontextprotocol/protocolVersion": "2026-07-28" };

const path = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("/mcp", "/mcp?x") },
  fc.constantFrom("/readyz", "/livez", "/", `/${SECRET}`),
  fc.webPath().map((each) => `/${each}`),
);
const wild = fc.record(
  {
    host: fc.constantFrom("localhost", "127.0.0.1:1", SECRET, `${SECRET}@localhost`, "[::1", ""),
    origin: fc.constantFrom("null", `https://${SECRET}`, "http://localhost"),
    accept: fc.constantFrom("*/*", JSON_HEADERS.accept, "application/json", SECRET),
    "content-type": fc.constantFrom("application/json", "application/json; charset=utf-8", "text/plain", SECRET),
    "content-encoding": fc.constantFrom("identity", "gzip", SECRET),
    authorization: fc.constantFrom(`Bearer ${SECRET}`, `Basic ${SECRET}`),
    "mcp-session-id": fc.oneof(fc.constant(SECRET), fc.base64String(), fc.constant(".")),
    "mcp-protocol-version": fc.constantFrom("2025-03-26", "2025-11-25", "2026-07-28", "1", ""),
    "mcp-method": fc.constantFrom("tools/call", "tools/list", "ping", "=?base64?!?="),
    "mcp-name": fc.constantFrom("retrieve", "=?base64?cmV0cmlldmU=?=", "=?base64?!?="),
    "last-event-id": fc.constant("7"),
    traceparent: fc.constantFrom("00-0-0-00", `00-${"a".repeat(32)}-${"b".repeat(16)}-01`),
  },
  { requiredKeys: [] },
);
/** Most go as far as the message. */
const headers = fc.oneof(
  {
    weight: 4,
    arbitrary: wild.map(({ "mcp-session-id": session, traceparent, authorization }) => {
      const harmless = { "mcp-session-id": session, traceparent, authorization };
      const given = Object.entries(harmless).filter(([, value]) => value !== undefined);
      return { ...Object.fromEntries(given), ...JSON_HEADERS };
    }),
  },
  { weight: 1, arbitrary: wild },
);
const right = [INITIALIZE, call, { ...call, params: { ...call.params, _meta: meta } }, [call, call], []];
const message = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<unknown>(...right) },
  fc.record(
    {
      jsonrpc: fc.constantFrom<unknown>("2.0", "1.0", 2),
      id: fc.oneof(fc.integer(), fc.string(), fc.constantFrom<unknown>(null, 1.5, {})),
      method: fc.oneof(fc.constantFrom<unknown>("ping", "tools/list", "notifications/cancelled", 7), fc.string()),
      params: fc.oneof(fc.jsonValue(), fc.constantFrom<unknown>({ requestId: 1 }, { _meta: meta }, { _meta: 7 })),
      result: fc.jsonValue(),
    },
    { requiredKeys: [] },
  ),
  fc.jsonValue(),
);
const body = fc.oneof(
  { weight: 3, arbitrary: message.map((value) => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.constantFrom("", SECRET, `{"${SECRET}"`, "x".repeat(5_000)) },
);

it("requests", { timeout: 60_000 + RUNS * 30 }, async () => {
  const { port, ask } = await serve({ http: { maxBodyBytes: 4_096 } });
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  onTestFinished(() => agent.destroy());
  const method = fc.constantFrom("POST", "POST", "POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE");
  const send = (asked: { method: string; path: string; headers: object; body: string | Buffer }) =>
    new Promise<{ status: number; text: string; headers: object }>((done, fail) => {
      const sent = ["GET", "HEAD", "TRACE"].includes(asked.method) ? undefined : asked.body;
      // Node leaves the length out where a method has no body as a rule, and what follows is no request.
      const length = sent === undefined ? {} : { "content-length": Buffer.byteLength(sent) };
      const options = { ...asked, headers: { ...asked.headers, ...length }, host: "127.0.0.1", port, agent };
      const request = nodeRequest(options, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => {
          text += part;
        });
        response.on("end", () => done({ status: response.statusCode ?? 0, text, headers: response.headers }));
        response.on("error", fail);
      });
      request.on("error", fail);
      request.end(sent);
    });
  const asked = fc.record({ method, path, headers, body });
  let served = 0;
  await fc.assert(
    fc.asyncProperty(asked, async (each) => {
      const { status, text, headers: answered } = await send(each);
      expect(MEANT).toContain(status);
      if (each.method === "POST" && status < 300) served++;
      expect(JSON.stringify(answered)).not.toContain(SECRET);
      if (status < 400 || each.method === "HEAD") return;
      const { error } = JSON.parse(text);
      expect(error.message).toMatch(/^[^\n]{5,300}$/);
      expect(text).not.toContain(SECRET);
    }),
    { numRuns: RUNS },
  );
  expect(served).toBeGreaterThan(RUNS / 50);
  expect((await ask({ path: "/livez" })).status).toBe(200);
});

it("bytes", { timeout: 60_000 + RUNS * 10 }, async () => {
  const { port, ask } = await serve();
  const good = Buffer.from(
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: ${JSON_HEADERS.accept}\r\n` +
      `Content-Length: ${JSON.stringify(call).length}\r\nConnection: close\r\n\r\n${JSON.stringify(call)}`,
  );
  const broken = fc.record({ at: fc.nat(good.length - 1), bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(broken, { minLength: 1, maxLength: 4 }), async (changes) => {
      const sent = Buffer.from(good);
      for (const { at, bytes } of changes) sent.set(bytes.slice(0, good.length - at), at);
      const heard = await new Promise<string>((done) => {
        const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
        let text = "";
        socket.on("data", (part) => {
          text += part;
        });
        socket
          .on("error", () => done(text))
          .on("close", () => done(text))
          .on("end", () => socket.end());
        socket.end(sent);
      });
      expect(heard === "" || /^HTTP\/1\.1 [1-4]\d\d /.test(heard), heard).toBe(true);
    }),
    { numRuns: Math.ceil(RUNS / 4) },
  );
  expect((await ask({ path: "/livez" })).status).toBe(200);
});
