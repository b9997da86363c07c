/** `RETRIEVAL_READ_ONLY=1`: no tool writes, and a Qdrant is asked for nothing but reading. */
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, expect, it, onTestFinished } from "vitest";
import { Stub } from "../store/qdrant/stub.js";
import { startHttpServer } from "./http-server.js";
import { cleanUp, folderOf, type Json, newFolder, RawServer, run, startServer } from "./server.js";

afterAll(cleanUp);

const READING =
  /^(GET \/|POST \/collections\/[^/]+\/(points|points\/scroll|points\/count|points\/query\/batch|facet)$)/;

it("a server serves what is there with a key that may only read, and tries no more", async () => {
  const stub = await Stub.start();
  onTestFinished(() => stub.close());
  const dataFolder = newFolder();
  const source = folderOf({ "keys.md": "# Signing keys\n\nRotate the signing keys every quarter.\n" });
  const settings = { QDRANT_URL: stub.url, RETRIEVAL_ROOTS: source, QDRANT_POOL_MAX_RETRIES: "0" };
  expect((await run(["index", source], dataFolder, settings)).code).toBe(0);

  const writes: string[] = [];
  stub.lie = (method, path) => {
    if (READING.test(`${method} ${path}`)) return undefined;
    writes.push(`${method} ${path}`);
    return { status: 403, done: false };
  };
  const server = await startHttpServer(newFolder(), { ...settings, RETRIEVAL_READ_ONLY: "1" });
  const client = new Client({ name: "e2e", version: "1.0" });
  await client.connect(new StreamableHTTPClientTransport(new URL(server.url)));
  onTestFinished(() => client.close());
  const call = async (name: string, args: Record<string, unknown> = {}) =>
    (await client.callTool({ name, arguments: args })).structuredContent as Json;
  const { results } = await call("retrieve", { query: "signing keys" });
  expect(results[0].source.document).toBe("keys.md");
  expect((await call("get_document", { uri: results[0].source.uri })).text).toContain("every quarter");
  expect((await call("list_documents")).documents).toHaveLength(1);
  expect((await call("health")).store.state).toBe("ok");
  const { contents } = await client.readResource({ uri: results[0].source.uri });
  expect(contents).toHaveLength(1);
  await expect(client.callTool({ name: "reindex", arguments: { source: "." } })).rejects.toThrow(
    /no tool of this name/,
  );
  server.process.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  expect(writes).toEqual([]);
});

it("stdio lists no tool that writes, and speaks of none", async () => {
  const server = new RawServer(newFolder(), { RETRIEVAL_READ_ONLY: "1" });
  const { result } = await server.initialize();
  expect(result.instructions).not.toContain("reindex");
  const { result: listed } = await server.request("tools/list").answer;
  expect(listed.tools.map(({ name }: Json) => name)).toEqual(["retrieve", "get_document", "list_documents", "health"]);
  for (const { annotations } of listed.tools) expect(annotations.readOnlyHint).toBe(true);
  await server.end();
});

it("is no server that watches folders", async () => {
  const settings = { RETRIEVAL_READ_ONLY: "1", RETRIEVAL_WATCH: "1" };
  await expect(startServer(newFolder(), settings)).rejects.toThrow(/RETRIEVAL_WATCH=1 with RETRIEVAL_READ_ONLY=1/);
});
