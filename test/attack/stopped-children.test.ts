/** A neighbour that stops the server's child processes (SIGSTOP): nothing waits for them without end, and none is left over. */
import { execFileSync } from "node:child_process";
import { afterEach, describe, expect, it } from "vitest";
import { createSqliteStore } from "#src/store/sqlite/index.js";
import { collect, document, spec } from "../contract/fixtures.js";
import {
  cleanUp,
  descendants,
  folderOf,
  isAlive,
  longDocuments,
  newFolder,
  onCleanUp,
  PATIENCE_MS,
  type RawServer,
  REAL_MODEL,
  startServer,
  until,
} from "../e2e/server.js";
import { passFor, testCall } from "../support/call.js";

afterEach(cleanUp);

const WINDOWS = process.platform === "win32";
if (WINDOWS) console.warn("skipped: Windows has no signal that stops a process");

/** A job that fails within the lease's term is told before another writer may come. */
const FOUND_WITHIN_MS = 60_000;
const HANGS_AFTER_MS = 3_000;

/** How a store's processes are started; the one that writes holds no vectors. */
const STORE = '"vectorBytes":';
const WRITER = '"vectorBytes":0}';

function startedWith(pid: number, args: string): boolean {
  try {
    return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).includes(args);
  } catch {
    return false; // it has ended
  }
}

function stopWriter(parent: number): number {
  const writer = descendants(parent).find((pid) => startedWith(pid, WRITER));
  if (writer === undefined) throw new Error("no process writes");
  process.kill(writer, "SIGSTOP");
  return writer;
}

async function indexing(server: RawServer, source: string) {
  const running = server.start("reindex", { source, wait: true });
  await server.writing(running.id);
  return running;
}

describe.skipIf(WINDOWS)("a stopped writer", () => {
  it(
    "is found: its job fails, every other call is answered meanwhile, and the next job works",
    async () => {
      const source = folderOf(longDocuments(800, "ledger"));
      const server = await startServer(newFolder(), { RETRIEVAL_ROOTS: source, CALL_TIMEOUT_MS: "120000" });
      const { answer } = await indexing(server, source);
      const stoppedAt = Date.now();
      const writer = stopWriter(server.pid);
      expect((await server.ask("health")).jobs[0].state).toBe("running");
      const { structuredContent } = await answer;
      expect(structuredContent.error).toMatchObject({
        code: "store_down",
        message: expect.stringMatching(/stood still/),
      });
      expect(Date.now() - stoppedAt).toBeLessThan(FOUND_WITHIN_MS);
      expect(isAlive(writer)).toBe(false);
      expect((await server.ask("health")).jobs[0]).toMatchObject({ state: "failed", error: { code: "store_down" } });
      expect((await server.ask("reindex", { source, wait: true })).job.state).toBe("done");
      await server.end();
    },
    3 * PATIENCE_MS,
  );

  it("keeps nobody from cancelling its job", async () => {
    const source = folderOf(longDocuments(800, "ledger"));
    const server = await startServer(newFolder(), { RETRIEVAL_ROOTS: source });
    const { id } = await indexing(server, source);
    stopWriter(server.pid);
    server.cancel(id);
    const cancelled = async () => (await server.ask("health")).jobs[0].state === "cancelled";
    expect(await until(cancelled, FOUND_WITHIN_MS / 3)).toBe(true);
    await server.end();
  });

  it("fails its call alone: what reads goes on, and the next write has a new process", async () => {
    const call = testCall();
    const store = createSqliteStore({ folder: newFolder(), vectorMemoryMb: 16, writerHangsAfterMs: HANGS_AFTER_MS });
    onCleanUp(() => store.close());
    await store.create(call, "docs-1", spec());
    stopWriter(process.pid);
    const write = store.write(call, "docs-1", [document("a", ["one"])]);
    write.catch(() => undefined);
    expect(await store.describe(call, passFor("docs-1"))).toMatchObject({ documents: 0 });
    await expect(write).rejects.toMatchObject({
      code: "store_down",
      message: `The store's process stood still for ${HANGS_AFTER_MS / 1_000} s during "write".`,
    });
    await store.write(call, "docs-1", [document("b", ["two"])]);
    expect((await collect(store.documents(call, "docs-1"))).map((record) => record.document)).toEqual(["b"]);
  });
});

describe.skipIf(WINDOWS)("with every child stopped", () => {
  it("a store is closed, and leaves no process", async () => {
    const call = testCall();
    const store = createSqliteStore({ folder: newFolder(), vectorMemoryMb: 16 });
    await store.create(call, "docs-1", spec());
    await store.lease(call, passFor("docs"));
    const children = descendants(process.pid).filter((pid) => startedWith(pid, STORE));
    expect(children).toHaveLength(2);
    for (const pid of children) process.kill(pid, "SIGSTOP");
    const closing = store.close();
    expect(await until(() => children.every((pid) => !isAlive(pid)), PATIENCE_MS / 3)).toBe(true);
    await closing;
  });

  it.each<[string, (server: RawServer) => void]>([
    ["the end of stdin", (server) => server.process.stdin?.end()],
    ["SIGTERM", (server) => server.process.kill("SIGTERM")],
  ])("a server in the middle of a job ends by %s, and leaves no process", async (_how, stop) => {
    const source = folderOf(longDocuments(60, "ledger"));
    const server = await startServer(newFolder(), { ...REAL_MODEL, RETRIEVAL_ROOTS: source });
    await indexing(server, source);
    const children = descendants(server.pid);
    expect(children.length).toBeGreaterThanOrEqual(3); // the model's, and two of the store's
    for (const pid of children) process.kill(pid, "SIGSTOP");
    const askedAt = Date.now();
    stop(server);
    const { code, at } = await server.exited;
    expect(code).toBe(0);
    expect(at - askedAt).toBeLessThan(PATIENCE_MS / 6);
    expect(await until(() => children.every((pid) => !isAlive(pid)), PATIENCE_MS / 6)).toBe(true);
  });
});
