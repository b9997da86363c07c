/** Connections that are slow, many, or open when the server stops. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { Agent, createServer, request as nodeRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { Call } from "#src/core/call.js";
import { abortReason } from "#src/core/errors.js";
import { askAt, INITIALIZE, JSON_HEADERS, messagesIn, raw, reasonIn, serve } from "./serve.js";

const initialize = JSON.stringify(INITIALIZE);
const HEAD = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: ${JSON_HEADERS.accept}\r\n`;

const reading = {
  jsonrpc: "2.0",
  id: 5,
  method: "tools/call",
  params: { name: "get_document", arguments: { uri: "aura://docs/files/a.md" } },
};

/** A document that is read until it is let go of. */
function slowDocument() {
  let letGo = () => {};
  let begun = () => {};
  const isAsked = new Promise<void>((done) => {
    begun = done;
  });
  const calls: Call[] = [];
  const readDocument = (call: Call) =>
    new Promise<never>((_, fail) => {
      calls.push(call);
      begun();
      letGo = () => fail(new Error("let go"));
      call.signal.addEventListener("abort", () => fail(abortReason(call.signal)));
    });
  return { parts: { readDocument }, isAsked, calls, letGo: () => letGo() };
}

describe("a slow client", () => {
  it("has its time for the headers, and others are served meanwhile", async () => {
    const { port, ask } = await serve({ limits: { headersMs: 300 } });
    const slow = Array.from({ length: 500 }, () => raw(port, "POST /mcp HTTP/1.1\r\nHost: loc"));
    const asked = performance.now();
    expect((await ask({ path: "/livez" })).status).toBe(200);
    expect(performance.now() - asked).toBeLessThan(1_000);
    for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("has its time for the body", async () => {
    const { port } = await serve({ limits: { headersMs: 300, requestMs: 600 } });
    expect(await raw(port, `${HEAD}Content-Length: 500\r\n\r\n{"jsonrpc"`)).toMatch(/^HTTP\/1\.1 408 /);
  });

  it("is not hurried while it waits for an answer, nor between two requests", async () => {
    const document = slowDocument();
    const { post, port } = await serve({ parts: document.parts, limits: { headersMs: 300, requestMs: 600 } });
    const answer = post(reading);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    onTestFinished(() => agent.destroy());
    const ask = async () => {
      const request = nodeRequest({ host: "127.0.0.1", port, path: "/livez", agent }).end();
      const [response] = await once(request, "response");
      const { localPort } = response.socket;
      response.resume();
      await once(response, "end");
      return localPort;
    };
    const first = await ask();
    await wait(2_000);
    expect(await ask()).toBe(first);
    document.letGo();
    expect(messagesIn(await answer)).toMatchObject([{ id: 5 }]);
  });

  it("that reads nothing is let go of", async () => {
    const { app, port } = await serve({ limits: { writeMs: 300 } });
    app.collections.docs = { "a.md": "long ".repeat(2_000_000) };
    const message = { ...reading, method: "resources/read", params: { uri: "aura://docs/files/a.md" } };
    const body = JSON.stringify(message);
    const socket = connect(port, "127.0.0.1");
    socket.on("error", () => undefined);
    socket.pause();
    socket.write(`${HEAD}Content-Length: ${body.length}\r\n\r\n${body}`);
    await wait(1_500);
    socket.resume();
    let read = 0;
    socket.on("data", (part) => {
      read += part.length;
    });
    await once(socket, "close");
    expect(read).toBeGreaterThan(0);
    expect(read).toBeLessThan(10_000_000);
  });
});

it("headers of more than 16 kB are refused with 431", async () => {
  const { port } = await serve();
  const answer = await raw(port, `${HEAD}X: ${"x".repeat(20_000)}\r\nConnection: close\r\n\r\n`);
  expect(answer).toMatch(/^HTTP\/1\.1 431 /);
});

it("more connections than there may be are closed at once", async () => {
  const { port } = await serve({ limits: { connections: 2 } });
  const open = [connect(port, "127.0.0.1"), connect(port, "127.0.0.1")];
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
  });
  await Promise.all(open.map((socket) => once(socket, "connect")));
  await wait(50);
  expect(await raw(port, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")).toBe("");
});

it("an idle connection stays open as long as it is told", async () => {
  const { ask } = await serve();
  expect((await ask({ path: "/livez", headers: { connection: "keep-alive" } })).headers["keep-alive"]).toBe(
    "timeout=75",
  );
});

describe("readiness", () => {
  it("has the state of the store, and does not depend on it", async () => {
    const { ask } = await serve({ parts: { isStoreUp: async () => false } });
    const { status, text } = await ask({ path: "/readyz" });
    expect([status, JSON.parse(text)]).toEqual([200, { state: "ready", store: "down" }]);
  });

  it("waits a second at most for a store that says nothing, once for many who ask", async () => {
    let looks = 0;
    const isStoreUp = () => {
      looks++;
      return new Promise<boolean>(() => {});
    };
    const { ask } = await serve({ parts: { isStoreUp } });
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask({ path: "/readyz" })));
    for (const { text } of answers) expect(JSON.parse(text).store).toBe("down");
    expect(looks).toBe(1);
  });

  it("takes GET and HEAD only", async () => {
    const { ask } = await serve();
    for (const path of ["/livez", "/readyz"]) {
      expect((await ask({ path, method: "HEAD" })).status).toBe(200);
      const answer = await ask({ path, method: "POST" });
      expect([answer.status, answer.headers.allow]).toEqual([405, "GET, HEAD"]);
    }
  });
});

describe("a server that stops", () => {
  it("says so to balancers while it still serves, then lets calls in flight end, and refuses new ones", async () => {
    const document = slowDocument();
    const { server, ask, post, port } = await serve({
      parts: document.parts,
      http: { readyGraceMs: 500, drainMs: 5_000 },
    });
    const open = connect(port, "127.0.0.1");
    onTestFinished(() => void open.destroy());
    open.write("POST /mcp HTTP/1.1\r\n"); // so that it is not idle
    await once(open, "connect");
    const answer = post(reading);
    await document.isAsked;

    const asked = performance.now();
    const stopped = server.stop(new AbortController().signal, true);
    const told = await ask({ path: "/readyz" });
    expect([told.status, JSON.parse(told.text)]).toEqual([503, { state: "stopping" }]);
    expect((await ask({ path: "/livez" })).status).toBe(200);
    expect(messagesIn(await post({ ...reading, method: "tools/list", params: {} }))).toMatchObject([{ result: {} }]);
    await wait(600);
    const late = once(open, "data");
    open.write(HEAD.replace("POST /mcp HTTP/1.1\r\n", ""));
    open.write(`Content-Length: ${initialize.length}\r\n\r\n${initialize}`);
    expect(String((await late)[0])).toMatch(/^HTTP\/1\.1 503 [\s\S]*Connection: close/i);
    await expect(ask({ path: "/livez" })).rejects.toThrow(/ECONNREFUSED/);
    document.letGo();
    expect(messagesIn(await answer)).toMatchObject([{ id: 5, result: { isError: true } }]);
    await stopped;
    expect(performance.now() - asked).toBeLessThan(4_000);
  });

  it("ends calls that take longer than they may", async () => {
    const document = slowDocument();
    const { app, server, post } = await serve({ parts: document.parts, http: { drainMs: 200 } });
    const answer = post(reading).catch(() => undefined);
    await document.isAsked;
    await server.stop(new AbortController().signal, false);
    await answer;
    expect(app.recorded).toMatchObject([{ status: "cancelled" }]);
  });

  it("waits for nothing when it is told so again", async () => {
    const document = slowDocument();
    const { server, post } = await serve({ parts: document.parts, http: { readyGraceMs: 60_000, drainMs: 60_000 } });
    const answer = post(reading).catch(() => undefined);
    await document.isAsked;
    const now = new AbortController();
    const asked = performance.now();
    const stopped = server.stop(now.signal, true);
    now.abort();
    await stopped;
    await answer;
    expect(performance.now() - asked).toBeLessThan(1_000);
  });
});

describe("where to listen", () => {
  it("a port that is taken is said, with what to do", async () => {
    const other = createServer().listen(0, "127.0.0.1");
    onTestFinished(() => void other.close());
    await once(other, "listening");
    const { port } = other.address() as { port: number };
    await expect(serve({ http: { listen: { kind: "tcp", host: "127.0.0.1", port } } })).rejects.toMatchObject({
      code: "conflict",
      message: `Another program listens on 127.0.0.1:${port}.`,
    });
  });

  it("an address that is not this machine's is a fault of the configuration", async () => {
    const listen = { kind: "unix", path: "/nowhere/at/all" } as const;
    await expect(serve({ http: { listen } })).rejects.toMatchObject({ code: "config" });
  });

  it.each(["0.0.0.0", "::", "192.0.2.1", "example.com"])("%s is refused: strangers could call", async (host) => {
    await expect(serve({ http: { listen: { kind: "tcp", host, port: 0 } } })).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("without authentication"),
    });
  });

  it.skipIf(process.platform === "win32")("a socket is its user's alone, and one left over is replaced", async () => {
    const folder = mkdtempSync(join(tmpdir(), "aura-socket-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "mcp.sock");
    const { server } = await serve({ http: { listen: { kind: "unix", path } } });
    expect(server.address).toBe(`unix://${path}#/mcp`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const asked = { method: "POST", headers: { ...JSON_HEADERS, host: "localhost" }, body: initialize };
    expect((await askAt({ socketPath: path }, asked)).status).toBe(200);
    await expect(serve({ http: { listen: { kind: "unix", path } } })).rejects.toMatchObject({ code: "conflict" });
    await server.stop(AbortSignal.abort(), false);
    expect(existsSync(path)).toBe(false);

    const script = `require("node:net").createServer().listen(${JSON.stringify(path)}, () => console.log("up"))`;
    const crashed = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "ignore"] });
    await once(crashed.stdout, "data");
    crashed.kill("SIGKILL");
    await once(crashed, "exit");
    expect(existsSync(path)).toBe(true);
    await serve({ http: { listen: { kind: "unix", path } } });
    expect((await askAt({ socketPath: path }, asked)).status).toBe(200);
  });
});

it("refusals never repeat what was sent", async () => {
  const { ask } = await serve();
  const secret = "aura_sEcReT";
  const asked = [
    { path: `/${secret}` },
    { method: "POST", path: "/mcp", headers: { ...JSON_HEADERS, authorization: `Bearer ${secret}` }, body: secret },
    { method: "POST", headers: { ...JSON_HEADERS, host: secret } },
    { method: "POST", headers: { ...JSON_HEADERS, origin: `https://${secret}` } },
    { method: "POST", headers: { "content-type": secret } },
    { method: "POST", headers: { ...JSON_HEADERS, "content-encoding": secret } },
  ];
  for (const each of asked) {
    const answer = await ask(each);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(answer)).not.toContain(secret);
    expect(reasonIn(answer)).not.toContain("\n");
  }
});
