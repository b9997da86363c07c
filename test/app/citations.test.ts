/** What an answer cites is what its address opens: any folders, any names, both stores, whatever happened to the version. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { documentOf, documentUri } from "#src/api/document/uri.js";
import { type App, createApp } from "#src/app/app.js";
import { loadConfig } from "#src/config/load.js";
import { Access } from "#src/core/access.js";
import { sourceOf } from "#src/core/sources.js";
import { Stub } from "../store/qdrant/stub.js";
import { passFor, testCall } from "../support/call.js";

const base = realpathSync(mkdtempSync(join(tmpdir(), "aura-citations-")));
const ended: (() => Promise<unknown>)[] = [];
afterAll(async () => {
  for (const end of ended) await end();
  rmSync(base, { recursive: true, force: true });
});

const operator = testCall({ access: Access.full("the operator typed it") });
const ALIAS = "docs";
const pass = passFor(ALIAS);

function open(name: string, settings: Readonly<Record<string, string>> = {}): App {
  const own = { RETRIEVAL_DATA_DIR: join(base, `data-${name}`), QDRANT_COLLECTION: ALIAS, METRICS_PORT: "0" };
  const app = createApp(loadConfig({ ...own, EMBEDDING_MODEL: "", LOG_LEVEL: "error", ...settings }));
  ended.push(() => app.close());
  return app;
}

const stub = await Stub.start();
ended.push(() => stub.close());
const stores: [string, App][] = [
  ["the embedded store", open("sqlite")],
  ["a Qdrant", open("qdrant", { QDRANT_URL: stub.url })],
];

/** Every passage that any question brings is in the text that its address opens. */
async function holds(app: App): Promise<number> {
  const cited = new Map<string, string[]>();
  for (const query of ["apples", "bears", "rain"]) {
    const { passages, collection, sources } = await app.retrieve(operator, {
      query,
      collection: pass,
      topK: 50,
      mode: "lexical",
    });
    for (const { point } of passages) {
      const { name } = sourceOf(sources, point.record.source);
      const uri = documentUri(collection.alias, name, point.record.document);
      cited.set(uri, [...(cited.get(uri) ?? []), point.text]);
    }
  }
  for (const [uri, texts] of cited) {
    const { href } = new URL(uri);
    const document = documentOf(/^aura:\/\/[^/]+\/(.+)$/s.exec(href)?.[1] ?? "");
    const { text } = await app.readDocument(operator, pass, { name: { document }, maxChars: 1e6 });
    for (const each of texts) expect(text).toContain(each);
  }
  return [...cited.values()].flat().length;
}

const NAMES = [
  "README.md",
  "a b.md",
  "50%.md",
  "a#1.md",
  "q?.md",
  "e\u0301.md",
  "é.md",
  "🍎.md",
  "%2e.md",
  "~.md",
  "docs/README.md",
  "..x/a.md",
];
const word = fc.constantFrom("apples", "bears", "rain", "apples and bears");
const folder = fc.dictionary(fc.constantFrom(...NAMES), word, { minKeys: 1, maxKeys: 4 });
const records = fc.uniqueArray(fc.tuple(fc.constantFrom("1", "a/b", "README.md", "x y", "é"), word), {
  selector: ([id]) => id,
  minLength: 1,
  maxLength: 3,
});
const trees = fc.array(fc.record({ files: folder, records: fc.option(records) }), { minLength: 2, maxLength: 3 });

let runs = 0;

function write(tree: { files: Readonly<Record<string, string>>; records: [string, string][] | null }[]): string[] {
  const root = join(base, `run-${runs++}`);
  return tree.map(({ files, records: lines }, i) => {
    // The same names again and again: `docs` in `p0`, in `p1` …
    const place = join(root, `p${i}`, "docs");
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(place, name)), { recursive: true });
      writeFileSync(join(place, name), `# Of ${i}\n\n${text} in ${name}, number ${i}.\n`);
    }
    if (lines !== null) {
      const json = lines.map(([id, text]) => JSON.stringify({ id, text: `${text} of record ${id}, number ${i}` }));
      writeFileSync(join(place, "records.jsonl"), json.join("\n"));
    }
    return place;
  });
}

describe.each(stores)("what an answer cites, from %s,", (_name, app) => {
  const index = (source: string, mode: "incremental" | "full" = "incremental") =>
    app.reindex(operator, { source, target: pass, mode, dryRun: false }).done;

  it("is what its address opens, before and after re-index, rollback and restore", { timeout: 120_000 }, async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        const places = write(tree);
        for (const place of places) await index(place);
        seen += await holds(app);
        await index(places[0] as string, "full");
        await holds(app);
        await app.rollback(operator, pass);
        await holds(app);
        const snapshot = await app.snapshot(operator, pass);
        await index(dirname(dirname(places[0] as string)));
        await holds(app);
        await app.restore(operator, snapshot.name, { serve: true });
        await holds(app);
        await app.deleteSnapshot(operator, snapshot.name);
      }),
      { numRuns: 4 },
    );
    expect(seen).toBeGreaterThan(0);
  });
});

describe("an address of an earlier version", () => {
  it("opens the only document of its name, and names the candidates where there are several", async () => {
    const app = open("old");
    const places = write([
      { files: { "README.md": "apples", "only.md": "bears" }, records: null },
      { files: { "README.md": "rain" }, records: null },
    ]);
    for (const source of places)
      await app.reindex(operator, { source, target: pass, mode: "incremental", dryRun: false }).done;
    expect((await app.readDocument(operator, pass, { name: { document: "only.md" }, maxChars: 1e6 })).text).toContain(
      "bears",
    );
    await expect(
      app.readDocument(operator, pass, { name: { document: "README.md" }, maxChars: 1e6 }),
    ).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining("docs, p1-docs"),
    });
    expect(
      (await app.readDocument(operator, pass, { name: { document: "p1-docs/README.md" }, maxChars: 1e6 })).text,
    ).toContain("rain");
    expect(
      (await app.readDocument(operator, pass, { name: { source: "docs", document: "README.md" }, maxChars: 1e6 })).text,
    ).toContain("apples");
    await expect(
      app.readDocument(operator, pass, { name: { source: "nothing", document: "README.md" }, maxChars: 1e6 }),
    ).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringContaining("docs, p1-docs"),
    });
  });
});
