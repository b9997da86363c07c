/** What an answer says of files that are no longer what was indexed, and how long it waits to know. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { retrieveOperation } from "#src/api/retrieve/operation.js";
import { createApp } from "#src/app/app.js";
import { type File, Freshness } from "#src/app/freshness.js";
import { loadConfig } from "#src/config/load.js";
import { Access } from "#src/core/access.js";
import type { SourceInfo, Stale } from "#src/core/types.js";
import type { Passage } from "#src/retrieve/retrieve.js";
import { passFor, testCall } from "../support/call.js";

const base = realpathSync(mkdtempSync(join(tmpdir(), "freshness-")));
const ended: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of ended) await end();
  rmSync(base, { recursive: true, force: true });
});

describe("an answer of retrieve", () => {
  it("says in both forms which files have changed or are gone since they were indexed", async () => {
    const docs = join(base, "docs");
    mkdirSync(docs);
    for (const name of ["a", "b", "c"]) writeFileSync(join(docs, `${name}.md`), `Otters of ${name}.\n`);
    const settings = {
      RETRIEVAL_DATA_DIR: join(base, "data"),
      METRICS_PORT: "0",
      EMBEDDING_MODEL: "",
      LOG_LEVEL: "error",
    };
    const app = createApp(loadConfig({ ...settings, QDRANT_COLLECTION: "docs", RETRIEVAL_ROOTS: docs }));
    ended.push(() => app.close());
    const operator = testCall({ access: Access.full("the operator typed it") });
    const request = { source: docs, target: passFor("docs"), mode: "incremental", dryRun: false } as const;
    await app.reindex(operator, request).done;
    writeFileSync(join(docs, "b.md"), "Badgers.\n");
    rmSync(join(docs, "c.md"));

    const retrieve = retrieveOperation({ queryMaxChars: 2_000, profileChoice: false });
    const input = retrieve.input.parse({ query: "otters", mode: "lexical" });
    for (const access of [operator.access, app.access()]) {
      const { value, text } = await retrieve.run(testCall({ access }), app, input);
      expect(retrieve.output.parse(value)).toEqual(value);
      const stale = Object.fromEntries(value.results.map((result) => [result.source.document, result.stale]));
      expect(stale).toEqual({ "a.md": undefined, "b.md": "changed", "c.md": "deleted" });
      expect(text).toMatch(/^\[\d\] [\d.]+ aura:\S+\/b\.md, lines 1-1, file changed since it was indexed$/m);
      expect(text).toMatch(/^\[\d\] [\d.]+ aura:\S+\/c\.md, lines 1-1, file deleted since it was indexed$/m);
      expect(text).toMatch(/^\[\d\] [\d.]+ aura:\S+\/a\.md, lines 1-1$/m);
    }
  });
});

describe("files of passages", () => {
  const from: SourceInfo = { id: "s", name: "s", kind: "folder", location: pathToFileURL("/docs").href };
  const remote: SourceInfo = { id: "r", name: "r", kind: "collection", location: "collection:other" };
  const passage = (id: string, document: string, source = from) =>
    ({ point: { id, record: { source: source.id, document, hash: document, chunker: "1", metadata: {} } } }) as Passage;
  const answer = (...passages: Passage[]) => ({ passages, sources: [from, remote] });
  const freshness = (stale: (file: File) => Promise<Stale | undefined>, mayRead = true) =>
    new Freshness({ stale: (_, file) => stale(file), mayRead: async () => mayRead });

  it("are looked at once each, and told of each of their passages", async () => {
    const asked: string[] = [];
    const found = await freshness(async ({ path, source }) => {
      asked.push(`${source} ${path}`);
      return path.endsWith("b") ? "changed" : undefined;
    }).of(testCall(), answer(passage("1", "a"), passage("2", "b"), passage("3", "b"), passage("4", "x", remote)));
    expect([...found]).toEqual([
      ["2", "changed"],
      ["3", "changed"],
    ]);
    expect(asked.sort()).toEqual(["/docs /docs/a", "/docs /docs/b"]);
  });

  it("are not looked at for a caller that may not read them", async () => {
    const found = await freshness(async () => expect.unreachable("read"), false).of(
      testCall(),
      answer(passage("1", "a")),
    );
    expect(found.size).toBe(0);
  });

  it("that cannot be looked at fail no answer", async () => {
    const found = await freshness(async ({ path }) => {
      if (path.endsWith("a")) throw new Error("disk");
      return "deleted";
    }).of(testCall(), answer(passage("1", "b"), passage("2", "a"), passage("3", "c")));
    expect([...found]).toEqual(expect.arrayContaining([["3", "deleted"]]));
  });

  it("on a share that does not answer are waited for once, 100 ms, two of them at a time", async () => {
    let release = () => {};
    const hang = new Promise<void>((resolve) => {
      release = resolve;
    });
    const asked: string[] = [];
    const hanging = freshness(async ({ path }) => {
      asked.push(path);
      if (path.endsWith("quick")) return "changed";
      await hang;
      return "deleted";
    });
    const slow = ["a", "b", "c", "d"].map((name) => passage(name, name));
    const began = performance.now();
    expect([...(await hanging.of(testCall(), answer(passage("q", "quick"), ...slow)))]).toEqual([["q", "changed"]]);
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(asked).toEqual(["/docs/quick", "/docs/a", "/docs/b"]);
    expect((await hanging.of(testCall(), answer(passage("q", "quick")))).size).toBe(0);
    expect(asked).toHaveLength(3);
    release();
    await new Promise((resolve) => setImmediate(resolve));
    expect((await hanging.of(testCall(), answer(passage("q", "quick")))).size).toBe(1);
  });

  it("are waited for no longer than half of what is left to the call", async () => {
    const answered = freshness(() => new Promise(() => {}))
      .of(testCall({ timeoutMs: 40 }), answer(passage("1", "a")))
      .then(() => "answered");
    const late = new Promise((resolve) => setTimeout(() => resolve("late"), 80));
    expect(await Promise.race([answered, late])).toBe("answered");
  });
});
