/** What is refused before a message is looked at, and in which order. */
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import type { App } from "#src/app/app.js";
import { Gate, type GateOptions } from "#src/server/http/gate.js";
import { askAt, INITIALIZE, JSON_HEADERS, messagesIn, raw, reasonIn, serve } from "./serve.js";

const initialize = JSON.stringify(INITIALIZE);
const post = { method: "POST", headers: JSON_HEADERS, body: initialize };

describe("the endpoint", () => {
  it("answers a handshake", async () => {
    const { ask } = await serve();
    const answer = await ask(post);
    expect(answer.status).toBe(200);
    expect(messagesIn(answer)).toMatchObject([{ id: 1, result: { serverInfo: { name: "aura-retrieval" } } }]);
  });

  it.each([
    ["/mcp", 200],
    ["/mcp?x=1", 200],
    ["/mcp/", 404],
    ["/mcpx", 404],
    ["//mcp", 404],
    ["/MCP", 404],
    ["/%6dcp", 404],
    ["/", 404],
    ["/metrics", 404],
    ["/.well-known/oauth-protected-resource", 404],
    ["/.well-known/oauth-protected-resource/mcp", 404],
  ])("of a POST to %s answers %d", async (path, status) => {
    const { ask } = await serve();
    expect((await ask({ ...post, path })).status).toBe(status);
  });

  it.each(["GET", "HEAD", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"])(
    "refuses %s with what it takes",
    async (method) => {
      const { ask } = await serve();
      const answer = await ask({ method });
      expect([answer.status, answer.headers.allow]).toEqual([405, "POST, OPTIONS"]);
    },
  );

  it("says what it takes when it is asked", async () => {
    const { ask } = await serve();
    const answer = await ask({ method: "OPTIONS" });
    expect([answer.status, answer.headers.allow]).toEqual([204, "POST, OPTIONS"]);
  });

  it.each(["*", "http://evil.example/mcp", "mcp", "127.0.0.1:80"])("never fails at the target %s", async (target) => {
    const { port } = await serve();
    const answer = await raw(port, `POST ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  });

  it("closes a connection that asks to be a tunnel", async () => {
    const { port } = await serve();
    expect(await raw(port, "CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\n\r\n")).not.toMatch(/ 200 /);
  });
});

describe("a Host", () => {
  it.each([
    "localhost",
    "localhost:1",
    "LOCALHOST:8765",
    "127.0.0.1",
    "127.0.0.1:65535",
    "[::1]",
    "[::1]:8765",
    "aura.example.com",
    "aura.example.com:443",
    "rag.internal:80",
  ])("%s is served", async (host) => {
    const { ask } = await serve({
      http: { publicUrl: "https://aura.example.com/mcp", allowedHosts: ["rag.internal"] },
    });
    expect((await ask({ ...post, headers: { ...JSON_HEADERS, host } })).status).toBe(200);
  });

  it.each([
    "evil.example",
    "localhost.evil.example",
    "evil-localhost",
    "localhost.",
    "localhost:",
    "localhost:99999",
    "localhost:80:80",
    "localhost:8x",
    "a@127.0.0.1",
    "localhost@evil.example",
    "127.0.0.1.evil.example",
    "2130706433",
    "127.1",
    "0.0.0.0",
    "[::]",
    "::1",
    "local host",
    "localhost/x",
  ])("%s is refused with what allows it", async (host) => {
    const { ask } = await serve();
    const answer = await ask({ ...post, headers: { ...JSON_HEADERS, host } });
    expect(answer.status).toBe(403);
    expect(reasonIn(answer)).toMatch(/HTTP_ALLOWED_HOSTS/);
    expect(answer.text).not.toContain("evil");
  });

  it("that is missing, or there twice, is refused", async () => {
    const { port } = await serve();
    expect(await raw(port, "POST /mcp HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.1 403 /);
    expect(await raw(port, "POST /mcp HTTP/1.1\r\nConnection: close\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
    const twice = "POST /mcp HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
    expect(await raw(port, twice)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe("an Origin", () => {
  const http = { publicUrl: "https://aura.example.com/mcp", allowedOrigins: ["https://tools.example.com"] };

  it("of this server, of its public address, or one that is allowed, is served and may read the answer", async () => {
    const { ask, port } = await serve({ http });
    const own = ["127.0.0.1", "localhost", "[::1]"].map((name) => `http://${name}:${port}`);
    for (const origin of [...own, "https://aura.example.com", "https://tools.example.com"]) {
      const { status, headers } = await ask({ ...post, headers: { ...JSON_HEADERS, origin } });
      expect([origin, status]).toEqual([origin, 200]);
      expect(headers["access-control-allow-origin"]).toBe(origin);
      expect(headers["access-control-expose-headers"]).toBe("Mcp-Session-Id, WWW-Authenticate, Retry-After");
      expect(headers.vary).toBe("Origin");
    }
  });

  it.each([
    "null",
    "",
    "http://localhost",
    "http://localhost:1",
    "https://evil.example",
    "http://aura.example.com",
    "https://aura.example.com:8443",
    "https://tools.example.com.evil.example",
    "https://TOOLS.example.com",
    "https://tools.example.com/",
    "file://",
    "chrome-extension://abcdef",
    "https://tools.example.com, https://evil.example",
  ])("%j is refused", async (origin) => {
    const { ask } = await serve({ http });
    const answer = await ask({ ...post, headers: { ...JSON_HEADERS, origin } });
    expect(answer.status).toBe(403);
    expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    expect(reasonIn(answer)).toMatch(/HTTP_ALLOWED_ORIGINS/);
  });

  it("that is allowed may ask first, and may read refusals", async () => {
    const { ask } = await serve({ http });
    const origin = "https://tools.example.com";
    const preflight = await ask({
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, Content-Type, mcp-session-id, mcp-protocol-version, x-evil",
      },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers["access-control-allow-origin"]).toBe(origin);
    expect(preflight.headers["access-control-allow-methods"]).toBe("POST");
    expect(preflight.headers["access-control-allow-headers"]).toBe(
      "authorization, content-type, mcp-session-id, mcp-protocol-version",
    );
    const refusal = await ask({ method: "POST", path: "/other", headers: { origin } });
    expect([refusal.status, refusal.headers["access-control-allow-origin"]]).toEqual([404, origin]);
  });

  it("that is not allowed may not ask first", async () => {
    const { ask } = await serve({ http });
    const headers = { origin: "https://evil.example", "access-control-request-method": "POST" };
    expect((await ask({ method: "OPTIONS", headers })).status).toBe(403);
  });
});

describe("of two rules that a request breaks, the first decides", () => {
  const host = { host: "evil.example" };
  const origin = { origin: "https://evil.example" };
  it.each([
    ["health before the host", { path: "/livez", headers: { ...host, ...origin } }, 200, ""],
    ["the host before the origin", { headers: { ...host, ...origin } }, 403, "HTTP_ALLOWED_HOSTS"],
    ["the host before the path", { path: "/x", headers: host }, 403, "HTTP_ALLOWED_HOSTS"],
    ["the origin before the path", { path: "/x", headers: origin }, 403, "HTTP_ALLOWED_ORIGINS"],
    ["the path before the method", { path: "/x", method: "DELETE" }, 404, "/mcp"],
    ["the method before the body", { method: "PUT", body: "no JSON" }, 405, "POST"],
    ["the encoding before the type", { method: "POST", headers: { "content-encoding": "gzip" } }, 415, "compressed"],
    [
      "the type before the size",
      { method: "POST", headers: { "content-type": "text/plain", "content-length": "9999999" }, body: "x" },
      415,
      "Content-Type",
    ],
  ])("%s", async (_name, asked, status, reason) => {
    const { ask } = await serve();
    const answer = await ask(asked);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(reason);
  });
});

it.each<[string, object]>([
  ["before the body", { authentication: { authenticate: () => Promise.reject(new Error("secret")) } }],
  [
    "after it",
    {
      exchanges: {
        begin() {
          throw new Error("secret");
        },
      },
    },
  ],
])("what nobody foresaw, %s, is answered with 500, without its words, and told to the log", async (_name, failing) => {
  const errors: unknown[] = [];
  const gate = new Gate({
    authentication: { authenticate: async () => ({ principal: { id: "ann" } }) },
    checkHost: () => undefined,
    checkOrigin: () => undefined,
    maxBodyBytes: 10_000,
    onBug: (error: unknown) => errors.push(error),
    readiness: { isAsked: () => false },
    ...failing,
  } as unknown as GateOptions);
  const server = createServer((request, response) => gate.handle(request, response)).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const answer = await askAt({ host: "127.0.0.1", port }, post);
  expect([answer.status, reasonIn(answer)]).toEqual([
    500,
    "The server failed to answer this request. Its log says more.",
  ]);
  expect(errors).toMatchObject([{ message: "secret" }]);
  await gate.settled();
});

it("a client that leaves while it sends is no bug", async () => {
  const errors: string[] = [];
  const nothing = () => undefined;
  const log = { debug: nothing, info: nothing, warn: nothing, error: (line: string) => void errors.push(line) };
  const { port, server } = await serve({ parts: { log } as unknown as Partial<App> });
  const socket = connect(port, "127.0.0.1");
  socket.write(
    "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{",
  );
  await new Promise((done) => setTimeout(done, 100));
  socket.destroy();
  await new Promise((done) => setTimeout(done, 100));
  await server.stop(new AbortController().signal, false);
  expect(errors).toEqual([]);
});
