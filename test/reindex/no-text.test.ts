/** Documents without a passage: real folders, through the whole of a re-index. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { Access } from "#src/core/access.js";
import { type ReindexRequest, startReindex } from "#src/reindex/reindex.js";
import { createOpenSource, isGone } from "#src/source/index.js";
import { ParserProcess } from "#src/source/parser-process.js";
import { document } from "../contract/fixtures.js";
import { benchInFolder } from "../support/bench-in-folder.js";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, type Bench, manyDocuments } from "../support/fixtures.js";

const parser = new ParserProcess();
afterAll(() => parser.close());

let bench: Bench;
let base: string;
benchInFolder("no-text", (opened) => {
  ({ bench, base } = opened);
});

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(base, name), text);
}

function index(change: Partial<ReindexRequest> = {}) {
  const openSource = createOpenSource({ roots: [], dataFolder: join(base, "data"), parser });
  const request = { source: base, target: passFor(ALIAS), mode: "incremental", dryRun: false, ...change } as const;
  const call = testCall({ access: Access.full("the operator typed it") });
  return startReindex(call, { ...bench.parts(), openSource, isGone }, request).done;
}

const WITHOUT_TEXT = {
  "blank.txt": " \n\t\n",
  "blank.json": "\n",
  "fields.md": "---\ntitle: Plan\ntags: [a]\n---\n\n",
  "fields.markdown": '{"title": "Plan"}\n',
  "scripts.html": "<html><head><title>App</title></head><body><div></div><script>start()</script></body></html>",
};
const SKIPPED = Object.keys(WITHOUT_TEXT)
  .sort()
  .map((name) => ({ document: name, reason: "no text in it" }));

describe("a document without text", () => {
  it.each(["incremental", "full"] as const)("is skipped, and not counted as added: %s", async (mode) => {
    put({ ...WITHOUT_TEXT, "a.md": "words" });
    for (const dryRun of [true, false]) {
      const job = await index({ mode, dryRun });
      expect(job.documents).toMatchObject({ seen: 6, added: 1 });
      expect([...job.skipped].sort((a, b) => (a.document < b.document ? -1 : 1))).toEqual(SKIPPED);
    }
    expect(await bench.documents()).toEqual([`${pathToFileURL(base).href}/a.md`]);
  });

  it("takes the place of what it was: nothing of that is found any more", async () => {
    put({ "a.md": "apples", "b.md": "bears", "c.html": "<p>cedars" });
    expect((await index()).documents.added).toBe(3);
    put({ "c.html": "<script>cedars</script>" });
    expect((await index({ dryRun: true })).documents).toMatchObject({ changed: 0, removed: 1 });
    expect((await index()).documents).toMatchObject({ added: 0, changed: 0, unchanged: 2, removed: 1 });
    expect(await bench.documents()).not.toContain(`${pathToFileURL(base).href}/c.html`);
    const again = await index();
    expect(again.documents).toMatchObject({ changed: 0, unchanged: 2, removed: 0 });
    expect(again.skipped).toEqual([{ document: "c.html", reason: "no text in it" }]);
  });

  it("that an earlier version counted is left behind when its collection is read", async () => {
    await bench.index(manyDocuments(2));
    await bench.store.write(testCall(), (await bench.serving()) as string, [
      document("page.html", [], { source: "notes" }),
    ]);
    const job = await bench.start({ source: `collection:${ALIAS}`, target: passFor("copy"), mode: "full" }).done;
    expect(job.documents).toMatchObject({ added: 2 });
    expect(job.skipped).toEqual([{ document: "page.html", reason: "no text in it" }]);
    expect(await bench.documents("copy")).toEqual(["notes/topic-000", "notes/topic-001"]);
  });
});
