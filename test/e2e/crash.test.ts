/**
 * `kill -9` at random moments of a reindex, of forgetting, and of a rollback: nothing acknowledged is lost, the alias
 * stays whole, the next run resumes, nothing forgotten comes back, and no rollback goes back to what one has left.
 */
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import {
  cleanUp,
  folderOf,
  type Json,
  newFolder,
  PATIENCE_MS,
  type RawServer,
  run,
  startCommand,
  startServer,
  stores,
  writeDocuments,
} from "./server.js";

const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 20);
const SEED = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);
const DOCUMENTS = 200;
const CHANGED_IN_A_ROUND = 50;
const REPLACED_IN_A_ROUND = 12;
/** Share of the rounds that forget a document in the place of indexing. */
const FORGETTING = 0.25;
const ROLLED_BACK = 0.4;
/** About what a rollback takes. */
const ROLLBACK_MS = 700;
const EXIT = { ok: 0, failed: 1, tryAgain: 75 };
/** Most documents that one answer lists. */
const PAGE = 50;

/** Document → its version, as it is on disk or as a finished run acknowledged it. */
type Versions = Map<string, number>;

afterAll(cleanUp);

describe.each(stores())("kill -9 at random moments of a reindex into %s", (_name, settings) => {
  it(
    `loses nothing in ${ROUNDS} rounds (CRASH_SEED=${SEED})`,
    async () => {
      const random = mulberry32(SEED);
      const dataFolder = newFolder();
      const folder = folderOf({});
      const disk: Versions = new Map();
      let acknowledged: Versions = new Map();
      const forgotten: string[] = [];
      let born = 0;
      let killed = 0;
      /** Versions that a rollback has left for good. */
      const left = new Set<string>();

      const write = (document: string, version: number) => {
        disk.set(document, version);
        writeDocuments(folder, { [document]: textOf(document, version) });
      };
      for (; born < DOCUMENTS; born++) write(nameOf(born), 1);

      // Reads all the time, as an agent's host would, through every crash of the writers.
      const reader = await startServer(dataFolder, { ...settings, RATE_LIMIT_QPS: "100000" });
      let typicalMs = 1_500;

      for (let round = 0; round < ROUNDS; round++) {
        if (round > 0) {
          for (const document of pick([...disk.keys()], CHANGED_IN_A_ROUND, random)) write(document, round + 1);
          for (const document of pick([...disk.keys()], REPLACED_IN_A_ROUND, random)) {
            disk.delete(document);
            rmSync(join(folder, document));
            write(nameOf(born++), round + 1);
          }
        }
        const full = random() < 0.4;
        const kept = [...acknowledged.keys()].filter((document) => disk.has(document));
        const [forgets] = random() < FORGETTING ? pick(kept, 1, random) : [];
        if (forgets !== undefined) {
          forgotten.push(forgets);
          disk.delete(forgets);
          rmSync(join(folder, forgets));
        }
        const indexes = ["index", folder, ...(full ? ["--full"] : [])];
        const forget = forgets === undefined ? undefined : ["forget", forgets, "--yes"];
        const doomed = startCommand(forget ?? indexes, dataFolder, settings);
        const timer = setTimeout(() => doomed.kill("SIGKILL"), random() * typicalMs * 1.1);
        const [code] = await once(doomed, "exit");
        clearTimeout(timer);
        if (code !== 0) killed++;
        else if (forget === undefined) acknowledged = new Map(disk);

        const kind = forget === undefined ? (full ? "full" : "incremental") : `forgetting ${forgets}`;
        const what = `round ${round}, ${kind}, ${code === 0 ? "finished" : "killed"}`;
        await expectWhole(reader, acknowledged, disk, what);
        // The same command again: 1 where nothing but the cleaning of the files was left.
        if (forget !== undefined) expect([0, 1], what).toContain((await run(forget, dataFolder, settings)).code);

        const began = Date.now();
        const next = await run(["index", folder, "--json"], dataFolder, settings);
        expect(next.code, `${what}: the next run\n${next.stderr}`).toBe(0);
        const { job } = JSON.parse(next.stdout);
        expect(job, what).toMatchObject({ state: "done", failed_total: 0, points: disk.size });
        typicalMs = Math.max(300, Date.now() - began);
        acknowledged = new Map(disk);
        await expectWhole(reader, acknowledged, disk, `${what}, then finished`);
        await expectNewest(reader, disk, random, what);
        await expectForgotten(reader, forgotten, what);

        if (random() >= ROLLED_BACK) continue;
        const from = await serving(reader, what);
        if (random() < 0.5) {
          const doomedRollback = startCommand(["rollback"], dataFolder, settings);
          const timer = setTimeout(() => doomedRollback.kill("SIGKILL"), random() * ROLLBACK_MS);
          await once(doomedRollback, "exit");
          clearTimeout(timer);
        } else {
          const { code, stdout, stderr } = await run(["rollback", "--json"], dataFolder, settings);
          expect([EXIT.ok, EXIT.failed], `${what}: rollback\n${stderr}`).toContain(code);
          if (code === EXIT.ok) expect(JSON.parse(stdout), what).toMatchObject({ from });
          else expect(JSON.parse(stdout).error, what).toMatchObject({ code: "not_found" });
        }
        const to = await serving(reader, `${what}, then rolled back`);
        expect([...left], `${what}: rolled back to what a rollback had left`).not.toContain(to);
        if (to !== from) left.add(from);
        acknowledged = new Map(); // it serves an older build, until the next run
        let after = await run(["index", folder, "--json"], dataFolder, settings);
        // An older build may hold more that is gone than an incremental run removes without being told.
        const isTooMuch = after.code === EXIT.tryAgain;
        if (isTooMuch) after = await run(["index", folder, "--full", "--json"], dataFolder, settings);
        expect(after.code, `${what}, rolled back: the next run\n${after.stderr}`).toBe(0);
        acknowledged = new Map(disk);
        await expectWhole(reader, acknowledged, disk, `${what}, rolled back, then finished`);
        if (!isTooMuch) expect(await serving(reader, what)).toBe(to);
      }
      const bytes = bytesBelow(dataFolder);
      expect(forgotten.filter((document) => bytes.includes(markerOf(document)))).toEqual([]);
      await reader.end();
      // A test that kills nothing shows nothing.
      expect(killed).toBeGreaterThan(ROUNDS / 3);
    },
    Math.max(5 * PATIENCE_MS, ROUNDS * 15_000),
  );
});

/** The one complete version that serves. */
async function serving(reader: RawServer, what: string): Promise<string> {
  const { collections } = await reader.ask("health");
  const found = collections.filter((info: Json) => info.serving);
  expect(found, what).toHaveLength(1);
  expect(found[0], what).toMatchObject({ state: "ready", matches_model: true });
  return found[0].name;
}

/** The alias, if it is there, points to one complete collection that answers and has all that was acknowledged. */
async function expectWhole(reader: RawServer, acknowledged: Versions, disk: Versions, what: string): Promise<void> {
  const { collections, store } = await reader.ask("health");
  expect(store.state, what).toBe("ok");
  const serving = collections.filter((info: Json) => info.serving);
  if (acknowledged.size === 0 && serving.length === 0) return;
  expect(serving, what).toHaveLength(1);
  expect(serving[0], what).toMatchObject({ state: "ready", matches_model: true });

  const kept = [...acknowledged.keys()].filter((document) => disk.has(document));
  const found: string[] = [];
  for (let at = 0; at < kept.length; at += PAGE) {
    const { results, collection } = await reader.ask("retrieve", {
      query: "handbook",
      filter: { document: kept.slice(at, at + PAGE) },
      top_k: PAGE,
      detail: "ids",
      max_tokens: 100_000,
      mode: "dense",
    });
    expect(collection.name, what).toBe(serving[0].name);
    for (const { source } of results) found.push(source.document);
  }
  expect(found.toSorted(), what).toEqual(kept.toSorted());
}

/** What a finished run acknowledged is found in its newest version, not in an older one. */
async function expectNewest(reader: RawServer, disk: Versions, random: () => number, what: string): Promise<void> {
  for (const document of pick([...disk.keys()], 5, random)) {
    const version = disk.get(document) as number;
    const ask = { query: markerOf(document, version), mode: "lexical", filter: { document } };
    const { results } = await reader.ask("retrieve", ask);
    expect(results[0]?.text, `${what}: ${document}`).toContain(markerOf(document, version));
    expect(results, `${what}: ${document}`).toHaveLength(1);
  }
}

async function expectForgotten(reader: RawServer, forgotten: readonly string[], what: string): Promise<void> {
  if (forgotten.length === 0) return;
  const { results } = await reader.ask("retrieve", {
    query: "handbook",
    filter: { document: forgotten },
    detail: "ids",
  });
  expect(results, what).toEqual([]);
}

function bytesBelow(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((file) => readFileSync(join(file.parentPath, file.name), "latin1")).join("\n");
}

function nameOf(n: number): string {
  return `chapter-${n % 7}/page-${n}.md`;
}

function markerOf(document: string, version: number | "" = ""): string {
  return `marker${document.replace(/\D/g, "x")}v${version}`;
}

function textOf(document: string, version: number): string {
  return `# Handbook page\n\nThis page of the handbook is ${markerOf(document, version)}.\n`;
}

function pick<T>(items: readonly T[], count: number, random: () => number): T[] {
  const left = [...items];
  return Array.from({ length: Math.min(count, left.length) }, () => {
    const [item] = left.splice(Math.floor(random() * left.length), 1);
    return item as T;
  });
}

/** A small seeded generator, so that a failing round can be played again. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
