/** Clients of both SDK generations over HTTP, against the built server. */
import { chmodSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Client as NewClient, StreamableHTTPClientTransport as NewTransport } from "@modelcontextprotocol/client";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { freePort } from "../support/free-port.js";
import { type HttpProcess, startHttpServer } from "./http-server.js";
import {
  cleanUp,
  folderOf,
  type Json,
  longDocuments,
  newFolder,
  PATIENCE_MS,
  REAL_MODEL,
  readSpans,
  run,
  type ToolResult,
} from "./server.js";

const INFO = { name: "e2e", version: "1.0" };

interface Options {
  readonly signal?: AbortSignal;
  onprogress?(progress: Json): void;
}

/** What the tests need of a client; the generations differ in the rest. */
interface AnyClient {
  connect(): Promise<void>;
  listTools(): Promise<Json[]>;
  call(name: string, args: object, options?: Options): Promise<ToolResult>;
  read(uri: string): Promise<Json>;
  templates(): Promise<Json[]>;
  close(): Promise<void>;
}

type Mode = "legacy" | "auto" | { pin: string };

function newGeneration(url: string, mode: Mode): AnyClient {
  const client = new NewClient(INFO, { versionNegotiation: { mode } });
  return {
    connect: () => client.connect(new NewTransport(new URL(url))),
    listTools: async () => (await client.listTools()).tools,
    call: async (name, args, options) =>
      (await client.callTool({ name, arguments: args as Record<string, unknown> }, options)) as ToolResult,
    read: (uri) => client.readResource({ uri }),
    templates: async () => (await client.listResourceTemplates()).resourceTemplates,
    close: () => client.close(),
  };
}

function oldGeneration(url: string): AnyClient {
  const client = new OldClient(INFO);
  return {
    // Its own transport's optional fields are typed otherwise than its interface's.
    connect: () => client.connect(new OldTransport(new URL(url)) as Transport),
    listTools: async () => (await client.listTools()).tools,
    call: async (name, args, options) =>
      (await client.callTool({ name, arguments: args as Record<string, unknown> }, undefined, options)) as ToolResult,
    read: (uri) => client.readResource({ uri }),
    templates: async () => (await client.listResourceTemplates()).resourceTemplates,
    close: () => client.close(),
  };
}

const CLIENTS: [string, (url: string) => AnyClient][] = [
  ["@modelcontextprotocol/sdk 1", oldGeneration],
  ["@modelcontextprotocol/client 2 as a legacy client", (url) => newGeneration(url, "legacy")],
  ["@modelcontextprotocol/client 2 with its era probe", (url) => newGeneration(url, "auto")],
  ["@modelcontextprotocol/client 2 of 2026-07-28 only", (url) => newGeneration(url, { pin: "2026-07-28" })],
];

afterAll(cleanUp);

describe.each(CLIENTS)("%s over HTTP", (_name, connectTo) => {
  let server: HttpProcess;
  let client: AnyClient;
  let source: string;
  let dataFolder: string;
  let settings: Record<string, string>;

  beforeAll(async () => {
    source = folderOf({
      "keys.md": "# Signing keys\n\nRotate the signing keys every quarter.\n",
      ...longDocuments(40, "ledger"),
    });
    dataFolder = newFolder();
    const key = join(folderOf({ key: "0123456789abcdef0123456789abcdef" }), "key");
    chmodSync(key, 0o600);
    settings = {
      ...REAL_MODEL,
      HTTP_SESSION_KEY_FILE: key,
      RETRIEVAL_ROOTS: source,
      HTTP_LISTEN: `127.0.0.1:${await freePort()}`,
    };
    server = await startHttpServer(dataFolder, settings);
    client = connectTo(server.url);
    await client.connect();
  });

  it("lists the tools", async () => {
    const names = (await client.listTools()).map(({ name }) => name);
    expect(names).toEqual(["retrieve", "get_document", "list_documents", "reindex", "health"]);
    expect(await client.templates()).toMatchObject([{ uriTemplate: "aura://{collection}/{source}/{+path}" }]);
  });

  it("has a reindex stopped by cancelling it", async () => {
    const abort = new AbortController();
    const writing = new Promise<void>((done) => {
      const onprogress = ({ message }: Json) => /[1-9]\d* chunks,/.test(message) && done();
      client.call("reindex", { source: ".", wait: true }, { signal: abort.signal, onprogress }).catch(() => undefined);
    });
    await writing;
    abort.abort("no longer wanted");
    await expect
      .poll(async () => (await client.call("health", {})).structuredContent.jobs[0]?.state, { timeout: PATIENCE_MS })
      .toBe("cancelled");
  });

  it("indexes with progress, finds, reads, and is told what is wrong with its input", async () => {
    const told: number[] = [];
    const onprogress = ({ progress }: Json) => void told.push(progress);
    const indexed = await client.call("reindex", { source: "keys.md", wait: true }, { onprogress });
    expect(indexed.structuredContent.job.state).toBe("done");
    expect(told.length).toBeGreaterThan(0);
    const found = await client.call("retrieve", { query: "when are the signing keys rotated?" });
    const [passage] = found.structuredContent.results;
    expect(passage.source.document).toBe("keys.md");
    const { contents } = await client.read(passage.source.uri);
    expect(contents[0].text).toContain("every quarter");
    await expect(client.read("aura://my_docs/nothing.md")).rejects.toThrow(/not found/i);
    const wrong = await client.call("retrieve", { quer: "x" });
    expect(wrong).toMatchObject({ isError: true, structuredContent: { error: { code: "bad_request" } } });
  });

  it("goes on with a server that was started again under it", async () => {
    server.process.kill("SIGTERM");
    expect(await server.exited).toBe(0);
    server = await startHttpServer(dataFolder, settings);
    const { structuredContent } = await client.call("retrieve", { query: "signing keys" });
    expect(structuredContent.results[0].source.document).toBe("keys.md");
  });

  it("is named in every span", async () => {
    await client.call("health", {});
    await client.close();
    server.process.kill("SIGTERM");
    await server.exited;
    const spans = readSpans(dataFolder);
    expect(spans.length).toBeGreaterThan(5);
    for (const { client: named, user } of spans) expect([named, user]).toEqual([INFO, "local"]);
  });
});

describe("tokens", () => {
  it("are made, listed and revoked on the command line, and each is a user of its own", async () => {
    const dataFolder = newFolder();
    const tokensFile = join(dataFolder, "tokens.json");
    const settings = { HTTP_AUTH: "token", HTTP_TOKENS_FILE: tokensFile, RATE_LIMIT_QPS: "3", LOG_LEVEL: "debug" };
    const token = async (...args: string[]) => {
      const { code, stdout } = await run(["token", ...args], dataFolder, settings);
      return { code, text: stdout.trim() };
    };
    const [ann, bob] = [await token("create", "ann"), await token("create", "bob", "--expires", "1d")];
    expect(ann.text).toMatch(/^aura_\S{49}$/);
    expect((await token("create", "ann")).code).toBe(75);
    expect((await token("create", "eve", "--expires", "2001-01-01")).code).toBe(2);
    expect((await token("list")).text).toMatch(
      /^ann {2}created \S+ {2}never expires\nbob {2}created \S+ {2}expires \S+$/,
    );

    const server = await startHttpServer(dataFolder, settings);
    const connect = async (shown: string) => {
      const client = new NewClient(INFO, { versionNegotiation: { mode: "auto" } });
      const requestInit = { headers: { authorization: `Bearer ${shown}` } };
      await client.connect(new NewTransport(new URL(server.url), { requestInit }));
      onTestFinished(() => client.close());
      return async () => (await client.callTool({ name: "health", arguments: {} })) as ToolResult;
    };
    await expect(connect("aura_wrong")).rejects.toThrow();
    const [asAnn, asBob] = [await connect(ann.text), await connect(bob.text)];
    const calls = await Promise.all(Array.from({ length: 6 }, asAnn));
    const refused = calls.filter(({ structuredContent }) => structuredContent.error?.code === "rate_limited");
    expect(refused.length).toBeGreaterThan(0);
    expect((await asBob()).isError).not.toBe(true);

    expect((await token("revoke", "ann")).code).toBe(0);
    const revokedAt = Date.now();
    await expect
      .poll(
        () =>
          asAnn().then(
            () => "served",
            () => "refused",
          ),
        { timeout: 1_000 },
      )
      .toBe("refused");
    expect(Date.now() - revokedAt).toBeLessThan(1_100);
    expect((await asBob()).isError).not.toBe(true);

    server.process.kill("SIGINT");
    expect(await server.exited).toBe(0);
    const spans = readSpans(dataFolder);
    expect(new Set(spans.map(({ user }) => user))).toEqual(new Set(["ann", "bob"]));
    const printed = await run(["config", "print"], dataFolder, settings);
    const left = [server.said(), JSON.stringify(spans), printed.stdout, readFileSync(tokensFile, "utf8")].join("\n");
    for (const { text } of [ann, bob]) expect(left).not.toContain(text.slice(5, 30));
  });
});

describe("serve --http", () => {
  it("refuses an address that strangers could call, with exit code 78", async () => {
    const started = startHttpServer(newFolder(), { HTTP_LISTEN: "0.0.0.0:0" });
    await expect(started).rejects.toThrow(/^78: .*HTTP_LISTEN=0\.0\.0\.0 .*without authentication/);
  });

  it("says all that is wrong with its settings, with exit code 78", async () => {
    const started = startHttpServer(newFolder(), { HTTP_LISTEN: "8765", HTTP_ALLOWED_ORIGINS: "tools.example.com" });
    await expect(started).rejects.toThrow(/^78: [\s\S]*HTTP_LISTEN=8765: [\s\S]*HTTP_ALLOWED_ORIGINS=tools/);
  });

  it("says which port is taken, with exit code 75", async () => {
    const { url } = await startHttpServer(newFolder(), {});
    const { host } = new URL(url);
    const second = startHttpServer(newFolder(), { HTTP_LISTEN: host });
    await expect(second).rejects.toThrow(`75: aura-retrieval: Another program listens on ${host}.`);
  });

  it("ends at once at a second signal", async () => {
    const server = await startHttpServer(newFolder(), { HTTP_READY_GRACE_MS: "600000" });
    server.process.kill("SIGTERM");
    const ready = new URL("/readyz", server.url);
    await expect.poll(async () => (await fetch(ready)).status, { timeout: PATIENCE_MS }).toBe(503);
    server.process.kill("SIGTERM");
    expect(await server.exited).toBe(0);
  });
});
