/** A connection that breaks, and messages without end: the server goes on serving, or its process ends; it is never deaf. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createConnection, createServer, type Socket } from "node:net";
import type { Readable } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import {
  cleanUp,
  descendants,
  environment,
  folderOf,
  isAlive,
  longDocuments,
  MAIN,
  newFolder,
  onCleanUp,
  PATIENCE_MS,
  type RawServer,
  startServer,
  until,
} from "../e2e/server.js";
import { freePort } from "../support/free-port.js";

afterEach(cleanUp);

const WINDOWS = process.platform === "win32";
if (WINDOWS) console.warn("skipped: pipes break in another way on Windows");

const EX_IOERR = 74;
const LONG = "x".repeat(11 * 1024 * 1024);

/** The answer that comes next. */
async function exchange(server: RawServer, line: string) {
  const before = server.stdoutLines.length;
  server.process.stdin?.write(`${line}\n`);
  expect(await until(() => server.stdoutLines.length > before, PATIENCE_MS)).toBe(true);
  return JSON.parse(server.stdoutLines[before] as string);
}

describe("a message over the limit", () => {
  it("is answered with -32600, with an id and without, and the next one is served", async () => {
    const server = await startServer(newFolder());
    const tooLong = (id: unknown) => ({ jsonrpc: "2.0", id, error: { code: -32600, message: expect.any(String) } });
    const withId = `{"jsonrpc":"2.0","id":"long","method":"ping","params":{"x":"${LONG}"}}`;
    const withoutId = `{"jsonrpc":"2.0","method":"ping","params":{"x":"${LONG}"}}`;
    for (const [line, id] of [[withId, "long"] as const, [withoutId, null] as const, [LONG, null] as const]) {
      expect(await exchange(server, line)).toEqual(tooLong(id));
      expect(await server.request("ping").answer).toMatchObject({ result: {} });
    }
    expect((await server.ask("health")).status).toBe("degraded");
    await server.end();
    expect((await server.exited).code).toBe(0);
  });

  it.each([
    ["a message over the limit", LONG],
    ["the midst of a message", '{"jsonrpc":"2.0","id":9,"method":"pi'],
  ])("and an end of the stream without a newline, in %s, end the process as asked", async (_what, begun) => {
    const server = await startServer(newFolder());
    server.process.stdin?.write(begun);
    await server.end();
    expect((await server.exited).code).toBe(0);
  });
});

describe("a connection that breaks", () => {
  it.skipIf(WINDOWS)("under a job ends the process and all below it with exit code 74", async () => {
    const port = await freePort();
    const source = folderOf(longDocuments(60, "ledger"));
    const server = await startServer(newFolder(), { RETRIEVAL_ROOTS: source, METRICS_PORT: String(port) });
    const { id } = server.start("reindex", { source, wait: true });
    await server.writing(id);
    const children = descendants(server.pid);
    server.process.stdout?.destroy();
    server.request("ping");
    expect((await server.exited).code).toBe(EX_IOERR);
    expect(await until(() => children.every((pid) => !isAlive(pid)), PATIENCE_MS)).toBe(true);
    const probe = createConnection(port, "127.0.0.1");
    onCleanUp(() => probe.destroy());
    await expect(once(probe, "connect")).rejects.toThrow("ECONNREFUSED");
  });

  it.skipIf(WINDOWS)("because stdin cannot be read ends the process with exit code 74", async () => {
    const listening = createServer({ pauseOnConnect: true }).listen(0, "127.0.0.1");
    await once(listening, "listening");
    const host = createConnection((listening.address() as AddressInfo).port, "127.0.0.1");
    const [stdin] = (await once(listening, "connection")) as [Socket];
    listening.close();
    const folder = newFolder();
    const server = spawn(process.execPath, [MAIN], {
      env: environment(folder),
      stdio: [stdin, "pipe", "ignore"],
    });
    const exited = once(server, "exit");
    stdin.destroy();
    host.write(`${JSON.stringify({ jsonrpc: "2.0", id: 1, method: "ping" })}\n`);
    await once(server.stdout as Readable, "data"); // it reads
    host.resetAndDestroy();
    expect(await exited).toEqual([EX_IOERR, null]);
  });
});
