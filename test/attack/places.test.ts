/** What a name in a source leads to, when a neighbour, a link or the caller would have it lead elsewhere. */
import { execFileSync } from "node:child_process";
import {
  closeSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeEach, describe, expect, it } from "vitest";
import { Access } from "#src/core/access.js";
import type { Call } from "#src/core/call.js";
import type { AppError } from "#src/core/errors.js";
import type { Source } from "#src/core/ports.js";
import { createOpenSource } from "#src/source/index.js";
import { ParserProcess } from "#src/source/parser-process.js";
import { cleanUp, type Json, PATIENCE_MS, RawServer, readSpans, until } from "../e2e/server.js";
import { collect } from "../source/collect.js";
import { testCall } from "../support/call.js";

let base: string;
let root: string;
beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "places-")));
  root = join(base, "root");
  mkdirSync(root);
});
afterEach(async () => {
  await cleanUp();
  rmSync(base, { recursive: true, force: true });
});
const parser = new ParserProcess();
afterAll(() => parser.close());

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(base, name)), { recursive: true });
    writeFileSync(join(base, name), content);
  }
}

/** Of a client, bound to the roots. */
const bound = () => testCall({ access: Access.to([]) });
const open = (location: string, call: Call = bound(), ownFiles: readonly string[] = []) =>
  createOpenSource({ roots: [root], dataFolder: join(base, "data"), ownFiles, parser })(call, location);

/** Document id → its text, or why it is left out. `onFirst` is done when the first document has been read. */
async function readAll(source: Source, onFirst = () => {}, call = bound()): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  let isFirst = true;
  for await (const item of source.read(call)) {
    if (item.kind !== "document") {
      found[item.document] = item.reason;
      continue;
    }
    const parsed = await item.document.parse(call);
    found[item.document.document] = "reason" in parsed ? parsed.reason : parsed.text;
    if (isFirst) onFirst();
    isFirst = false;
  }
  return found;
}

/** Its place is taken by a link to another one. */
function swap(folder: string, target: string): void {
  renameSync(join(base, folder), join(base, "moved"));
  symlinkSync(join(base, target), join(base, folder), "junction");
}

// Where the system tells what an open file is called, and where it does not.
describe.each([["as this system tells places"], ["by names alone"]])(
  "%s, a folder that becomes a link in mid-job",
  (how) => {
    const real = process.platform;
    const pretend = (value: string) => Object.defineProperty(process, "platform", { value });
    beforeEach(() => how === "by names alone" && pretend("other"));
    afterEach(() => pretend(real));

    it("is not entered: neither its names nor its texts are read", async () => {
      put({ "root/a.md": "first", "root/sub/x.md": "inside", "outside/x.md": "OUTSIDE", "outside/y.md": "OUTSIDE" });
      const found = await readAll(await open(root), () => swap("root/sub", "outside"));
      expect(found).toEqual({ "a.md": "first", "sub/": expect.stringContaining("moved while the folder was read") });
    });

    it("has nothing read through it when its files were found before", async () => {
      put({ "root/sub/a.md": "first", "root/sub/x.md": "inside", "root/sub/r.jsonl": "", "root/sub/z/y.md": "inside" });
      put({ "outside/x.md": "OUTSIDE", "outside/r.jsonl": '{"id":"1","text":"OUTSIDE"}', "outside/z/y.md": "OUTSIDE" });
      const found = await readAll(await open(root), () => swap("root/sub", "outside"));
      const moved = expect.stringContaining("moved while the folder was read");
      expect(found).toEqual({ "sub/a.md": "first", "sub/r.jsonl": moved, "sub/x.md": moved, "sub/z/": moved });
    });

    it("is not entered as a place inside the source either, which may be one that is left out", async () => {
      put({ "root/a.md": "first", "root/sub/config.md": "inside", "root/.git/config.md": "OUTSIDE" });
      const found = await readAll(await open(root), () => swap("root/sub", "root/.git"));
      expect(found["sub/"]).toContain("moved while the folder was read");
      expect(Object.values(found)).not.toContain("OUTSIDE");
    });

    it("has no large file read again through it", async () => {
      const large = "Some text.\n".repeat(100_000);
      put({ "root/sub/a.txt": large, "outside/a.txt": large });
      const [item] = await collect((await open(root)).read(bound()));
      swap("root/sub", "outside");
      if (item?.kind !== "document") return expect.unreachable(JSON.stringify(item));
      await expect(item.document.parse(bound())).rejects.toMatchObject({ code: "ESTALE" });
    });

    it("is not entered when it is the source itself, or lies above it", async () => {
      put({ "root/sub/deep/a.md": "inside", "outside/deep/a.md": "OUTSIDE", "outside/a.md": "OUTSIDE" });
      const [sub, deep, file] = await Promise.all(["sub", "sub/deep", "sub/deep/a.md"].map((name) => open(name)));
      swap("root/sub", "outside");
      await expect(readAll(sub as Source)).rejects.toMatchObject({ code: "bad_request" });
      await expect(readAll(deep as Source)).rejects.toMatchObject({ code: "bad_request" });
      expect(await readAll(file as Source)).toEqual({ "a.md": expect.stringContaining("moved") });
    });

    it("that is no link is read as ever", async () => {
      put({ "root/.gitignore": "*.log\n", "root/a.md": "a", "root/b/c.md": "c", "root/b/d.log": "d" });
      expect(await readAll(await open(root))).toMatchObject({
        "a.md": "a",
        "b/c.md": "c",
        "b/d.log": "ignored by .gitignore",
      });
    });
  },
);

describe("what a walk leaves out", () => {
  it("cannot be named by a client either, itself or below it", async () => {
    put({
      "root/.gitignore": "private/\n*.log\n!keep.log\n",
      "root/private/deep/p.md": "x",
      "root/sub/a.log": "x",
      "root/.git/notes.md": "x",
      "root/node_modules/m/readme.md": "x",
      "root/package.json": "{}",
      "root/dist/out.md": "x",
      "root/.ssh/notes.md": "x",
    });
    const refused = {
      private: "private/: ignored by .gitignore",
      "private/deep": "private/: ignored by .gitignore",
      "private/deep/p.md": "private/: ignored by .gitignore",
      "sub/a.log": "sub/a.log: ignored by .gitignore",
      ".git": ".git/: version control folder",
      ".git/notes.md": ".git/: version control folder",
      "node_modules/m": "node_modules/: dependency or cache folder",
      dist: "dist/: build folder",
      ".ssh": "a folder for secrets",
    };
    for (const [location, why] of Object.entries(refused)) {
      const error: AppError = await open(location).catch((thrown) => thrown);
      expect([location, error.code, error.message]).toEqual([location, "bad_request", expect.stringContaining(why)]);
    }
  });

  it("stays so in a folder below: the rules of those above it hold there", async () => {
    put({
      "root/.gitignore": "*.log\n/sub/deep/private/\n",
      "root/sub/.gitignore": "*.tmp.md\n",
      "root/sub/deep/.gitignore": "!keep.log\n",
      "root/sub/deep/a.md": "a",
      "root/sub/deep/b.log": "b",
      "root/sub/deep/keep.log": "keep",
      "root/sub/deep/c.tmp.md": "c",
      "root/sub/deep/private/p.md": "p",
    });
    const source = await open("sub/deep");
    expect(await readAll(source)).toEqual({
      ".gitignore": "!keep.log\n",
      "a.md": "a",
      "b.log": "ignored by .gitignore",
      "c.tmp.md": "ignored by .gitignore",
      "keep.log": "keep",
      "private/": "ignored by .gitignore",
    });
    expect(await source.count(bound())).toBe(6);
  });

  it("is the operator's to name: a root below it, or a path typed", async () => {
    put({ "root/.gitignore": "private/\n", "root/private/p.md": "p" });
    const roots = [root, join(root, "private")];
    const nested = createOpenSource({ roots, dataFolder: join(base, "data"), parser });
    expect(await readAll(await nested(bound(), "private"))).toEqual({ "p.md": "p" });
    expect(await readAll(await open(join(root, "private"), testCall()))).toEqual({ "p.md": "p" });
  });
});

describe("a file with a second name", () => {
  it("is not read for a client: that name may lie outside its roots", async () => {
    put({ "elsewhere.md": "ELSEWHERE", "elsewhere.jsonl": '{"id":"1","text":"ELSEWHERE"}', "root/b.md": "b" });
    linkSync(join(base, "elsewhere.md"), join(root, "a.md"));
    linkSync(join(base, "elsewhere.jsonl"), join(root, "r.jsonl"));
    const told = expect.stringContaining("has another name (a hard link)");
    expect(await readAll(await open(root))).toEqual({ "a.md": told, "b.md": "b", "r.jsonl": told });
    expect(await readAll(await open("a.md"))).toEqual({ "a.md": told });
    await expect(readAll(await open("r.jsonl"))).rejects.toMatchObject({ code: "bad_request", message: told });
  });

  it("is read for the operator, and hides no rules", async () => {
    put({ "elsewhere.md": "text", rules: "*.log\n", "root/b.log": "b" });
    linkSync(join(base, "elsewhere.md"), join(root, "a.md"));
    linkSync(join(base, "rules"), join(root, ".gitignore"));
    const found = await readAll(await open(root, testCall()), undefined, testCall());
    expect(found).toMatchObject({ "a.md": "text", "b.log": "ignored by .gitignore" });
    expect((await readAll(await open(root)))["b.log"]).toBe("ignored by .gitignore");
  });
});

describe("the server's own files", () => {
  it("are no documents, rotated ones included, and cannot be named", async () => {
    put({ "root/logs/spans.jsonl": '{"id":"1","text":"span"}', "root/logs/spans.jsonl.1": "x", "root/logs/a.md": "a" });
    const own = [join(root, "logs/spans.jsonl")];
    expect(await readAll(await open(root, bound(), own))).toEqual({
      "logs/a.md": "a",
      "logs/spans.jsonl": "the server's own file",
      "logs/spans.jsonl.1": "the server's own file",
    });
    await expect(open("logs/spans.jsonl", bound(), own)).rejects.toMatchObject({ code: "bad_request" });
  });

  // Other systems do not tell what stderr is called.
  it.skipIf(process.platform !== "linux")("include the log, when stderr is a file in the folder", async () => {
    const log = openSync(join(root, "server.log"), "w");
    const program = `const { ownName, realOwnFiles } = await import("#src/source/own-files.js");
      const own = await realOwnFiles({ dataFolder: ${JSON.stringify(join(base, "data"))}, files: [] });
      console.log(ownName(${JSON.stringify(join(root, "server.log"))}, own));`;
    const args = ["--input-type=module", "-e", program];
    const said = execFileSync(process.execPath, args, { stdio: ["ignore", "pipe", log], encoding: "utf8" });
    closeSync(log);
    expect(said.trim()).toBe("the server's own file");
  });

  it("do not wake RETRIEVAL_WATCH: its spans in a watched folder cause no runs", async () => {
    put({ "root/a.md": "# Leave\n\nThe zebrafinch rule.\n" });
    mkdirSync(join(root, "logs"));
    const settings = { RETRIEVAL_DATA_DIR: join(base, "data"), RETRIEVAL_ROOTS: root, RETRIEVAL_WATCH: "1" };
    const server = new RawServer(root, settings);
    await server.initialize();
    const jobs = async (): Promise<Json[]> => (await server.ask("health")).jobs;
    const isDone = async () => (await jobs()).some(({ state }) => state === "done");
    expect(await until(isDone, PATIENCE_MS)).toBe(true);
    const before = (await jobs()).length;
    // Further apart than the quiet that a run waits for.
    for (let call = 0; call < 4; call++) {
      await server.ask("retrieve", { query: "zebrafinch", mode: "lexical" });
      await new Promise((done) => setTimeout(done, 800));
    }
    expect(readSpans(root).length).toBeGreaterThan(4);
    const after = await jobs();
    expect(after.length).toBeLessThanOrEqual(before + 1); // the first change is seen once more by some systems
    expect(JSON.stringify(after)).not.toContain("spans.jsonl#");
    await server.end();
    expect(readFileSync(join(root, "logs/mcp_tool_spans.jsonl"), "utf8")).toContain("retrieve");
  });
});
