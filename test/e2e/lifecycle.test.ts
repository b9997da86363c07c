/** How the server starts, shares its folder, ends, and keeps stdout clean. */

import { once } from "node:events";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, describe, expect, it } from "vitest";
import { freePort } from "../support/free-port.js";
import {
  cleanUp,
  descendants,
  folderOf,
  isAlive,
  longDocuments,
  newFolder,
  PATIENCE_MS,
  RawServer,
  REAL_MODEL,
  readSpans,
  run,
  startServer,
  until,
  writeDocuments,
} from "./server.js";

/** The one timing that is promised; a little is left to the machine for noticing it. */
const ENDS_WITHIN_MS = 2_000;

afterEach(cleanUp);

const HANDBOOK = {
  "keys.md": "# Keys\n\nRotate the signing keys every ninety days and revoke the old ones.\n",
  "leave.md": "# Leave\n\nAsk your manager for annual leave two weeks ahead.\n",
};

describe("start", () => {
  it("answers initialize and tools/list with nothing in the data folder and no process below it", async () => {
    const dataFolder = newFolder();
    const port = await freePort();
    const server = new RawServer(dataFolder, { ...REAL_MODEL, METRICS_PORT: String(port) });
    await server.initialize();
    const { result } = await server.request("tools/list").answer;
    expect(result.tools).toHaveLength(5);
    expect(readdirSync(dataFolder)).toEqual([]);
    expect(descendants(server.pid)).toEqual([]);
    await server.end();
  });

  it("loads the model once it was asked nothing for a while, for those only who came to stay", async () => {
    const inference = (server: RawServer) =>
      descendants(server.pid).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("embedder-worker"));
    const [looking, staying] = [newFolder(), newFolder()].map((folder) => new RawServer(folder, REAL_MODEL));
    await (staying as RawServer).initialize();
    await expect.poll(() => inference(staying as RawServer), { timeout: PATIENCE_MS }).not.toEqual([]);
    expect(inference(looking as RawServer)).toEqual([]);
    await Promise.all([looking?.end(), staying?.end()]);
  });

  it("leaves nothing behind in the user's home: no cache, no telemetry of a library", async () => {
    const home = newFolder();
    const source = folderOf(HANDBOOK);
    const server = await startServer(newFolder(), { ...REAL_MODEL, HOME: home, RETRIEVAL_ROOTS: source });
    await server.ask("reindex", { source });
    expect((await server.ask("retrieve", { query: "how often are keys rotated?" })).results).not.toEqual([]);
    await server.end();
    expect(readdirSync(home, { recursive: true })).toEqual([]);
  });

  it("answers server/discover before it opens anything", async () => {
    const dataFolder = newFolder();
    const server = new RawServer(dataFolder, REAL_MODEL);
    const { result } = await server.request("server/discover", {
      _meta: {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { name: "raw", version: "1.0" },
        "io.modelcontextprotocol/clientCapabilities": {},
      },
    }).answer;
    expect(result.supportedVersions).toContain("2026-07-28");
    expect(readdirSync(dataFolder)).toEqual([]);
    expect(descendants(server.pid)).toEqual([]);
    await server.end();
  });

  it("lets two servers that start at once on one data folder both index and answer", async () => {
    const dataFolder = newFolder();
    const source = folderOf(HANDBOOK);
    const settings = { RETRIEVAL_ROOTS: source };
    const servers = [new RawServer(dataFolder, settings), new RawServer(dataFolder, settings)] as const;
    await Promise.all(servers.map((server) => server.initialize()));
    // One of the two may find the collection being written: a typed error, after which it asks again.
    const results = await Promise.all(servers.map((server) => server.call("reindex", { source: ".", wait: true })));
    const refused = results.filter(({ isError }) => isError).map(({ structuredContent }) => structuredContent.error);
    expect(refused.length).toBeLessThan(2);
    for (const error of refused) expect(error).toMatchObject({ code: "conflict", remedy: expect.any(String) });
    const answers = await Promise.all(
      servers.map((server) => server.ask("retrieve", { query: "rotate signing keys" })),
    );
    for (const { results: passages } of answers) expect(passages[0].source.document).toBe("keys.md");
    await Promise.all(servers.map((server) => server.end()));
  });
});

describe.each<[string, (server: RawServer) => void]>([
  ["the end of stdin", (server) => server.process.stdin?.end()],
  ["SIGTERM", (server) => server.process.kill("SIGTERM")],
  ["SIGINT", (server) => server.process.kill("SIGINT")],
])("%s", (_name, stop) => {
  it("ends an idle server and everything below it within 2 s", async () => {
    const source = folderOf(HANDBOOK);
    const server = await startServer(newFolder(), { ...REAL_MODEL, RETRIEVAL_ROOTS: source });
    await server.ask("reindex", { source: "." });
    const below = descendants(server.pid);
    expect(below.length).toBeGreaterThanOrEqual(2); // the store's process and the model's
    await expectEnd(server, below, stop);
    expect((await server.exited).code).toBe(0);
  });

  it("ends a server in the middle of a reindex within 2 s, and what was indexed before is still there", async () => {
    const dataFolder = newFolder();
    const source = folderOf(HANDBOOK);
    const settings = { ...REAL_MODEL, RETRIEVAL_ROOTS: source };
    const server = await startServer(dataFolder, settings);
    const before = (await server.ask("reindex", { source: "." })).job;
    writeDocuments(source, longDocuments(60, "ledger"));
    const { id } = server.start("reindex", { source: ".", mode: "full", wait: true });
    await server.writing(id);
    await expectEnd(server, descendants(server.pid), stop);

    const next = await startServer(dataFolder, settings);
    const answer = await next.ask("retrieve", { query: "rotate the signing keys" });
    expect(answer.results[0].source.document).toBe("keys.md");
    expect(answer.collection).toMatchObject({ name: before.target, points: before.points });
    const { jobs } = await next.ask("health");
    expect(jobs[0]).toMatchObject({ mode: "full", state: "cancelled" });
    await next.end();
  });
});

async function expectEnd(server: RawServer, below: number[], stop: (server: RawServer) => void): Promise<void> {
  const asked = Date.now();
  stop(server);
  const { at } = await server.exited;
  expect(at - asked).toBeLessThan(ENDS_WITHIN_MS);
  const left = ENDS_WITHIN_MS - (at - asked);
  const gone = await until(() => below.every((pid) => !isAlive(pid)), left);
  expect(gone, `left over: ${below.filter(isAlive)}`).toBe(true);
}

describe("a call in flight", () => {
  it("is recorded as cancelled when stdin ends", async () => {
    const dataFolder = newFolder();
    const server = await startServer(dataFolder);
    server.start("health");
    await server.end();
    expect(readSpans(dataFolder)).toMatchObject([{ tool: "health", status: "cancelled", error_code: "cancelled" }]);
  });
});

describe("kill -9", () => {
  it.each([false, true])("leaves no process behind after 2 s (in the middle of a reindex: %s)", async (busy) => {
    const source = folderOf(busy ? longDocuments(60, "ledger") : HANDBOOK);
    const server = await startServer(newFolder(), { ...REAL_MODEL, RETRIEVAL_ROOTS: source });
    const { id, answer } = server.start("reindex", { source: ".", wait: true });
    await (busy ? server.writing(id) : answer);
    const below = descendants(server.pid);
    expect(below.length).toBeGreaterThanOrEqual(2);
    await server.kill();
    const gone = await until(() => below.every((pid) => !isAlive(pid)), ENDS_WITHIN_MS);
    expect(gone, `left over: ${below.filter(isAlive)}`).toBe(true);
  });
});

describe("stdout", () => {
  it("is JSON-RPC line by line, whatever a library prints", async () => {
    const source = folderOf(HANDBOOK);
    const folder = newFolder();
    // A library that prints while it is loaded …
    writeFileSync(
      join(folder, "hooks.mjs"),
      `export async function load(url, context, next) {
          const loaded = await next(url, context);
          if (loaded.format !== "module" || !url.includes("/node_modules/")) return loaded;
          return { ...loaded, source: Buffer.from(loaded.source).toString() + '\\n;console.log("noise of loading");' };
        }`,
    );
    // … and one that prints while the server works.
    writeFileSync(
      join(folder, "noisy.mjs"),
      `import { register } from "node:module";
        register("./hooks.mjs", import.meta.url);
        process.on("SIGUSR2", () => setInterval(() => {
          console.log("noise from console.log"); console.info("noise"); console.warn("noise");
          process.stdout.write("noise from stdout.write\\n");
        }, 5).unref());`,
    );
    const server = await startServer(newFolder(), {
      RETRIEVAL_ROOTS: source,
      NODE_OPTIONS: `--import=${pathToFileURL(join(folder, "noisy.mjs"))}`,
    });
    server.process.kill("SIGUSR2");
    await server.ask("reindex", { source: "." });
    await server.ask("retrieve", { query: "annual leave" });
    await server.ask("health");
    await server.end();
    for (const line of server.stdoutLines) expect(JSON.parse(line)).toHaveProperty("jsonrpc", "2.0");
    expect(server.stderr).toContain("noise of loading");
    expect(server.stderr).toContain("noise from console.log");
    expect(server.stderr).toContain("noise from stdout.write");
  });

  it("stays clean when the client sends what is no JSON-RPC, and the server goes on", async () => {
    const server = await startServer(newFolder());
    server.process.stdin?.write('not json\n{"jsonrpc":"2.0"}\n[]\n');
    expect((await server.ask("health")).status).toBe("degraded");
    await server.end();
    for (const line of server.stdoutLines) expect(JSON.parse(line)).toHaveProperty("jsonrpc", "2.0");
  });
});

describe("configuration problems", () => {
  it.each<[string, Record<string, string>, string[]]>([
    [
      "late interaction by a model without token vectors",
      { EMBEDDING_MODEL: "all-mpnet-base-v2", RERANK_ENABLED: "1", RERANK_MODEL: "late-interaction" },
      ["RERANK_MODEL=late-interaction"],
    ],
    ["an address that is none", { QDRANT_URL: "127.0.0.1:6333" }, ["QDRANT_URL"]],
    [
      "several bad values at once",
      { METRICS_PORT: "a", CANDIDATES: "0", FUSION_DENSE_WEIGHT: "2", HYBRID_ENABLED: "maybe", LOG_LEVEL: "loud" },
      ["METRICS_PORT=a", "CANDIDATES=0", "FUSION_DENSE_WEIGHT=2", "HYBRID_ENABLED=maybe", "LOG_LEVEL=loud"],
    ],
    [
      "bad values of several kinds",
      { QDRANT_URL: "nowhere", CANDIDATES: "many", EMBEDDING_MODEL: "no-such" },
      ["QDRANT_URL", "CANDIDATES=many", "EMBEDDING_MODEL=no-such"],
    ],
  ])("stop the start with exit code 78 and name every one: %s", async (_case, settings, named) => {
    const dataFolder = newFolder();
    const server = new RawServer(dataFolder, settings);
    expect((await server.exited).code).toBe(78);
    for (const name of named) expect(server.stderr).toContain(name);
    expect(server.stderr).toContain("docs/runbook.md#config");
    expect(server.stderr).not.toContain("    at "); // no stack trace
    expect(server.stdoutLines).toEqual([]);
    expect(readdirSync(dataFolder)).toEqual([]);
  });
});

describe("the metrics port", () => {
  it("is the next one when the configured one is taken, and health says which", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    try {
      const server = await startServer(newFolder(), { METRICS_PORT: String(port) });
      await until(async () => (await server.ask("health")).metrics.state !== "starting", PATIENCE_MS);
      const { metrics } = await server.ask("health");
      expect(metrics.state).toBe("listening");
      expect(metrics.port).toBeGreaterThan(port);
      expect(server.stderr).toContain(`METRICS_PORT ${port} is taken`);
      expect((await get(metrics.port)).status).toBe(200);
      await server.end();
    } finally {
      taken.close();
    }
  });

  it("serves what was counted, on the loopback address, to its own names only", async () => {
    const port = await freePort();
    const source = folderOf(HANDBOOK);
    const server = await startServer(newFolder(), { METRICS_PORT: String(port), RETRIEVAL_ROOTS: source });
    await server.ask("reindex", { source: "." });
    await server.ask("retrieve", { query: "annual leave" });
    await server.refuse("retrieve", { question: "annual leave" });
    const { metrics } = await server.ask("health");
    expect(metrics.state).toBe("listening");
    const { body } = await get(metrics.port);
    expect(body).toMatch(/^retrieval_requests_total\{[^}]*tool="retrieve"[^}]*status="ok"[^}]*\} 1$/m);
    expect(body).toMatch(/^retrieval_requests_total\{[^}]*tool="retrieve"[^}]*status="rejected"[^}]*\} 1$/m);
    expect(body).toMatch(/^reindex_chunks_total 2$/m);
    expect(body).toMatch(/^retrieval_degraded_total\{[^}]*reason="pseudo_embeddings"[^}]*\} 1$/m);
    expect((await get(metrics.port, "evil.example")).status).toBe(403);
    expect((await get(metrics.port, "127.0.0.1.evil.example")).status).toBe(403);
    expect((await get(metrics.port, `localhost:${metrics.port}`)).status).toBe(200);
    await server.end();
  });

  it("belongs to the server alone: a command opens none", async () => {
    const dataFolder = newFolder();
    const { stdout } = await run(["health", "--json"], dataFolder, { METRICS_PORT: String(await freePort()) });
    expect(JSON.parse(stdout).metrics).toEqual({ state: "off", reason: "only the server opens its port" });
    // It is a call like any other, so it leaves its span.
    expect(readSpans(dataFolder)).toMatchObject([{ tool: "health", user: "operator", status: "ok" }]);
  });
});

async function get(port: number, host?: string): Promise<{ status: number | undefined; body: string }> {
  const headers = host === undefined ? {} : { host };
  const call = httpRequest({ host: "127.0.0.1", port, path: "/metrics", headers, agent: false }).end();
  const [response] = await once(call, "response");
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}
