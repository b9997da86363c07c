/** Malformed messages, batches, capabilities and cache hints, byte by byte against the built server. */
import { afterEach, describe, expect, it } from "vitest";
import { cleanUp, type Json, newFolder, PATIENCE_MS, RawServer, startServer, until } from "./server.js";

afterEach(cleanUp);

/** @returns the first line that comes back */
async function exchange(server: RawServer, line: string): Promise<Json> {
  const before = server.stdoutLines.length;
  server.process.stdin?.write(`${line}\n`);
  expect(await until(() => server.stdoutLines.length > before, PATIENCE_MS), `no answer to ${line.slice(0, 80)}`).toBe(
    true,
  );
  return JSON.parse(server.stdoutLines[before] as string);
}

async function started(version: string): Promise<RawServer> {
  const server = new RawServer(newFolder());
  await server.initialize(version);
  return server;
}

const refusal = (id: unknown, code: number) => ({ jsonrpc: "2.0", id, error: { code, message: expect.any(String) } });

describe("a malformed message", () => {
  const request = (members: object) => JSON.stringify({ jsonrpc: "2.0", method: "ping", ...members });
  const meta = (_meta: unknown) => ({ params: { _meta } });

  it("is answered with its id and the error that JSON-RPC names, and the server goes on", async () => {
    const server = await startServer(newFolder());
    const cases: [string, unknown, number][] = [
      [request({ id: 1, params: [] }), 1, -32602],
      [request({ id: 2, params: null }), 2, -32602],
      [request({ id: 3, params: "x" }), 3, -32602],
      [request({ id: 4, jsonrpc: "1.0" }), 4, -32600],
      [request({ id: "five", jsonrpc: undefined }), "five", -32600],
      [request({ id: 6, ...meta({ progressToken: {} }) }), 6, -32602],
      [request({ id: 7, ...meta({ progressToken: true }) }), 7, -32602],
      [request({ id: 8, ...meta({ progressToken: 1.5 }) }), 8, -32602],
      [request({ id: 9, ...meta([]) }), 9, -32602],
      [request({ id: 10, method: 5 }), 10, -32600],
      [request({ id: 11, method: undefined }), 11, -32600],
      [request({ id: 1.5 }), 1.5, -32600],
      [request({ id: true }), null, -32600],
      [request({ id: null }), null, -32600],
      [request({ id: { a: 1 } }), null, -32600],
      ['{"jsonrpc":"2.0","id":12,"method":"ping"', 12, -32700],
      ["not json", null, -32700],
      ["42", null, -32600],
      ["null", null, -32600],
      ["[]", null, -32600],
    ];
    for (const [line, id, code] of cases) expect(await exchange(server, line), line).toEqual(refusal(id, code));
    expect(await server.request("ping").answer).toMatchObject({ result: {} });
    await server.end();
  });

  it("is answered before the handshake too, and the handshake still works", async () => {
    const server = new RawServer(newFolder());
    expect(await exchange(server, "not json")).toEqual(refusal(null, -32700));
    expect(await exchange(server, request({ id: 1, params: [] }))).toEqual(refusal(1, -32602));
    expect((await server.initialize()).result.serverInfo.name).toBe("aura-retrieval");
    await server.end();
  });

  it("costs a few short lines of the log for each kind, and their number, without its content", async () => {
    const server = await startServer(newFolder());
    for (let id = 0; id < 20; id++) {
      await exchange(server, request({ id, params: [`SECRET${id}`] }));
      await exchange(server, `{"SECRET${id}`);
      await exchange(server, request({ id, method: { SECRET: id } }));
    }
    server.send({ jsonrpc: "2.0", id: 1, result: "SECRET" }); // a faulty answer is not answered, only logged
    await server.ask("health");
    await server.end();
    await server.closed;
    const lines = server.stderr.trim().split("\n");
    const counted = lines.filter((line) => line.includes("further 17 of this kind were not logged"));
    expect(counted).toHaveLength(3);
    expect(lines).toHaveLength(3 * 3 + 1 + counted.length);
    expect(server.stderr).not.toContain("SECRET");
    for (const line of lines) {
      expect(line.length).toBeLessThan(300);
      expect(JSON.parse(line)).toMatchObject({ level: "warn", msg: expect.stringContaining("protocol: ") });
    }
  });

  it("of strange characters is a message like any other", async () => {
    const server = await startServer(newFolder());
    const strange: [id: string | number, method: string][] = [
      [1, "a\0b"],
      ["\ud800\0", "\udfff"],
      [2, "__proto__"],
      ["__proto__", "toString"],
    ];
    for (const [id, method] of strange)
      expect(await exchange(server, request({ id, method }))).toEqual(refusal(id, -32601));
    expect(await exchange(server, request({ id: 3, ...meta({ progressToken: "\ud800\0" }) }))).toMatchObject({ id: 3 });
    await server.end();
  });

  it("that is too long is refused by its id, wherever that stands, and the next one is served", async () => {
    const server = await startServer(newFolder());
    const filler = "x".repeat(10 * 1024 * 1024);
    const first = `{"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":"${filler}"}}`;
    const last = `{"method":"ping","params":{"x":"${filler}"},"jsonrpc":"2.0","id":2}`;
    expect(await exchange(server, first)).toEqual(refusal(1, -32600));
    expect(await exchange(server, last)).toEqual(refusal(2, -32600));
    expect(await exchange(server, filler.repeat(2))).toEqual(refusal(null, -32600));
    expect(await exchange(server, request({ id: 3 }))).toMatchObject({ id: 3, result: {} });
    await server.end();
  });
});

describe("a batch", () => {
  const call = (id: number) => ({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: { name: "health", arguments: {} },
  });

  it("is answered by one array in 2025-03-26", async () => {
    const server = await started("2025-03-26");
    const note = { jsonrpc: "2.0", method: "notifications/x" };
    const answers = await exchange(
      server,
      JSON.stringify([call(1), note, { jsonrpc: "2.0", id: 2, method: "no/such" }, 5, call(3)]),
    );
    expect(answers).toHaveLength(4);
    const byId = new Map<unknown, Json>(answers.map((answer: Json) => [answer.id, answer]));
    for (const id of [1, 3]) expect(byId.get(id).result.structuredContent.status).toBe("degraded");
    expect(byId.get(2)).toEqual(refusal(2, -32601));
    expect(byId.get(null)).toEqual(refusal(null, -32600));
    expect(await exchange(server, "[]")).toEqual(refusal(null, -32600));
    const before = server.stdoutLines.length;
    server.process.stdin?.write(`${JSON.stringify([note])}\n`);
    expect(await server.request("ping").answer).toMatchObject({ result: {} });
    expect(server.stdoutLines).toHaveLength(before + 1); // the ping's
    await server.end();
  });

  it("does not wait for a call that was cancelled", async () => {
    const server = await started("2025-03-26");
    const cancelled = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
    const ping = { jsonrpc: "2.0", id: 2, method: "ping" };
    expect(await exchange(server, JSON.stringify([call(1), cancelled, ping]))).toEqual([
      { jsonrpc: "2.0", id: 2, result: {} },
    ]);
    await server.end();
  });

  it("is served when it comes right behind the handshake, in one write", async () => {
    const server = new RawServer(newFolder());
    const clientInfo = { name: "raw", version: "1.0" };
    const params = { protocolVersion: "2025-03-26", capabilities: {}, clientInfo };
    const hello = { jsonrpc: "2.0", id: 0, method: "initialize", params };
    const ping = { jsonrpc: "2.0", id: 1, method: "ping" };
    server.process.stdin?.write(
      `${[hello, { jsonrpc: "2.0", method: "notifications/initialized" }, [ping]].map((line) => JSON.stringify(line)).join("\n")}\n`,
    );
    await until(() => server.stdoutLines.length >= 2, PATIENCE_MS);
    expect(JSON.parse(server.stdoutLines[1] as string)).toEqual([{ jsonrpc: "2.0", id: 1, result: {} }]);
    await server.end();
  });

  it.each(["2024-11-05", "2025-06-18", "2025-11-25"])("is refused in %s", async (version) => {
    const server = await started(version);
    expect(await exchange(server, JSON.stringify([call(1)]))).toEqual(refusal(null, -32600));
    expect(await server.request("ping").answer).toMatchObject({ result: {} });
    await server.end();
  });
});

describe("what the server says of itself", () => {
  const envelope = {
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1.0" },
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  };

  it("promises no notification about changed lists, in any era", async () => {
    const legacy = new RawServer(newFolder());
    const modern = new RawServer(newFolder());
    const hello = await legacy.initialize();
    const discovered = await modern.request("server/discover", envelope).answer;
    for (const { result } of [hello, discovered]) {
      expect(result.capabilities.tools.listChanged).not.toBe(true);
      expect(result.capabilities.resources.listChanged).not.toBe(true);
    }
    await Promise.all([legacy.end(), modern.end()]);
  });

  it("carries cache hints in the era that has them, the same lists in the same order each time", async () => {
    const server = new RawServer(newFolder());
    const methods = ["server/discover", "tools/list", "resources/list", "resources/templates/list"];
    for (const method of methods) {
      const { result } = await server.request(method, envelope).answer;
      expect(result, method).toMatchObject({ ttlMs: 300_000, cacheScope: "public" });
      expect((await server.request(method, envelope).answer).result).toEqual(result);
    }
    await server.end();
  });

  it("has no cache hints in the eras before", async () => {
    const server = await startServer(newFolder());
    const { result } = await server.request("tools/list").answer;
    expect(Object.keys(result)).toEqual(["tools"]);
    await server.end();
  });
});
