/** Two replicas behind a proxy that gives each request to the next one. */

import { once } from "node:events";
import { chmodSync } from "node:fs";
import { createServer, request as nodeRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Client as NewClient, StreamableHTTPClientTransport as NewTransport } from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { afterAll, expect, it } from "vitest";
import { freePort } from "../support/free-port.js";
import { type HttpProcess, startHttpServer } from "./http-server.js";
import { cleanUp, folderOf, newFolder, onCleanUp, readSpans, run, type Settings, type ToolResult } from "./server.js";

afterAll(cleanUp);

const INFO = { name: "e2e", version: "1.0" };
const LOOK_EVERY_MS = 100;

/** In turn to those that say they are ready. */
async function balance(urls: readonly string[]): Promise<string> {
  let ready: readonly string[] = urls;
  const look = async () => {
    const states = await Promise.all(
      urls.map((url) =>
        fetch(new URL("/readyz", url)).then(
          ({ status }) => status === 200,
          () => false,
        ),
      ),
    );
    ready = urls.filter((_, index) => states[index]);
  };
  const looking = setInterval(look, LOOK_EVERY_MS);
  let next = 0;
  const proxy = createServer((request, response) => {
    const { port } = new URL(ready[next++ % ready.length] ?? (urls[0] as string));
    const { method, url: path, headers } = request;
    const onward = nodeRequest({ host: "127.0.0.1", port, method, path, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
    response.on("close", () => onward.destroy());
    request.pipe(onward);
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  onCleanUp(() => {
    clearInterval(looking);
    proxy.closeAllConnections();
    proxy.close();
  });
  return `http://127.0.0.1:${(proxy.address() as AddressInfo).port}/mcp`;
}

type Ask = () => Promise<ToolResult>;
const RETRIEVE = { name: "retrieve", arguments: { query: "signing keys" } };

async function newClient(url: string, mode: "legacy" | "auto" | { pin: string }): Promise<Ask> {
  const client = new NewClient(INFO, { versionNegotiation: { mode } });
  await client.connect(new NewTransport(new URL(url)));
  onCleanUp(() => client.close());
  return async () => (await client.callTool(RETRIEVE)) as ToolResult;
}

async function oldClient(url: string): Promise<Ask> {
  const client = new OldClient(INFO);
  await client.connect(new OldTransport(new URL(url)) as Transport);
  onCleanUp(() => client.close());
  return async () => (await client.callTool(RETRIEVE)) as ToolResult;
}

it("no client notices which of them answers, nor that both are restarted", async () => {
  const dataFolder = newFolder();
  const source = folderOf({ "keys.md": "# Signing keys\n\nRotate the signing keys every quarter.\n" });
  const key = join(folderOf({ key: "0123456789abcdef0123456789abcdef" }), "key");
  chmodSync(key, 0o600);
  const settings = { HTTP_SESSION_KEY_FILE: key, HTTP_READY_GRACE_MS: "1000", RATE_LIMIT_QPS: "10000" };
  expect((await run(["index", source], dataFolder, settings)).code).toBe(0);
  const ports = [await freePort(), await freePort()];
  const start = (port: number) => {
    const own: Settings = { ...settings, HTTP_LISTEN: `127.0.0.1:${port}` };
    return startHttpServer(dataFolder, own);
  };
  const replicas: HttpProcess[] = await Promise.all(ports.map(start));
  const url = await balance(replicas.map((replica) => replica.url));
  const asks = await Promise.all([
    oldClient(url),
    oldClient(url),
    ...(["legacy", "legacy", "auto", "auto", { pin: "2026-07-28" }] as const).map((mode) => newClient(url, mode)),
  ]);

  let isOver = false;
  let answered = 0;
  const asking = asks.map(async (ask) => {
    while (!isOver) {
      const { isError, structuredContent } = await ask();
      expect(isError, JSON.stringify(structuredContent)).not.toBe(true);
      answered++;
    }
  });
  const restarting = (async () => {
    for (const [index, port] of ports.entries()) {
      replicas[index]?.process.kill("SIGTERM");
      expect(await replicas[index]?.exited).toBe(0);
      replicas[index] = await start(port);
      await new Promise((done) => setTimeout(done, 1_000));
    }
  })().finally(() => {
    isOver = true;
  });
  await Promise.all([...asking, restarting]);
  expect(answered).toBeGreaterThan(50);
  for (const { process } of replicas) process.kill("SIGINT");
  await Promise.all(replicas.map(({ exited }) => exited));
  const spans = readSpans(dataFolder).filter(({ tool, user }) => tool === "retrieve" && user === "local");
  expect(spans.length).toBe(answered);
  for (const { client } of spans) expect(client).toEqual(INFO);
});
