/**
 * A re-index into a Qdrant, killed at each of its steps: just before a request reaches the server, and just after the
 * server has done it. The alias serves one complete collection, and the next run goes on with what is there.
 */
import type { ChildProcess } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { cleanUp, folderOf, type Json, newFolder, PATIENCE_MS, run, startCommand } from "./server.js";

const QDRANT = process.env.QDRANT_TEST_URL?.split(",")[0];
const DOCUMENTS = 60;
const PARAGRAPHS = 12;

interface Step {
  readonly name: string;
  readonly matches: (method: string, path: string) => boolean;
  /** Which of the matching requests. */
  readonly nth?: number;
  /** Whether documents were written by then, which must not be embedded again. */
  readonly written: boolean;
}

const isTarget = (path: string) => /^\/collections\/steps_\d/.test(path);
const STEPS: readonly Step[] = [
  {
    name: "the lease",
    matches: (method, path) => method === "PUT" && path.startsWith("/collections/aura_retrieval_lease"),
    written: false,
  },
  { name: "the name under which the book is written", matches: isAliases, written: false },
  { name: "the claim of the lease", matches: isBook, written: false },
  { name: "the record of the build", matches: isBook, nth: 2, written: false },
  {
    name: "the new collection",
    matches: (method, path) => method === "PUT" && isTarget(path) && path.split("/").length === 3,
    written: false,
  },
  {
    name: "a payload index",
    matches: (method, path) => method === "PUT" && isTarget(path) && path.includes("/index"),
    nth: 2,
    written: false,
  },
  { name: "the name under which the version is written", matches: isAliases, nth: 2, written: false },
  { name: "the first write", matches: isWrite, written: false },
  // Each batch of documents is an upsert and a removal of what is left of older ones.
  { name: "a later write", matches: isWrite, nth: 5, written: true },
  {
    name: "the verification",
    matches: (_method, path) => isTarget(path) && path.includes("/points/query"),
    written: true,
  },
  { name: "the switch", matches: isAliases, nth: 3, written: true },
  {
    name: "the end of an older version",
    matches: (method, path) => method === "DELETE" && isTarget(path),
    written: true,
  },
];

/** Whoever holds a lease writes under names of its own. */
function writtenUnderLease(method: string, path: string): "book" | "version" | undefined {
  const [, hash] = /^\/collections\/aura_retrieval_lease_steps_\d+\.([0-9a-f]{16})\/points\/batch/.exec(path) ?? [];
  if (method !== "POST" || hash === undefined) return undefined;
  const book = createHash("sha256").update("aura_retrieval_book").digest("hex").slice(0, 16);
  return hash === book ? "book" : "version";
}

function isBook(method: string, path: string): boolean {
  return writtenUnderLease(method, path) === "book";
}

function isWrite(method: string, path: string): boolean {
  return writtenUnderLease(method, path) === "version";
}

function isAliases(method: string, path: string): boolean {
  return method === "POST" && path === "/collections/aliases";
}

if (QDRANT === undefined) {
  describe("a re-index into a Qdrant", () => {
    it.skip("killed at each of its steps (skipped: QDRANT_TEST_URL names no server)");
  });
} else killedAtEachStep(QDRANT);

function killedAtEachStep(qdrant: string): void {
  /** Called with every request; true: it is the one at which the process dies. */
  let isFatal: (method: string, path: string) => "before" | "after" | undefined = () => undefined;
  let doomed: ChildProcess | undefined;
  let proxy: Server;
  let url = "";

  beforeEach(async () => {
    await deleteAll(qdrant);
    isFatal = () => undefined;
    proxy = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { method = "GET", url: path = "/" } = request;
      const fatal = isFatal(method, path);
      if (fatal === "before") {
        doomed?.kill("SIGKILL");
        return;
      }
      const body = chunks.length === 0 ? {} : { body: Buffer.concat(chunks) };
      const answer = await fetch(qdrant + path, { method, ...body, headers: { "content-type": "application/json" } });
      const text = await answer.text();
      if (fatal === "after") doomed?.kill("SIGKILL");
      else response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
    }).listen(0, "127.0.0.1");
    await once(proxy, "listening");
    url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    proxy.closeAllConnections();
    proxy.close();
  });
  afterAll(cleanUp);

  describe.each(STEPS)("a re-index into a Qdrant, killed at $name", ({ matches, nth = 1, written }) => {
    it.each(["before", "after"] as const)(
      "%s the server has done it, serves one complete version, and the next run goes on",
      async (when) => {
        const settings = { QDRANT_URL: url, QDRANT_COLLECTION: "steps", EMBEDDING_MODEL: "" };
        const dataFolder = newFolder();
        const folder = folderOf(documents("old"));
        const newer = folderOf(documents("new"));
        // Enough versions that one is dropped at the end.
        for (let version = 0; version < 3; version++) await indexed(folder, dataFolder, settings);
        const before = await served(dataFolder, settings);
        expect(before.word).toBe("old");

        let seen = 0;
        let hit = false;
        isFatal = (method, path) => {
          if (hit || !matches(method, path) || ++seen < nth) return undefined;
          hit = true;
          return when;
        };
        doomed = startCommand(["index", newer, "--full"], dataFolder, settings);
        const [code, signal] = await once(doomed, "exit");
        expect({ hit, code, signal }).toEqual({ hit: true, code: null, signal: "SIGKILL" });

        const after = await served(dataFolder, settings);
        expect(after.documents).toBe(after.word === "old" ? DOCUMENTS : 2 * DOCUMENTS);
        const job = await indexed(newer, dataFolder, settings);
        if (written && after.word === "old") expect(job.documents.unchanged).toBeGreaterThan(0);
        expect(job.documents.failed ?? 0).toBe(0);
        expect(await served(dataFolder, settings)).toMatchObject({ word: "new", documents: 2 * DOCUMENTS });
        const { collections } = JSON.parse((await run(["collections", "--json"], dataFolder, settings)).stdout);
        expect(collections.filter((info: Json) => info.state === "building")).toEqual([]);
        expect(collections.length).toBeLessThanOrEqual(4);
      },
      5 * PATIENCE_MS,
    );
  });

  async function indexed(folder: string, dataFolder: string, settings: Record<string, string>): Promise<Json> {
    const { code, stdout, stderr } = await run(["index", folder, "--full", "--json"], dataFolder, settings);
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout).job;
  }

  /** Whose documents answer, and how many there are. */
  async function served(dataFolder: string, settings: Record<string, string>) {
    const search = await run(["search", "newest arrival", "--json", "--top", "1"], dataFolder, settings);
    expect(search.code, search.stderr).toBe(0);
    const list = JSON.parse((await run(["collections", "--json"], dataFolder, settings)).stdout).collections;
    const serving = list.filter((info: Json) => info.serving);
    expect(serving).toHaveLength(1);
    const hasNew = JSON.parse(search.stdout).results[0].text.includes("newest arrival");
    return { word: hasNew ? "new" : "old", documents: serving[0].documents as number };
  }
}

/** Both folders' documents are served together: another folder's are carried over. */
function documents(word: "old" | "new"): Record<string, string> {
  const name = (i: number) => `${word}-${i}.md`;
  const paragraph = (i: number, p: number) =>
    `## Part ${p}\n\nWhat ${word === "new" ? "the newest arrival" : "an earlier one"} number ${i} says in part ${p}.\n`;
  return Object.fromEntries(
    Array.from({ length: DOCUMENTS }, (_, i) => [
      name(i),
      Array.from({ length: PARAGRAPHS }, (_each, p) => paragraph(i, p)).join("\n"),
    ]),
  );
}

async function deleteAll(base: string): Promise<void> {
  const { result } = (await (await fetch(`${base}/collections`)).json()) as Json;
  for (const { name } of result.collections) await fetch(`${base}/collections/${name}`, { method: "DELETE" });
}
