/** While files that are made to harm are indexed, the protocol is served. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanUp, folderOf, type Json, newFolder, type RawServer, startServer, writeDocuments } from "../e2e/server.js";
import { CATALOGUE, IGNORE_RULES } from "./catalogue.js";

const LONGEST_PING_MS = 200;
const ENDS_WITHIN_MS = 2_000;
const PING_EVERY_MS = 10;
const PATIENCE_MS = 300_000;

afterAll(cleanUp);

/**
 * Milliseconds that the server's main thread has worked: a machine that is busy with others keeps a ping waiting, and
 * the server is not to blame. Where the system does not tell, all time counts.
 */
function workedMs({ pid }: RawServer): number {
  if (process.platform !== "linux") return performance.now();
  return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
}

/** The longest that one ping had to wait for the server, until the work is done. */
async function longestPing(server: RawServer, work: Promise<unknown>): Promise<number> {
  let isDone = false;
  void work
    .catch(() => undefined)
    .finally(() => {
      isDone = true;
    });
  let longest = 0;
  while (!isDone) {
    const sent = performance.now();
    const before = workedMs(server);
    await server.request("ping").answer;
    longest = Math.max(longest, Math.min(performance.now() - sent, workedMs(server) - before));
    await sleep(PING_EVERY_MS);
  }
  return longest;
}

/** The job when it has ended, or the error. */
async function index(server: RawServer, source: string): Promise<{ job?: Json; error?: Json }> {
  return (await server.call("reindex", { source, wait: true })).structuredContent;
}

describe("a folder of files that are made to harm", () => {
  const root = newFolder();
  let server: RawServer;
  beforeAll(async () => {
    server = await startServer(newFolder(), { RETRIEVAL_ROOTS: root });
    writeDocuments(root, { "fine/a.md": "# Pumps\n\nPrime the pump before it runs.\n" });
    await index(server, `${root}/fine`);
  });

  it(`of ${CATALOGUE.size} kinds is indexed while pings and questions are answered`, {
    timeout: PATIENCE_MS,
  }, async () => {
    writeDocuments(root, Object.fromEntries([...CATALOGUE].map(([name, text]) => [`harm/${name}`, text])));
    const indexing = index(server, `${root}/harm`);
    const asking = (async () => {
      const { structuredContent } = await server.call("retrieve", { query: "how is the pump primed?", top_k: 3 });
      expect(structuredContent.error).toBeUndefined();
    })();
    expect(await longestPing(server, Promise.all([indexing, asking]))).toBeLessThanOrEqual(LONGEST_PING_MS);
    await asking;
    const { job, error } = await indexing;
    expect(error).toBeUndefined();
    expect(job.failed).toEqual([]);
  });

  it.each([...IGNORE_RULES])("with %s as ignore rules too", { timeout: PATIENCE_MS }, async (name, files) => {
    const folder = `rules ${name}`;
    writeDocuments(root, Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text])));
    const indexing = index(server, `${root}/${folder}`);
    expect(await longestPing(server, indexing)).toBeLessThanOrEqual(LONGEST_PING_MS);
    const { job, error } = await indexing;
    // Rules that take too long leave their folder unread, and say so.
    expect(error?.message ?? job.failed[0]?.reason ?? "its .gitignore").toContain("its .gitignore");
  });
});

it("SIGTERM ends the server while ignore rules are matched that never come to an end", async () => {
  const [files] = IGNORE_RULES.values();
  const root = folderOf(files as Readonly<Record<string, string>>);
  const server = await startServer(newFolder(), { RETRIEVAL_ROOTS: root });
  const { answer } = server.start("reindex", { source: root });
  answer.catch(() => undefined);
  await sleep(3_000);
  const sent = Date.now();
  server.process.kill("SIGTERM");
  const { code, at } = await server.exited;
  expect(code).toBe(0);
  expect(at - sent).toBeLessThan(ENDS_WITHIN_MS + 500);
});
