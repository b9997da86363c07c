/** Clients of both SDK generations and raw handshakes of every protocol revision, against the built server. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Client as NewClient } from "@modelcontextprotocol/client";
import { StdioClientTransport as NewTransport } from "@modelcontextprotocol/client/stdio";
import { Client as OldClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as OldTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cleanUp,
  EXAMPLES,
  environment,
  type Json,
  MAIN,
  newFolder,
  RawServer,
  REAL_MODEL,
  type ToolResult,
} from "./server.js";

const SETTINGS = { ...REAL_MODEL, EMBEDDING_THREADS: "2", RETRIEVAL_ROOTS: EXAMPLES };
const INFO = { name: "e2e", version: "1.0" };

/** What the tests need of a client; the generations differ in the rest. */
interface AnyClient {
  connect(): Promise<void>;
  listTools(): Promise<Json[]>;
  call(name: string, args: object): Promise<ToolResult>;
  read(uri: string): Promise<Json>;
  templates(): Promise<Json[]>;
  instructions(): string | undefined;
  close(): Promise<void>;
}

type Mode = "legacy" | "auto" | { pin: string };

const spawned = (dataFolder: string) => ({
  command: process.execPath,
  args: [MAIN],
  env: environment(dataFolder, SETTINGS),
  cwd: dataFolder,
  stderr: "ignore" as const,
});

function newGeneration(dataFolder: string, mode: Mode): AnyClient {
  const client = new NewClient(INFO, { versionNegotiation: { mode } });
  const transport = new NewTransport(spawned(dataFolder));
  return {
    connect: () => client.connect(transport),
    listTools: async () => (await client.listTools()).tools,
    call: async (name, args) =>
      (await client.callTool({ name, arguments: args as Record<string, unknown> })) as ToolResult,
    read: (uri) => client.readResource({ uri }),
    templates: async () => (await client.listResourceTemplates()).resourceTemplates,
    instructions: () => client.getInstructions(),
    close: () => client.close(),
  };
}

function oldGeneration(dataFolder: string): AnyClient {
  const client = new OldClient(INFO);
  const transport = new OldTransport(spawned(dataFolder));
  return {
    connect: () => client.connect(transport),
    listTools: async () => (await client.listTools()).tools,
    call: async (name, args) =>
      (await client.callTool({ name, arguments: args as Record<string, unknown> })) as ToolResult,
    read: (uri) => client.readResource({ uri }),
    templates: async () => (await client.listResourceTemplates()).resourceTemplates,
    instructions: () => client.getInstructions(),
    close: () => client.close(),
  };
}

afterAll(cleanUp);

describe.each<[string, (dataFolder: string) => AnyClient]>([
  ["@modelcontextprotocol/sdk 1", oldGeneration],
  ["@modelcontextprotocol/client 2 as a legacy client", (folder) => newGeneration(folder, "legacy")],
  ["@modelcontextprotocol/client 2 with its era probe", (folder) => newGeneration(folder, "auto")],
  ["@modelcontextprotocol/client 2 pinned to 2026-07-28", (folder) => newGeneration(folder, { pin: "2026-07-28" })],
])("%s", (_name, connect) => {
  let client: AnyClient;
  let job: Json;

  beforeAll(async () => {
    client = connect(newFolder());
    await client.connect();
    // Output schemas are known to a client from its listing: without it nothing would be validated.
    await client.listTools();
    const result = await client.call("reindex", { source: ".", wait: true });
    expect(result.isError, JSON.stringify(result)).toBeFalsy();
    job = result.structuredContent.job;
  });
  afterAll(() => client.close());

  it("lists its tools in a fixed order, with inputs, outputs and all four annotations", async () => {
    const tools = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual(["retrieve", "get_document", "list_documents", "reindex", "health"]);
    for (const { name, inputSchema, outputSchema, annotations, description } of tools) {
      expect(inputSchema).toMatchObject({ type: "object", properties: expect.any(Object) });
      expect(outputSchema).toMatchObject({ type: "object" });
      expect(outputSchema.properties).toHaveProperty("trace_id");
      expect(annotations).toMatchObject({
        readOnlyHint: name !== "reindex",
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      });
      expect(description.length).toBeLessThan(2_048);
    }
  });

  it("answers health whatever a host sends where nothing is taken", async () => {
    const result = await client.call("health", { random_string: "x" });
    expect(result.isError).toBeFalsy();
    expect(result.structuredContent).toHaveProperty("status");
  });

  it("answers a question whose fields are written as models write them", async () => {
    const { structuredContent, isError } = await client.call("retrieve", {
      query: "changed files",
      top_k: "2",
      min_score: null,
      collection: "",
      explain: "True",
      filter: '{"extension":".MD","path":"./indexing/","lang":null}',
    });
    expect(isError).toBeFalsy();
    expect(structuredContent.results).toHaveLength(2);
    expect(structuredContent).toHaveProperty("explain");
    for (const { source } of structuredContent.results) expect(source.document).toMatch(/^indexing\//);
  });

  it("keeps the tool list and the instructions small enough for every host", async () => {
    expect(JSON.stringify(await client.listTools()).length).toBeLessThan(14_000);
    expect(client.instructions()).toMatch(/untrusted/);
    expect(client.instructions()?.length).toBeLessThan(2_048);
  });

  it("reports what reindex did", () => {
    expect(job).toMatchObject({ state: "done", phase: "finished", collection: "my_docs", vector_size: 384 });
    expect(job.documents.added).toBeGreaterThanOrEqual(25);
    expect(job.points).toBe(job.chunks);
  });

  it("answers a question with passages, their source, and the same as text", async () => {
    const { structuredContent, content, isError } = await client.call("retrieve", {
      query: "How do I avoid recomputing everything each night when just a few files were edited?",
      top_k: 3,
      explain: true,
    });
    expect(isError).toBeFalsy();
    const documents = structuredContent.results.map(({ source }: Json) => source.document);
    expect(documents).toContain("indexing/incremental-indexing.md");
    const [best] = structuredContent.results;
    expect(best).toMatchObject({ rank: 1, source: { uri: expect.stringMatching(/^aura:\/\/my_docs\//) } });
    expect(best.source.line_end).toBeGreaterThanOrEqual(best.source.line_start);
    // A relevance, made of the fused score and not the same.
    expect(best.score).toBeGreaterThan(0);
    expect(best.score).toBeLessThan(1);
    expect(best.scores.fused).toBeGreaterThan(0);
    expect(structuredContent).toMatchObject({ degraded: [], collection: { alias: "my_docs", points: job.points } });
    expect(structuredContent.timings_ms.total).toBeGreaterThan(0);
    expect(content[0]?.type).toBe("text");
    for (const { source } of structuredContent.results) expect(content[0]?.text).toContain(source.document);
  });

  it("says that every part is well", async () => {
    const { structuredContent, content } = await client.call("health", {});
    expect(structuredContent).toMatchObject({
      status: "ok",
      embedder: { state: "ready", checksum_verified: true, canary: { ok: true } },
      store: { state: "ok" },
      metrics: { state: "off" },
    });
    expect(structuredContent.collections).toHaveLength(1);
    expect(structuredContent.collections[0]).toMatchObject({ serving: true, state: "ready", matches_model: true });
    expect(structuredContent.jobs[0]).toMatchObject({ id: job.id, state: "done" });
    expect(content[0]?.text).toContain("status: ok");
  });

  it.each<[string, string, object, RegExp, string]>([
    ["an unknown key in the input", "retrieve", { query: "bm25", topk: 3 }, /topk/, "bad_request"],
    ["a missing query", "retrieve", {}, /query/, "bad_request"],
    ["a source outside the roots", "reindex", { source: "/etc" }, /not below a folder/, "bad_request"],
    [
      "a source that climbs out of its root",
      "reindex",
      { source: "../../../../../../etc" },
      /not below a folder/,
      "bad_request",
    ],
    ["a collection that is not allowed", "retrieve", { query: "bm25", collection: "other" }, /"other"/, "not_found"],
  ])("answers %s with a typed error that passes its own validation", async (_case, tool, args, message, code) => {
    const result = await client.call(tool, args);
    expect(result.isError).toBe(true);
    const { error, trace_id } = result.structuredContent;
    expect(error).toMatchObject({ code, runbook: `docs/runbook.md#${code}` });
    expect(error.message).toMatch(message);
    expect(error.remedy.length).toBeGreaterThan(10);
    expect(trace_id).toMatch(/^[0-9a-f]{32}$/);
    expect(result.content[0]?.text).toContain(error.remedy);
  });

  it("reads the whole document that a result names", async () => {
    const { structuredContent } = await client.call("retrieve", { query: "BM25 formula k1 and b", top_k: 1 });
    const { uri, document } = structuredContent.results[0].source;
    const { contents } = await client.read(uri);
    expect(contents[0]).toMatchObject({ uri, mimeType: "text/plain" });
    expect(contents[0].text).toBe(readFileSync(join(EXAMPLES, document), "utf8").trimEnd());
  });

  it("offers documents as a resource template and refuses one that is not there", async () => {
    expect((await client.templates()).map(({ uriTemplate }) => uriTemplate)).toEqual([
      "aura://{collection}/{source}/{+path}",
    ]);
    await expect(client.read("aura://my_docs/no/such.md")).rejects.toThrow(/not found/i);
    await expect(client.read("aura://other/lexical/bm25.md")).rejects.toThrow(/other/);
  });
});

describe("raw handshakes", () => {
  it.each(["2024-10-07", "2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])(
    "revision %s is answered with itself and works",
    async (revision) => {
      const server = new RawServer(newFolder());
      const { result } = await server.initialize(revision);
      expect(result).toMatchObject({ protocolVersion: revision, serverInfo: { name: "aura-retrieval" } });
      expect(result.instructions.length).toBeLessThan(2_048);
      const { result: listed } = await server.request("tools/list").answer;
      expect(listed.tools).toHaveLength(5);
      expect(JSON.stringify(listed).length).toBeLessThan(14_000);
      expect((await server.ask("health")).status).toBe("degraded"); // pseudo-embeddings
      await server.end();
    },
  );

  it("a revision that nobody knows is answered with one that the server has", async () => {
    const server = new RawServer(newFolder());
    const { result } = await server.initialize("1999-01-01");
    expect(result.protocolVersion).toBe("2025-11-25");
    await server.end();
  });

  it("revision 2026-07-28 is discovered, needs no initialize, and marks its lists and results", async () => {
    const server = new RawServer(newFolder());
    const _meta = {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientInfo": INFO,
      "io.modelcontextprotocol/clientCapabilities": {},
    };
    const { result: discovered } = await server.request("server/discover", { _meta }).answer;
    expect(discovered.supportedVersions).toContain("2026-07-28");
    expect(discovered.instructions.length).toBeLessThan(2_048);
    const { result: listed } = await server.request("tools/list", { _meta }).answer;
    expect(listed).toMatchObject({ resultType: "complete", ttlMs: expect.any(Number) });
    expect(listed.tools.map(({ name }: Json) => name)).toEqual([
      "retrieve",
      "get_document",
      "list_documents",
      "reindex",
      "health",
    ]);
    expect(JSON.stringify(listed).length).toBeLessThan(14_000);
    const { result: called } = await server.request("tools/call", { name: "health", arguments: {}, _meta }).answer;
    expect(called).toMatchObject({ resultType: "complete", structuredContent: { status: "degraded" } });
    await server.end();
  });
});
