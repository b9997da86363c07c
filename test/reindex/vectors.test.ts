/** A vector belongs to its text and model: how many texts are embedded when places change, on every store. */
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Access } from "#src/core/access.js";
import type { Job } from "#src/core/job.js";
import { type ReindexRequest, startReindex } from "#src/reindex/reindex.js";
import { createOpenSource, isGone } from "#src/source/index.js";
import { ParserProcess } from "#src/source/parser-process.js";
import { createSqliteStore } from "#src/store/sqlite/index.js";
import { Stub } from "../store/qdrant/stub.js";
import { testStore } from "../store/qdrant/test-store.js";
import { benchInFolder } from "../support/bench-in-folder.js";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, Bench } from "../support/fixtures.js";

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

const parser = new ParserProcess();
afterAll(() => parser.close());

let stub: Stub;
beforeAll(async () => {
  stub = await Stub.start();
});
afterAll(() => stub.close());

const STORES: [string, () => Promise<Bench>][] = [
  ["a store in memory", () => Bench.open()],
  ["SQLite", () => Bench.open((folder) => createSqliteStore({ folder: join(folder, "data"), vectorMemoryMb: 64 }))],
  ["a Qdrant", () => Bench.open(() => testStore(stub.url, { timeoutMs: 60_000 }))],
];

const LINES = 371;
/** In letters alone: a number in a word is a term beside it. */
const letters = (n: number): string => String(n).replace(/\d/g, (digit) => "abcdefghij"[Number(digit)] as string);
/** Each line is a passage of its own. */
const line = (word: string, i: number) =>
  Array.from({ length: 180 }, (_, at) => `${word}${letters(i)}x${letters(at)}`).join(" ");
const text = (word: string, count: number) => Array.from({ length: count }, (_, i) => line(word, i)).join("\n\n");

describe.each(STORES)("on %s", (_name, open) => {
  let bench: Bench;
  let base: string;
  let alias = 0;
  const use = (opened: { readonly bench: Bench; readonly base: string }) => {
    ({ bench, base } = opened);
    alias++;
  };
  benchInFolder("vectors", use, open);

  const at = (path: string) => join(base, path);
  function write(path: string, content: string): void {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  }
  const edit = (path: string, change: (before: string) => string) =>
    write(path, change(readFileSync(at(path), "utf8")));

  /** @returns the job, and how many texts the model was given */
  async function index(place = "docs", change: Partial<ReindexRequest> = {}): Promise<{ job: Job; embedded: number }> {
    bench.embedded = [];
    const call = testCall({ access: Access.full("the operator typed it") });
    const openSource = createOpenSource({ roots: [], dataFolder: at("data"), parser });
    const target = passFor(`${ALIAS}${alias}`);
    const request = { source: at(place), target, mode: "incremental", dryRun: false, ...change } as const;
    const job = await startReindex(call, { ...bench.parts(), openSource, isGone }, request).done;
    return { job, embedded: bench.embedded.length };
  }

  it("a line appended to a long file costs one or two", async () => {
    write("docs/a.txt", text("wren", LINES));
    expect((await index()).embedded).toBeGreaterThanOrEqual(LINES);
    edit("docs/a.txt", (before) => `${before}\n\nOne more line.\n`);
    const { job, embedded } = await index();
    expect(job.documents).toMatchObject({ changed: 1 });
    expect(embedded).toBeGreaterThanOrEqual(1);
    expect(embedded).toBeLessThanOrEqual(2);
  });

  describe("of some files", () => {
    beforeEach(async () => {
      write("docs/old/a.md", `# A title\n\n## One\n\n${line("wren", 1)}\n\n## Two\n\n${line("wren", 2)}\n`);
      write("docs/old/b.md", `# Another\n\n## One\n\n${line("owl", 1)}\n`);
      write("docs/old/c.txt", `${line("crow", 1)}\n\n${line("crow", 2)}\n`);
      await index();
    });

    const none: [string, () => void, Partial<ReindexRequest>?, string?][] = [
      ["a file is renamed", () => renameSync(at("docs/old/a.md"), at("docs/old/z.md"))],
      ["a folder is moved", () => renameSync(at("docs/old"), at("docs/new"))],
      ["a file is copied", () => cpSync(at("docs/old/a.md"), at("docs/copy.md"))],
      ["a folder is copied", () => cpSync(at("docs/old"), at("docs/new"), { recursive: true })],
      ["a copy is another source", () => cpSync(at("docs"), at("other"), { recursive: true }), {}, "other"],
      ["the source is moved", () => renameSync(at("docs"), at("papers")), {}, "papers"],
      ["everything is built anew", () => undefined, { mode: "full" }],
      [
        "a folder is moved, and everything is built anew",
        () => renameSync(at("docs/old"), at("docs/new")),
        { mode: "full" },
      ],
      ["the folder above is indexed", () => undefined, {}, "."],
      ["another chunk is cut off", () => edit("docs/old/a.md", (before) => before.slice(0, before.indexOf("## Two")))],
    ];
    it.each(none)("none is embedded when %s", async (_what, change, request, place) => {
      change();
      const { job, embedded } = await index(place, request);
      expect(job.state).toBe("done");
      expect(embedded).toBe(0);
    });

    const one: [string, () => void, Partial<ReindexRequest>?][] = [
      ["edited", () => edit("docs/old/c.txt", (before) => `${before}\n${line("new", 1)}\n`)],
      [
        "edited, and everything is built anew",
        () => edit("docs/old/a.md", (before) => before.replace(line("wren", 2), line("new", 1))),
        { mode: "full" },
      ],
      [
        "moved and edited",
        () => {
          renameSync(at("docs/old"), at("docs/new"));
          edit("docs/new/c.txt", (before) => `${before}\n${line("new", 1)}\n`);
        },
      ],
      [
        "renamed and edited",
        () => {
          renameSync(at("docs/old/a.md"), at("docs/old/z.md"));
          edit("docs/old/z.md", (before) => before.replace(line("wren", 2), line("new", 1)));
        },
      ],
      [
        "copied and edited",
        () => {
          cpSync(at("docs/old"), at("docs/new"), { recursive: true });
          edit("docs/new/a.md", (before) => before.replace(line("wren", 1), line("new", 1)));
        },
      ],
    ];
    it.each(one)("only the new passage is embedded when one is %s", async (_what, change, request) => {
      change();
      expect((await index("docs", request)).embedded).toBe(1);
    });

    it("all are embedded by another model, and none when the first is back", async () => {
      bench.useModel("2");
      expect((await index("docs", { mode: "full" })).embedded).toBe(5);
      bench.useModel("1");
      expect((await index()).embedded).toBe(0);
    });

    it("the vectors are those of the texts", async () => {
      const best = async (query: string) => {
        const { passages } = await bench.retrieve({
          query,
          mode: "dense",
          collection: passFor(`${ALIAS}${alias}`),
          topK: 1,
        });
        return [passages[0]?.point.record.document, passages[0]?.dense];
      };
      const asked = line("wren", 2);
      const [, before] = await best(asked);
      renameSync(at("docs/old"), at("docs/new"));
      edit("docs/new/a.md", (text) => text.replace(line("wren", 1), line("new", 1)));
      await index();
      await index("docs", { mode: "full" });
      const [document, after] = await best(asked);
      expect(document).toBe("new/a.md");
      expect(after).toBeCloseTo(before as number, 5);
    });
  });

  it("equal files are embedded once in a first run, wherever they stand in it", async () => {
    for (const folder of ["docs/a", "docs/b", "docs/c"]) {
      write(`${folder}/small.md`, `# Small\n\n${line("wren", 1)}\n`);
      write(`${folder}/large.txt`, text("owl", 110));
    }
    for (let i = 0; i < 40; i++) write(`docs/b0/${i}.md`, `# Page ${i}\n\n${line("crow", i)}\n`);
    const { job, embedded } = await index();
    expect(job.documents.added).toBe(46);
    expect(embedded).toBe(151);
  });
});
