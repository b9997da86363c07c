import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type SidePort, type SidePortOptions, startSidePort } from "#src/telemetry/side-port.js";
import { freePort } from "../support/free-port.js";

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const it of open.splice(0)) await it.close();
});

async function start(options: Partial<SidePortOptions> = {}): Promise<SidePort> {
  const metrics = async () => ({ contentType: "text/plain; version=0.0.4", body: "up 1\n" });
  const port = options.port ?? (await freePort());
  const sidePort = await startSidePort({ host: "127.0.0.1", metrics, ...options, port });
  open.push(sidePort);
  return sidePort;
}

interface Answer {
  status: number | undefined;
  headers: Record<string, unknown>;
  body: string;
}

async function ask(sidePort: SidePort, path: string, method = "GET", host?: string): Promise<Answer> {
  const headers = host === undefined ? {} : { host };
  const call = request({ host: "127.0.0.1", port: sidePort.port, path, method, headers, agent: false }).end();
  const [response] = await once(call, "response");
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, headers: response.headers, body };
}

describe("the side port", () => {
  it("answers GET and HEAD of /metrics and /healthz", async () => {
    const sidePort = await start();
    expect(await ask(sidePort, "/metrics")).toMatchObject({
      status: 200,
      body: "up 1\n",
      headers: { "content-type": "text/plain; version=0.0.4" },
    });
    expect(await ask(sidePort, "/metrics?name=up", "HEAD")).toMatchObject({ status: 200, body: "" });
    expect(await ask(sidePort, "/healthz")).toMatchObject({ status: 204, body: "" });
  });

  it("answers nothing else", async () => {
    const sidePort = await start();
    expect(await ask(sidePort, "/")).toMatchObject({ status: 404, body: "" });
    expect(await ask(sidePort, "/metrics/../etc/passwd")).toMatchObject({ status: 404 });
    for (const method of ["POST", "OPTIONS", "DELETE"]) {
      expect(await ask(sidePort, "/metrics", method)).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
    }
  });

  it("refuses a request that was made to another host's name", async () => {
    const sidePort = await start();
    for (const host of ["evil.example", "evil.example:9103", "localhost.evil.example", "127.0.0.1@evil.example"]) {
      expect(await ask(sidePort, "/metrics", "GET", host), host).toMatchObject({ status: 403, body: "" });
    }
    for (const host of ["localhost:1234", "LOCALHOST", "127.0.0.1", "[::1]:9103"]) {
      expect(await ask(sidePort, "/metrics", "GET", host), host).toMatchObject({ status: 200 });
    }
  });

  it("moves on to the next port when one is busy, and says so", async () => {
    const first = await start();
    const warnings: string[] = [];
    const second = await start({ port: first.port as number, warn: (message) => warnings.push(message) });
    expect(second.state).toBe("listening");
    expect(second.port).toBeGreaterThan(first.port as number);
    expect(warnings).toEqual([expect.stringContaining(String(second.port))]);
    expect(await ask(second, "/healthz")).toMatchObject({ status: 204 });
  });

  it("gives up with a warning, never an error, when every port is busy or the address is not ours", async () => {
    const busy = createServer().listen(0, "127.0.0.1");
    open.push(busy);
    await once(busy, "listening");
    const { port } = busy.address() as AddressInfo;
    const warnings: string[] = [];
    const warn = (message: string) => warnings.push(message);
    expect(await start({ port, tries: 1, warn })).toMatchObject({ state: "unavailable" });
    expect(await start({ host: "203.0.113.1", warn })).toMatchObject({ state: "unavailable" });
    expect(warnings).toHaveLength(2);
  });

  it("answers 500 when what it reports fails, and goes on", async () => {
    const fail = async () => Promise.reject(new Error("secret"));
    const sidePort = await start({ metrics: fail });
    expect(await ask(sidePort, "/metrics")).toMatchObject({ status: 500, body: "" });
    expect(await ask(sidePort, "/healthz")).toMatchObject({ status: 204, body: "" });
  });

  it("does not keep the process alive, not even with a connection open", () => {
    const script = `
      import { connect } from "node:net";
      import { once } from "node:events";
      const { startSidePort } = await import("#src/telemetry/side-port.js");
      const metrics = async () => ({ contentType: "text/plain", body: "" });
      const { port } = await startSidePort({ host: "127.0.0.1", port: ${20_000 + (process.pid % 20_000)}, tries: 50, metrics });
      const socket = connect(port, "127.0.0.1");
      await once(socket, "connect");
      socket.unref();
      console.log(typeof port);
    `;
    const options = { encoding: "utf8", timeout: 10_000 } as const;
    expect(execFileSync(process.execPath, ["--input-type=module", "-e", script], options)).toBe("number\n");
  });
});
