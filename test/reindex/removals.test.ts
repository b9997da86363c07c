/** What a run does with documents that are gone: real folders and real branches, through the whole of a re-index. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";
import { Access } from "#src/core/access.js";
import type { Job } from "#src/core/job.js";
import type { VectorStore } from "#src/core/ports.js";
import { type ReindexRequest, startReindex } from "#src/reindex/reindex.js";
import { createOpenSource, isGone } from "#src/source/index.js";
import { ParserProcess } from "#src/source/parser-process.js";
import { benchInFolder } from "../support/bench-in-folder.js";
import { passFor, testCall } from "../support/call.js";
import { ALIAS, type Bench } from "../support/fixtures.js";

vi.setConfig({ testTimeout: 60_000 });

const hasGit = spawnSync("git", ["--version"]).status === 0;
if (!hasGit) console.warn("tests of branches are skipped: there is no git here");

const parser = new ParserProcess();
afterAll(() => parser.close());

let bench: Bench;
let base: string;
benchInFolder("removals", (opened) => {
  ({ bench, base } = opened);
});

/** `count` pages, each about something else. */
function pages(folder: string, count: number, word: string): string[] {
  return Array.from({ length: count }, (_, i) => {
    const path = `${folder}/${word}-${i}.md`;
    write(path, `# ${word} ${i}\n\nAbout ${word}${i} and nothing else.\n`);
    return path.slice(folder.indexOf("/") + 1);
  });
}

function write(path: string, text: string): void {
  mkdirSync(dirname(join(base, path)), { recursive: true });
  writeFileSync(join(base, path), text);
}

const remove = (path: string) => rmSync(join(base, path), { recursive: true });
const move = (from: string, to: string) => renameSync(join(base, from), join(base, to));
const git = (...args: string[]) =>
  execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], { cwd: base, stdio: "pipe" });

function index(place = "docs", change: Partial<ReindexRequest> = {}, store: VectorStore = bench.store): Promise<Job> {
  bench.embedded = [];
  const call = testCall({ access: Access.full("the operator typed it") });
  const openSource = createOpenSource({ roots: [], dataFolder: join(base, "data"), parser });
  const source = join(base, place);
  const request = { source, target: passFor(ALIAS), mode: "incremental", dryRun: false, ...change } as const;
  return startReindex(call, { ...bench.parts(store), openSource, isGone }, request).done;
}

/** What serves, by path. */
async function documents(): Promise<string[]> {
  const info = await bench.store.describe(testCall(), passFor(ALIAS));
  const found: string[] = [];
  for await (const { document } of bench.store.documents(testCall(), info?.name ?? "")) found.push(document);
  return found.sort();
}

async function held() {
  const info = await bench.store.describe(testCall(), passFor(ALIAS));
  return (info?.sources ?? []).flatMap((source) => source.held ?? []);
}

const at = (place: string) => pathToFileURL(join(base, place)).href;
const times = (count: number, word: string) => Array.from({ length: count }, (_, i) => `${word}-${i}.md`);

describe("documents that moved below their source", () => {
  it("are served under their new paths, nothing embedded, nothing held back", async () => {
    pages("docs/old", 8, "wren");
    pages("docs", 2, "owl");
    await index();
    move("docs/old", "docs/new");
    const job = await index();
    expect(job.documents).toMatchObject({ added: 8, removed: 8, unchanged: 2 });
    expect(job.documents.held).toBeUndefined();
    expect(bench.embedded).toEqual([]);
    expect(await documents()).toEqual([...times(8, "new/wren"), ...times(2, "owl")]);
  });

  it("are told from those that are lost", async () => {
    pages("docs/a", 4, "wren");
    pages("docs/b", 4, "owl");
    await index();
    move("docs/a", "docs/c");
    remove("docs/b");
    // Four are lost of eight; that all eight are gone from their paths says nothing.
    expect((await index()).documents).toMatchObject({ added: 4, removed: 8 });
    expect(await documents()).toEqual(times(4, "c/wren"));
  });

  it("into another source of the collection are no loss once they are there", async () => {
    pages("docs", 4, "wren");
    pages("other", 2, "owl");
    await index("docs");
    await index("other");
    for (const page of times(4, "wren")) move(`docs/${page}`, `other/${page}`);
    expect((await index("docs")).documents).toMatchObject({ removed: 0, held: 4 });
    await index("other");
    expect((await index("docs")).documents).toMatchObject({ removed: 4 });
    expect(await held()).toEqual([]);
    expect(await documents()).toEqual([...times(2, "owl"), ...times(4, "wren")]);
  });
});

describe("a loss of more than half of a source", () => {
  beforeEach(async () => {
    pages("docs", 10, "wren");
    await index();
  });

  const lose = (from: number, to: number) => {
    for (const page of times(10, "wren").slice(from, to)) remove(`docs/${page}`);
  };

  it("is held back, while what is new and changed goes in", async () => {
    lose(4, 10);
    write("docs/wren-0.md", "# wren 0\n\nRewritten.\n");
    pages("docs", 3, "owl");
    const job = await index();
    expect(job).toMatchObject({
      state: "done",
      documents: { added: 3, changed: 1, unchanged: 3, removed: 0, held: 6 },
    });
    expect(await documents()).toEqual([...times(3, "owl"), ...times(10, "wren")]);
    expect(await held()).toEqual([{ at: at("docs"), documents: 6, of: 10 }]);
  });

  it("is still one when more has come since", async () => {
    lose(4, 10);
    for (let run = 0; run < 3; run++) {
      pages("docs", 10, `owl${run}`);
      expect((await index()).documents).toMatchObject({ added: 10, removed: 0, held: 6 });
    }
    expect(await held()).toEqual([{ at: at("docs"), documents: 6, of: 10 }]);
  });

  it("is still one after a run that was cut off, wherever it was", async () => {
    lose(4, 10);
    pages("docs", 20, "owl");
    for (const cut of ["keepSources", "write", "remove"] as const) {
      const doomed: VectorStore = {
        ...bench.store,
        async [cut](...args: never[]) {
          // After the step itself: the process is gone before it hears of it.
          await (bench.store[cut] as (...given: never[]) => Promise<void>)(...args);
          throw new Error("killed");
        },
      };
      await expect(index("docs", {}, doomed)).rejects.toThrow();
    }
    expect((await index()).documents).toMatchObject({ removed: 0, held: 6 });
    expect(await documents()).toEqual([...times(20, "owl"), ...times(10, "wren")].sort());
  });

  it("is over when they are back", async () => {
    const kept = join(base, "kept");
    cpSync(join(base, "docs"), kept, { recursive: true });
    lose(0, 9);
    expect((await index()).documents).toMatchObject({ held: 9 });
    cpSync(kept, join(base, "docs"), { recursive: true });
    const job = await index();
    expect(job.documents).toMatchObject({ added: 0, changed: 0, unchanged: 10, removed: 0 });
    expect(job.documents.held).toBeUndefined();
    expect(await held()).toEqual([]);
  });

  it("is smaller when most of them are back: the rest goes", async () => {
    lose(0, 9);
    await index();
    pages("docs", 8, "wren");
    expect((await index()).documents).toMatchObject({ unchanged: 9, removed: 1 });
    expect(await held()).toEqual([]);
  });

  it("of all of them is held back too, and confirmed by a full run", async () => {
    lose(0, 10);
    expect((await index()).documents).toMatchObject({ seen: 0, removed: 0, held: 10 });
    expect(await documents()).toHaveLength(10);
    await index("docs", { mode: "full" });
    expect(await documents()).toEqual([]);
    expect(await held()).toEqual([]);
  });

  it("is confirmed by a full run, which leaves what is held back elsewhere", async () => {
    pages("other", 4, "owl");
    await index("other");
    remove("other/owl-0.md");
    remove("other/owl-1.md");
    remove("other/owl-2.md");
    lose(1, 10);
    await index("other");
    await index();
    expect(await held()).toHaveLength(2);
    await index("docs", { mode: "full" });
    expect(await documents()).toEqual([...times(4, "owl"), "wren-0.md"]);
    expect(await held()).toEqual([{ at: at("other"), documents: 3, of: 4 }]);
  });

  it("in a part of a source stays held back when another part is read, and goes by a full run of that part", async () => {
    pages("docs/a", 4, "owl");
    pages("docs/b", 4, "crow");
    await index();
    for (const page of times(3, "owl")) remove(`docs/a/${page}`);
    await index("docs/a");
    await index("docs/b");
    expect(await held()).toEqual([{ at: at("docs/a"), documents: 3, of: 4 }]);
    await index("docs/a", { mode: "full" });
    expect(await held()).toEqual([]);
    expect(await documents()).toEqual(["a/owl-3.md", ...times(4, "b/crow"), ...times(10, "wren")]);
  });

  it("is told by a dry run, which changes nothing", async () => {
    lose(4, 10);
    expect((await index("docs", { dryRun: true })).documents).toMatchObject({ removed: 0, held: 6 });
    expect(await held()).toEqual([]);
    lose(0, 1);
    expect((await index("docs", { dryRun: true, mode: "full" })).documents.held).toBeUndefined();
  });

  it("is told by every answer, with the call that confirms it", async () => {
    lose(4, 10);
    await index();
    const stale = async () => {
      const call = testCall();
      await bench.retrieve({ query: "about wren9" }, call);
      return call.degraded.filter(({ reason }) => reason === "stale");
    };
    const [told] = await stale();
    expect(told?.detail).toMatch(/^6 of 10 documents of "docs" are gone/);
    const input = { source: join(base, "docs"), collection: ALIAS, mode: "full" } as const;
    expect(told?.detail).toContain(`call reindex with ${JSON.stringify(input)}`);
    await index("docs", { mode: input.mode });
    expect(await stale()).toEqual([]);
  });
});

describe.skipIf(!hasGit)("another branch", () => {
  /** Two branches with other documents, and `main` checked out. */
  function repository(folder = "docs"): void {
    git("init", "--quiet", "--initial-branch=main");
    pages(folder, 6, "wren");
    git("add", ".");
    git("commit", "--quiet", "-m", "one");
    git("checkout", "--quiet", "-b", "other");
    remove(folder);
    pages(folder, 5, "owl");
    git("add", ".");
    git("commit", "--quiet", "-m", "two");
    git("checkout", "--quiet", "main");
  }

  it.each(["docs", "."])("that is checked out is served, and the one before is not: %s", async (place) => {
    repository();
    await index(place);
    const prefix = place === "." ? "docs/" : "";
    expect(await documents()).toEqual(times(6, `${prefix}wren`));
    for (const [branch, count, word] of [
      ["other", 5, "owl"],
      ["main", 6, "wren"],
    ] as const) {
      git("checkout", "--quiet", branch);
      const job = await index(place);
      expect(job.documents).toMatchObject({ added: count, removed: 11 - count });
      expect(job.documents.held).toBeUndefined();
      expect(await documents()).toEqual(times(count, `${prefix}${word}`));
    }
  });

  it("is seen again by the run after one that was cut off", async () => {
    repository();
    await index();
    git("checkout", "--quiet", "other");
    const doomed: VectorStore = { ...bench.store, remove: () => Promise.reject(new Error("killed")) };
    await expect(index("docs", {}, doomed)).rejects.toThrow();
    expect((await index()).documents).toMatchObject({ removed: 6 });
    expect(await documents()).toEqual(times(5, "owl"));
  });

  it("that was checked out before does not confirm what is lost later, nor does a commit", async () => {
    repository();
    await index();
    git("checkout", "--quiet", "other");
    await index();
    write("docs/owl-0.md", "# owl\n\nChanged.\n");
    git("commit", "--quiet", "-a", "-m", "three");
    for (const page of times(5, "owl").slice(1)) remove(`docs/${page}`);
    expect((await index()).documents).toMatchObject({ changed: 1, removed: 0, held: 4 });
  });

  it("of a linked work tree counts, and the other's does not", async () => {
    repository();
    git("branch", "third", "main");
    git("worktree", "add", "--quiet", "linked", "third");
    await index("linked/docs");
    git("checkout", "--quiet", "other");
    for (const page of times(6, "wren").slice(1)) remove(`linked/docs/${page}`);
    expect((await index("linked/docs")).documents).toMatchObject({ removed: 0, held: 5 });
    execFileSync("git", ["checkout", "--quiet", "--force", "--detach", "other"], { cwd: join(base, "linked") });
    expect((await index("linked/docs")).documents).toMatchObject({ added: 5, removed: 6 });
  });

  it("of one of several repositories below a source is of that one alone", async () => {
    const inside = (folder: string, work: () => void) => {
      const outside = base;
      base = join(base, folder);
      mkdirSync(base, { recursive: true });
      work();
      base = outside;
    };
    for (const name of ["one", "two"]) inside(name, repository);
    pages("one/docs", 20, "crow");
    await index(".");
    inside("two", () => git("checkout", "--quiet", "other"));
    expect((await index(".")).documents).toMatchObject({ added: 5, removed: 6, unchanged: 26 });
    inside("two", () => git("checkout", "--quiet", "main"));
    remove("one/docs");
    // What the other has is not lost.
    expect((await index(".")).documents).toMatchObject({ added: 6, removed: 11, held: 20 });
  });

  it("of which only a part was read confirms the rest when that is read", async () => {
    repository("docs/a");
    await index();
    git("checkout", "--quiet", "other");
    pages("docs/b", 1, "crow");
    await index("docs/b");
    expect((await index()).documents).toMatchObject({ added: 5, removed: 6 });
  });
});
