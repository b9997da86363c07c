import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { type App, createApp } from "#src/app/app.js";
import { indexingOf, unindexed } from "#src/app/first-build.js";
import { loadConfig } from "#src/config/load.js";
import type { SourceInfo } from "#src/core/types.js";
import { job } from "../contract/fixtures.js";
import { passFor, testCall } from "../support/call.js";

const base = realpathSync(mkdtempSync(join(tmpdir(), "aura-first-")));
const apps: App[] = [];
afterAll(async () => {
  for (const app of apps) await app.close();
  rmSync(base, { recursive: true, force: true });
});

function open(name: string, roots: readonly string[]): App {
  const settings = {
    RETRIEVAL_DATA_DIR: join(base, `data-${name}`),
    RETRIEVAL_ROOTS: roots.join(delimiter),
    METRICS_PORT: "0",
  };
  const app = createApp(
    loadConfig({ ...settings, QDRANT_COLLECTION: "docs", EMBEDDING_MODEL: "", LOG_LEVEL: "silent" }),
  );
  apps.push(app);
  return app;
}

function folder(name: string, pages: number): string {
  const place = join(base, name);
  mkdirSync(place, { recursive: true });
  for (let i = 0; i < pages; i++) writeFileSync(join(place, `${i}.md`), `# Page ${i}\n\nKeys are rotated.\n`);
  return place;
}

const call = testCall();
const question = { query: "keys", collection: passFor("docs"), topK: 5 } as const;

describe("what is being indexed", () => {
  it("is what runs on that collection, how far it is, and never wholly done", () => {
    const counts = (done: number, total?: number) => ({
      seen: done,
      added: done,
      changed: 0,
      unchanged: 0,
      removed: 0,
      total,
    });
    const jobs = [
      job("a", { state: "running", documents: counts(40, 100) }),
      job("b", { state: "running", documents: counts(100, 100), source: "wiki" }),
      job("c", { state: "running", documents: counts(7), source: "records" }),
      job("d", { state: "running", dryRun: true }),
      job("e", { state: "running", collection: "other" }),
      job("f", { state: "done" }),
      job("g", { state: "queued", documents: counts(0), source: "waiting" }),
    ];
    expect(indexingOf(jobs, "docs")).toEqual([
      { source: "files", documents: 40, percent: 40 },
      { source: "wiki", documents: 100, percent: 99 },
      { source: "records", documents: 7, percent: undefined },
      { source: "waiting", documents: 0, percent: undefined },
    ]);
  });
});

describe("a folder that was never indexed", () => {
  it("is one with no source in it, at it, or above it", async () => {
    const at = (place: string) =>
      ({ id: place, name: place, kind: "folder", location: pathToFileURL(place).href }) as const;
    const asWritten = async (root: string) => root;
    const missing = (sources: readonly SourceInfo[]) => unindexed(["/a/b"], sources, asWritten);
    expect(await missing([])).toEqual(["/a/b"]);
    for (const place of ["/a/b", "/a", "/a/b/c"]) expect(await missing([at(place)])).toEqual([]);
    expect(await missing([at("/a/bc"), at("/c")])).toEqual(["/a/b"]);
    expect(await unindexed(["/link"], [at("/a/b")], async () => "/a/b")).toEqual([]);
  });

  it("degrades health until it is indexed", async () => {
    const [one, two] = [folder("one", 1), folder("two", 1)];
    const app = open("health", [one, two]);
    expect(await app.health(call)).toMatchObject({ state: "degraded", neverIndexed: [one, two] });
    const index = (source: string) =>
      app.reindex(call, { source, target: passFor("docs"), mode: "incremental", dryRun: false }).done;
    await index(one);
    expect(await app.health(call)).toMatchObject({ neverIndexed: [two] });
    await index(two);
    expect(await app.health(call)).toMatchObject({ neverIndexed: [] });
  });
});

describe("a question before anything is indexed", () => {
  it("is answered with the call that would index it", async () => {
    const roots = [folder("three", 1), folder("four", 1)];
    const refused = await open("absent", roots)
      .retrieve(call, question)
      .catch((error) => error);
    expect(refused).toMatchObject({
      code: "not_found",
      remedy: expect.stringContaining(`reindex with {"source":"${roots[0]}"}`),
    });
    expect(refused.remedy).toContain(roots[1]);
  });

  it("is answered so where documents are listed and read; a document that is missing is told as that", async () => {
    const root = folder("five", 1);
    const app = open("named", [root]);
    const pass = passFor("docs");
    const read = () => app.readDocument(call, pass, { name: { source: "five", document: "9.md" }, maxChars: 1_000 });
    const list = () =>
      app.listDocuments(call, pass, { source: undefined, prefix: undefined, cursor: undefined, limit: 5 });
    const remedy = expect.stringContaining(`reindex with {"source":"${root}"}`);
    for (const ask of [read, list]) {
      await expect(ask()).rejects.toMatchObject({ code: "not_found", remedy });
    }
    await app.reindex(call, { source: root, target: pass, mode: "incremental", dryRun: false }).done;
    await expect(read()).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringContaining("no document of that name"),
    });
  });

  it("is answered with how far the first build is, and one after it with what goes on", async () => {
    const source = folder("many", 400);
    const app = open("building", []);
    const told: unknown[] = [];
    const { done } = app.reindex(
      testCall({
        onProgress: () => {
          if (told.length === 0) told.push(app.retrieve(call, question).catch((error) => error));
        },
      }),
      { source, target: passFor("docs"), mode: "incremental", dryRun: false },
    );
    await done;
    expect(await told[0]).toMatchObject({
      code: "not_found",
      message: expect.stringMatching(/is being built: .* of .*many/),
    });
    expect((await app.retrieve(call, question)).indexing ?? []).toEqual([]);
  });
});

describe("a first build whose vectors are being made", () => {
  it("answers with the percentage, in the server that runs it and in another; health is degraded meanwhile", async () => {
    const source = folder("early", 2_000);
    const [app, other] = [open("early", [source]), open("early", [source])];
    await expect(other.retrieve(call, question)).rejects.toMatchObject({ code: "not_found" }); // its processes run
    let look: Promise<unknown[]> | undefined;
    const { done } = app.reindex(
      testCall({
        onProgress: ({ message }) => {
          if (look !== undefined || !message.startsWith("embedding:")) return;
          look = Promise.all([app.retrieve(call, question), other.retrieve(call, question), app.health(call)]);
        },
      }),
      { source, target: passFor("docs"), mode: "incremental", dryRun: false },
    );
    await done;
    const [own, others, health] = await (look as Promise<unknown[]>);
    const indexing = { source: expect.stringContaining("early"), percent: expect.any(Number) };
    const collection = { state: "embedding" };
    expect(own).toMatchObject({ indexing: [{ ...indexing, documents: 2_000 }], collection });
    expect(others).toMatchObject({ indexing: [indexing], collection });
    expect(health).toMatchObject({ state: "degraded" });
    expect(await other.retrieve(call, question)).toMatchObject({ collection: { state: "ready" } });
  });
});
