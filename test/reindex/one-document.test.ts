/** Whatever way a file is indexed, it is one document: real folders, through the whole of a re-index. */
import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { Access } from "#src/core/access.js";
import type { Job } from "#src/core/job.js";
import type { SourceInfo } from "#src/core/types.js";
import { type ReindexRequest, startReindex } from "#src/reindex/reindex.js";
import { createOpenSource, isGone } from "#src/source/index.js";
import { ParserProcess } from "#src/source/parser-process.js";
import { benchInFolder } from "../support/bench-in-folder.js";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, type Bench } from "../support/fixtures.js";

const parser = new ParserProcess();
afterAll(() => parser.close());

let bench: Bench;
let base: string;
benchInFolder("one", (opened) => {
  ({ bench, base } = opened);
});

const FILES = {
  "docs/a.md": "# A\n\nApples.",
  "docs/sub/b.md": "# B\n\nBears.",
  "docs/sub/r.jsonl": '{"id":"1","text":"Rain."}',
};

function write(files: Readonly<Record<string, string>> = FILES): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(base, file)), { recursive: true });
    writeFileSync(join(base, file), text);
  }
}

/** As an operator would from the command line. */
function index(place: string, change: Partial<ReindexRequest> = {}, store = bench.store): Promise<Job> {
  bench.embedded = [];
  const call = testCall({ access: Access.full("the operator typed it") });
  const openSource = createOpenSource({ roots: [], dataFolder: join(base, "data"), parser });
  const request = {
    source: join(base, place),
    target: passFor(ALIAS),
    mode: "incremental",
    dryRun: false,
    ...change,
  } as const;
  return startReindex(call, { ...bench.parts(store), openSource, isGone }, request).done;
}

const serving = async () => {
  const info = await bench.store.describe(testCall(), passFor(ALIAS));
  if (info === undefined) throw new Error("nothing serves");
  return info;
};

/** Every document that serves, by its source's name and its path. */
async function documents(): Promise<string[]> {
  const { name, sources = [] } = await serving();
  const names = new Map(sources.map((source) => [source.id, source.name]));
  const found: string[] = [];
  for await (const { source, document } of bench.store.documents(testCall(), name)) {
    found.push(`${names.get(source)}: ${document}`);
  }
  return found.sort();
}

const ALL = ["docs: a.md", "docs: sub/b.md", "docs: sub/r.jsonl#1"];
const sources = async (): Promise<readonly SourceInfo[]> => (await serving()).sources ?? [];
const url = (place: string) => pathToFileURL(join(base, place)).href;

describe("one document, one place", () => {
  const steps: [string, string[]][] = [
    ["a folder, then a file of it", ["docs", "docs/a.md"]],
    ["a file, then the folder it lies in", ["docs/a.md", "docs"]],
    ["a folder, then a folder in it", ["docs", "docs/sub"]],
    ["a folder, then the folder it lies in", ["docs/sub", "docs"]],
    ["a file in a folder, both before the folder above", ["docs/sub/b.md", "docs/sub", "docs"]],
    ["records, then the folder they lie in", ["docs/sub/r.jsonl", "docs"]],
    ["a folder, then records in it", ["docs", "docs/sub/r.jsonl"]],
  ];
  it.each(steps)("%s", async (_what, places) => {
    write();
    for (const place of places) await index(place);
    expect(await documents()).toEqual(ALL);
    expect(await sources()).toMatchObject([{ name: "docs", kind: "folder", location: url("docs") }]);
    // What the last step took over, and what it found as it was, is not embedded again.
    const before = new Set(
      places.slice(0, -1).flatMap((place) => Object.keys(FILES).filter((file) => `${file}/`.startsWith(`${place}/`))),
    );
    expect(bench.embedded.length).toBe(places.at(-1) === "docs" ? Object.keys(FILES).length - before.size : 0);
    const again = await index("docs");
    expect(again.documents).toMatchObject({ added: 0, changed: 0, unchanged: 3, removed: 0 });
    expect(bench.embedded).toEqual([]);
  });

  it("says what it took over", async () => {
    write();
    await index("docs/sub");
    expect((await index("docs")).indexedAs).toEqual({ name: "docs", movedFrom: undefined, tookOver: ["sub"] });
  });

  it("through a symbolic link, and from a folder of another name for the same place", async () => {
    write();
    await index("docs");
    symlinkSync(join(base, "docs"), join(base, "link"));
    symlinkSync(join(base, "docs/sub/b.md"), join(base, "b.md"));
    for (const place of ["link", "b.md", "docs/sub/../sub"]) await index(place);
    expect(await documents()).toEqual(ALL);
    expect(await sources()).toHaveLength(1);
  });

  it("and a deleted one goes with the next run of its folder, however it came", async () => {
    write();
    await index("docs");
    await index("docs/a.md");
    rmSync(join(base, "docs/a.md"));
    await index("docs");
    expect(await documents()).toEqual(ALL.slice(1));
  });

  it("in a folder of it changes nothing beside", async () => {
    write();
    await index("docs");
    rmSync(join(base, "docs/a.md"));
    write({ "docs/sub/b.md": "# B\n\nBees.", "docs/sub/c.md": "# C\n\nCats." });
    const job = await index("docs/sub");
    expect(job.documents).toMatchObject({ added: 1, changed: 1, unchanged: 1, removed: 0 });
    expect(await documents()).toEqual([...ALL.slice(0, 2), "docs: sub/c.md", "docs: sub/r.jsonl#1"]);
  });

  it("in a folder that its source leaves out is a source of its own, and stays one", async () => {
    write({ ...FILES, "docs/.gitignore": "private/\n", "docs/private/p.md": "# P\n\nPearls." });
    await index("docs");
    await index("docs/private");
    await index("docs");
    expect(await documents()).toEqual(["docs: .gitignore", ...ALL, "private: p.md"]);
  });

  it("of a new version is built from a part without losing the rest", async () => {
    write();
    await index("docs");
    await index("docs/sub", { mode: "full" });
    expect(await documents()).toEqual(ALL);
    await index("docs/a.md", { mode: "full" });
    expect(await documents()).toEqual(ALL);
    expect(await sources()).toMatchObject([{ name: "docs", kind: "folder" }]);
  });

  it("of a new version takes over what was a source of its own", async () => {
    write();
    await index("docs/sub");
    await index("docs", { mode: "full" });
    expect(await documents()).toEqual(ALL);
    expect(await sources()).toHaveLength(1);
  });
});

describe("a source", () => {
  it("that has moved keeps its name and its vectors, and says so", async () => {
    write();
    await index("docs");
    renameSync(join(base, "docs"), join(base, "papers"));
    const job = await index("papers");
    expect(bench.embedded).toEqual([]);
    expect(job.indexedAs).toMatchObject({ name: "docs", movedFrom: url("docs") });
    expect(job.documents).toMatchObject({ added: 0, unchanged: 3, removed: 0 });
    expect(await documents()).toEqual(ALL);
    expect(await sources()).toMatchObject([{ id: url("docs"), name: "docs", location: url("papers") }]);
    // A new folder in the old place is another source.
    write({ "docs/new.md": "# New\n\nNews." });
    await index("docs");
    expect(await documents()).toEqual([...ALL, expect.stringMatching(/: new\.md$/)].sort());
    expect(await sources()).toHaveLength(2);
  });

  it("whose copy is indexed too stays beside it, and nothing is embedded again", async () => {
    write();
    await index("docs");
    write(Object.fromEntries(Object.entries(FILES).map(([file, text]) => [`copy/${file}`, text])));
    await index("copy/docs");
    expect(bench.embedded).toEqual([]);
    expect(await documents()).toEqual([...ALL, ...ALL.map((each) => each.replace("docs", "copy-docs"))].sort());
  });

  it("is called by its folder, with as many parents as tell it from the others", async () => {
    write({ "x/docs/a.md": "# A", "y/docs/a.md": "# B", "z/y/docs/a.md": "# C" });
    for (const place of ["x/docs", "y/docs", "z/y/docs"]) await index(place);
    expect((await sources()).map(({ name }) => name)).toEqual(["docs", "y-docs", "z-y-docs"]);
  });

  it("has the name that it is given, which no other may have", async () => {
    write({ "x/a.md": "# A", "y/a.md": "# B" });
    await index("x", { name: "handbook" });
    await expect(index("y", { name: "handbook" })).rejects.toMatchObject({ code: "conflict" });
    for (const name of ["", "a/b", "a\nb", "x".repeat(101)]) {
      await expect(index("y", { name })).rejects.toMatchObject({ code: "bad_request" });
    }
    await index("x", { name: "manual" });
    expect(await documents()).toEqual(["manual: a.md"]);
    await expect(index("x/a.md", { name: "page" })).rejects.toMatchObject({ code: "bad_request" });
  });

  it("that lost its last file keeps its documents until a full run, and a missing one in any case", async () => {
    write();
    await index("docs");
    rmSync(join(base, "docs"), { recursive: true });
    for (const mode of ["incremental", "full"] as const) {
      await expect(index("docs", { mode })).rejects.toMatchObject({ code: "not_found" });
    }
    mkdirSync(join(base, "docs"));
    expect((await index("docs")).documents).toMatchObject({ removed: 0, held: 3 });
    expect(await documents()).toEqual(ALL);
    await index("docs", { mode: "full" });
    expect(await documents()).toEqual([]);
  });
});

describe("a collection of an earlier version", () => {
  /** As it was written then: a file beside the folder it lies in, nothing kept of either. */
  async function early(): Promise<void> {
    write();
    await index("docs", {}, { ...bench.store, keepSources: async () => undefined });
    const { name } = await serving();
    const points = [];
    for await (const point of bench.store.scroll(testCall(), name, { document: "a.md" }, { vectors: true }))
      points.push(point);
    const [first] = points;
    if (first === undefined) throw new Error("not indexed");
    const { record } = first;
    const own = points.map((point, i) => ({
      ...point,
      id: crypto.randomUUID(),
      ordinal: i,
      vector: point.vector as Float32Array,
    }));
    await bench.store.write(testCall(), name, [
      { ...record, source: url("docs/a.md"), metadata: { ...record.metadata, path: "a.md" }, points: own },
    ]);
  }

  it("is upgraded by the next run, and what was twice in it is once", async () => {
    await early();
    expect((await serving()).sources).toBeUndefined();
    await index("docs");
    expect(bench.embedded).toEqual([]);
    expect(await documents()).toEqual(ALL);
    expect(await sources()).toMatchObject([{ id: url("docs"), name: "docs", kind: "folder", location: url("docs") }]);
  });
});
