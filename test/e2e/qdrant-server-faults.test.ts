/** The Qdrant itself fails: stopped, killed, without disk, without a node, without a quorum. Real servers, started here. */
import { execFileSync } from "node:child_process";
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { createQdrantStore } from "#src/store/qdrant/index.js";
import { document, spec } from "../contract/fixtures.js";
import { BINARY, RealServer, startCluster, WHY_SKIPPED } from "../store/qdrant/real-server.js";
import { passFor, testCall } from "../support/call.js";
import {
  canMount,
  cleanUp,
  folderOf,
  type Json,
  longDocuments,
  newFolder,
  onCleanUp,
  PATIENCE_MS,
  type RawServer,
  run,
  type Settings,
  startServer,
  until,
} from "./server.js";

const LONG_MS = 4 * PATIENCE_MS;
const MB = 2 ** 20;

afterEach(cleanUp);

const at = (urls: string, more: Settings = {}): Settings => ({
  QDRANT_URL: urls,
  QDRANT_POOL_TIMEOUT: "15",
  QDRANT_POOL_RETRY_DELAY: "0.5",
  QDRANT_CIRCUIT_RESET_TIMEOUT: "1",
  ...more,
});

async function index(
  source: string,
  settings: Settings,
  ...options: string[]
): Promise<{ code: number | null; said: Json }> {
  const { code, stdout, stderr } = await run(["index", source, "--json", ...options], newFolder(), settings);
  return { code, said: stdout === "" ? stderr : JSON.parse(stdout) };
}

/** Documents that the last progress of a job told: they are durable. */
function acknowledged(server: RawServer, id: number): number {
  const told = server.notifications
    .filter(({ method, params }) => method === "notifications/progress" && params.progressToken === id)
    .map(({ params }) => Number(/(\d+)\/\d+ documents/.exec(params.message)?.[1] ?? 0));
  return Math.max(0, ...told);
}

async function pointsOf(url: string, collection: string): Promise<number> {
  const path = `${url}/collections/${collection}/points/count`;
  const body = JSON.stringify({ exact: true });
  const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body });
  return ((await answer.json()) as Json).result?.count;
}

/**
 * A server that was killed is ready before it has carried out again what was on its way: the newest part of its log goes
 * through its queue of writes, and a count meanwhile tells of less than is durable. A write that waits comes after that.
 */
async function recovered(url: string, collection: string): Promise<void> {
  const path = `${url}/collections/${collection}/points/delete?wait=true`;
  const body = JSON.stringify({ points: ["00000000-0000-8000-8000-000000000000"] });
  const answer = await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body });
  expect(answer.ok).toBe(true);
}

async function collections(settings: Settings): Promise<Json[]> {
  const { code, stdout, stderr } = await run(["collections", "--json"], newFolder(), settings);
  expect(code, stderr).toBe(0);
  return JSON.parse(stdout).collections;
}

/** Nothing went wrong but what was told. */
function expectSound(server: RawServer): void {
  expect(server.process.exitCode).toBeNull();
  expect(server.stderr).not.toMatch(/unhandled|uncaught/i);
}

if (BINARY === undefined) {
  describe("a Qdrant that fails", () => {
    it.skip(`is survived (${WHY_SKIPPED})`);
  });
}

describe.skipIf(BINARY === undefined)("a Qdrant", () => {
  it.each(["SIGTERM", "SIGKILL"] as const)(
    "restarted by %s during a re-index loses nothing acknowledged, and the run waits for it",
    async (signal) => {
      const qdrant = await RealServer.start();
      const source = folderOf({ ...longDocuments(6, "ledger"), ...longDocuments(250, "archive") });
      const settings = at(qdrant.url, { RETRIEVAL_ROOTS: source });
      expect((await index(folderOf(longDocuments(6, "ledger")), settings)).code).toBe(0);
      const server = await startServer(newFolder(), settings);
      const { id, answer } = server.start("reindex", { source, mode: "full", wait: true });
      await server.writing(id);
      await qdrant.stop(signal);
      const durable = acknowledged(server, id);
      const refused = await server.call("retrieve", { query: "ledger" });
      if (refused.isError) expect(refused.structuredContent.error.code).toBe("store_down");
      const waits = async () => (await server.ask("health")).jobs[0]?.outage !== undefined;
      await Promise.race([answer, until(waits, PATIENCE_MS)]);
      // One that is told to end may end after the run.
      if ((await Promise.race([answer, "running"])) === "running") {
        expect(await server.ask("health")).toMatchObject({
          store: { state: "down" },
          jobs: [{ state: "running", outage: expect.stringContaining("Qdrant") }],
        });
      }
      await qdrant.start();

      const isBuilding = ({ state }: Json) => state === "building";
      const found = (await collections(settings)).find(isBuilding);
      if (found !== undefined) {
        await recovered(qdrant.url, found.name);
        const building = (await collections(settings)).find(isBuilding);
        if (building !== undefined) expect(building.documents).toBeGreaterThanOrEqual(durable);
      }
      const { isError, structuredContent } = await answer;
      expect(isError, JSON.stringify(structuredContent)).toBeFalsy();
      expect(structuredContent.job).toMatchObject({ state: "done", failed_total: 0, documents: { added: 6 + 256 } });
      const [serving, ...others] = (await collections(settings)).filter((info) => info.serving);
      expect(others).toEqual([]);
      expect(serving).toMatchObject({ state: "ready", documents: 6 + 256 });
      expect(await until(async () => !(await server.call("retrieve", { query: "archive" })).isError, PATIENCE_MS)).toBe(
        true,
      );
      expectSound(server);
      await server.end();
    },
    LONG_MS,
  );

  it.skipIf(!canMount())(
    "whose disk is full is store_down with what it says, serves on, and takes writes again when there is room",
    async () => {
      const folder = newFolder();
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=400m", "tmpfs", folder]);
      onCleanUp(() => execFileSync("umount", ["-l", folder]));
      const qdrant = await RealServer.start({ folder });
      const settings = at(qdrant.url, { QDRANT_POOL_MAX_RETRIES: "1" });
      const small = folderOf(longDocuments(6, "ledger"));
      expect((await index(small, settings)).code).toBe(0);

      const { bavail, bsize } = statfsSync(folder);
      const filler = join(folder, "filler");
      writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - 2 * MB)));
      const { code, said } = await index(folderOf(longDocuments(400, "archive")), settings);
      expect(code, JSON.stringify(said)).toBe(69);
      expect(said.error).toMatchObject({ code: "store_down", message: expect.stringMatching(/space|disk/i) });

      const server = await startServer(newFolder(), settings);
      expect((await server.ask("retrieve", { query: "ledger" })).results.length).toBeGreaterThan(0);
      rmSync(filler);
      expect(await until(async () => (await index(small, settings)).code === 0, PATIENCE_MS)).toBe(true);
      expect((await server.ask("retrieve", { query: "ledger" })).results.length).toBeGreaterThan(0);
      expectSound(server);
      await server.end();
    },
    LONG_MS,
  );
});

describe.skipIf(BINARY === undefined)("a cluster of three nodes with two replicas", () => {
  const replicated = { QDRANT_REPLICATION_FACTOR: "2", QDRANT_SHARD_NUMBER: "3" };

  it(
    "that loses a node answers every question, whichever node it is",
    async () => {
      const nodes = await startCluster(3);
      const settings = at(nodes.map(({ url }) => url).join(), { ...replicated, RATE_LIMIT_QPS: "100000" });
      expect((await index(folderOf(longDocuments(20, "ledger")), settings)).code).toBe(0);
      const server = await startServer(newFolder(), settings);
      for (const lost of [nodes[0], nodes[2]] as RealServer[]) {
        let over = false;
        const askers = Array.from({ length: 4 }, async () => {
          let answered = 0;
          for (; !over; answered++) await server.ask("retrieve", { query: `ledger ${answered}` });
          return answered;
        });
        await server.ask("retrieve", { query: "ledger" });
        await lost.stop("SIGKILL");
        for (let i = 0; i < 20; i++) await server.ask("retrieve", { query: `ledger topic ${i}` });
        over = true;
        expect(Math.min(...(await Promise.all(askers)))).toBeGreaterThan(0);
        expect(await server.ask("health")).toMatchObject({
          store: { state: "ok", breaker: "closed", nodes: { total: 3 } },
        });
        await lost.start();
        await settled(nodes);
      }
      expectSound(server);
      await server.end();
    },
    LONG_MS,
  );

  it.each([
    ["the one that is asked first", 0],
    ["another one", 1],
  ] as const)(
    "that loses a node during a re-index finishes it, builds another version, and every node has all of it later: %s",
    async (_which, place) => {
      const nodes = await startCluster(3);
      const source = folderOf(longDocuments(150, "archive"));
      const settings = at(nodes.map(({ url }) => url).join(), { ...replicated, RETRIEVAL_ROOTS: source });
      const server = await startServer(newFolder(), settings);
      const { id, answer } = server.start("reindex", { source, wait: true });
      await server.writing(id);
      const lost = nodes[place] as RealServer;
      await lost.stop("SIGKILL");
      const { isError, structuredContent } = await answer;
      if (isError) expect(structuredContent.error).toMatchObject({ code: "store_down" });
      const { code, said } = await index(source, settings, "--full");
      expect(code, JSON.stringify(said)).toBe(0);
      await lost.start();
      await settled(nodes);
      const serving = (await collections(settings)).find((info) => info.serving);
      expect(serving).toMatchObject({ state: "ready", documents: 150 });
      for (const { url } of nodes) expect(await pointsOf(url, serving.name)).toBe(serving.points);
      expectSound(server);
      await server.end();
    },
    LONG_MS,
  );
});

describe.skipIf(BINARY === undefined)("a cluster without a quorum", () => {
  it(
    "leaves it open whether the alias was switched, says so, and the alias serves one complete collection later",
    async () => {
      const nodes = await startCluster(3);
      const [first, ...others] = nodes as [RealServer, ...RealServer[]];
      const store = createQdrantStore({
        urls: first.url,
        textField: "text",
        cluster: { ordering: "medium", replicas: 3, shards: 1 },
        poolSize: 3,
        timeoutMs: 15_000,
        maxRetries: 1,
        retryDelayMs: 100,
        failureThreshold: 50,
        resetMs: 1_000,
      });
      onCleanUp(() => store.close());
      for (const name of ["docs-1", "docs-2"]) {
        await store.create(testCall(), name, spec());
        await store.write(testCall(), name, [document("a", [`What ${name} says`])]);
      }
      await store.publish(testCall(), passFor("docs"), "docs-1");
      const switching = store.publish(testCall(), passFor("docs"), "docs-2");
      for (const node of others) await node.stop("SIGKILL");
      const outcome = await switching.then(
        () => undefined,
        (error: unknown) => error,
      );
      const undecided =
        outcome ?? (await store.repoint(testCall(), passFor("docs"), "docs-1").catch((error: unknown) => error));
      expect(undecided).toMatchObject({
        code: expect.stringMatching(/^(store_down|timeout)$/),
        message: expect.stringMatching(/may still be done/),
      });
      for (const node of others) await node.start();
      await settled(nodes);
      expect((await store.describe(testCall(), passFor("docs")))?.name).toMatch(/^docs-[12]$/);
      await store.publish(testCall(), passFor("docs"), "docs-2");
      expect(await store.describe(testCall(), passFor("docs"))).toMatchObject({
        name: "docs-2",
        state: "ready",
        points: 1,
      });
    },
    LONG_MS,
  );
});

/** Every replica of every shard is active again, as each node sees it. */
async function settled(nodes: readonly RealServer[]): Promise<void> {
  const isActive = async (url: string): Promise<boolean> => {
    const { result } = (await (await fetch(`${url}/collections`)).json()) as Json;
    for (const { name } of result.collections) {
      const shards = ((await (await fetch(`${url}/collections/${name}/cluster`)).json()) as Json).result;
      const states = [...shards.local_shards, ...shards.remote_shards].map(({ state }: Json) => state);
      if (states.some((state) => state !== "Active")) return false;
    }
    return true;
  };
  const all = async () => (await Promise.all(nodes.map(({ url }) => isActive(url)))).every(Boolean);
  expect(await until(() => all().catch(() => false), PATIENCE_MS)).toBe(true);
}
