/** The command line of the built program: what it prints, where, and its exit codes. */
import { once } from "node:events";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  cleanUp,
  folderOf,
  isAlive,
  type Json,
  longDocuments,
  newFolder,
  PATIENCE_MS,
  REAL_MODEL,
  run,
  startCommand,
  startServer,
  stores,
  until,
  writeDocuments,
} from "./server.js";

const HANDBOOK = {
  "keys.md": "# Keys\n\nRotate the signing keys every ninety days and revoke the old ones.\n",
  "leave.md": "# Leave\n\nAsk your manager for annual leave two weeks ahead.\n",
};
const COMMANDS = ["serve", "index", "search", "eval", "health", "collections", "rollback", "snapshot", "config"];
const EXIT = { ok: 0, failed: 1, usage: 2, unavailable: 69, tryAgain: 75, config: 78 };

afterAll(cleanUp);

/** A command with --json: one line of JSON on stdout, whatever its exit code. */
async function json(
  args: readonly string[],
  dataFolder: string,
  settings = {},
): Promise<{ code: number; value: Json }> {
  const { code, stdout, stderr } = await run([...args, "--json"], dataFolder, settings);
  expect(stdout.trim().split("\n"), `${args.join(" ")}\n${stderr}`).toHaveLength(1);
  return { code: code as number, value: JSON.parse(stdout) };
}

describe("a folder with PDF and DOCX", () => {
  it("is searched with their pages and headings; what cannot be read is skipped with its reason", async () => {
    const dataFolder = newFolder();
    const source = new URL("../source/fixtures", import.meta.url).pathname;
    const indexed = await json(["index", source], dataFolder);
    expect(indexed).toMatchObject({
      code: EXIT.ok,
      value: {
        job: {
          state: "done",
          documents: { seen: 11, added: 9 },
          skipped_total: 2,
          skipped: [
            { document: "locked.pdf", reason: "password-protected" },
            { document: "scan.pdf", reason: "no text in it; pages that are scans need OCR first" },
          ],
          failed_total: 0,
        },
      },
    });
    const winter = await json(["search", "drain the casing, frost", "--top", "1"], dataFolder);
    const [best] = winter.value.results;
    expect(best.source).toMatchObject({
      document: "manual.pdf",
      title: "Operating the pump",
      page_start: 2,
      page_end: 2,
    });
    expect(best.source).not.toHaveProperty("line_start");
    const { stdout } = await run(["search", "weeks in Denmark", "--top", "1"], dataFolder);
    expect(stdout).toMatch(/policy\.docx: Parental leave/);
    expect(stdout).not.toMatch(/, (lines|pages) /);
  });
});

describe("a folder of documents", () => {
  let dataFolder: string;
  let source: string;
  beforeAll(async () => {
    dataFolder = newFolder();
    source = folderOf(HANDBOOK);
    await run(["index", source], dataFolder);
  });

  it("is indexed again with nothing to embed, then searched, listed and reported, each as JSON", async () => {
    const indexed = await json(["index", source], dataFolder);
    expect(indexed).toMatchObject({
      code: EXIT.ok,
      value: { job: { state: "done", documents: { unchanged: 2, added: 0, changed: 0 }, chunks: 0, points: 2 } },
    });
    const planned = await json(["index", source, "--dry-run"], dataFolder);
    expect(planned).toMatchObject({ code: EXIT.ok, value: { job: { dry_run: true, documents: { unchanged: 2 } } } });
    const found = await json(["search", "annual leave", "--top", "1"], dataFolder);
    expect(found.code).toBe(EXIT.ok);
    expect(found.value.results).toMatchObject([{ rank: 1, source: { document: "leave.md", line_start: 1 } }]);
    const filter = ["--filter", '{"document":"keys.md"}', "--mode", "dense", "--detail", "ids", "--min-score", "0"];
    const filtered = await json(["search", "annual leave", ...filter], dataFolder);
    expect(filtered.value.results).toMatchObject([{ source: { document: "keys.md" } }]);
    const listed = await json(["collections"], dataFolder);
    expect(listed.code).toBe(EXIT.ok);
    expect(listed.value.collections).toMatchObject([{ alias: "my_docs", serving: true, state: "ready", documents: 2 }]);
    const health = await json(["health"], dataFolder);
    expect(health).toMatchObject({ code: EXIT.failed, value: { status: "degraded" } }); // pseudo-embeddings
  });

  it("is read by people too: passages with their source on stdout, nothing else there", async () => {
    const { code, stdout } = await run(["search", "annual leave"], dataFolder);
    expect(code).toBe(EXIT.ok);
    expect(stdout).toMatch(/^\d passages from "my_docs"/);
    expect(stdout).toContain("leave.md");
    const indexed = await run(["index", source], dataFolder);
    expect(indexed.stdout).toMatch(/^Job [0-9a-f]+ done .*2 unchanged/);
    expect((await run(["collections"], dataFolder)).stdout).toMatch(/^\* my_docs /);
    expect((await run(["health"], dataFolder)).stdout).toMatch(/^status: degraded/);
  });

  it("is well with the bundled model", async () => {
    const folder = newFolder();
    await run(["index", source], folder, REAL_MODEL);
    const { code, value } = await json(["health"], folder, REAL_MODEL);
    expect(value.status).toBe("ok");
    expect(code).toBe(EXIT.ok);
  });

  it("goes back to the version before a full run, in one step, and forward again by name", async () => {
    const folder = newFolder();
    const docs = folderOf(HANDBOOK);
    const first = (await json(["index", docs], folder)).value.job.target;
    writeDocuments(docs, { "travel.md": "# Travel\n\nBook trains, not planes.\n" });
    const full = (await json(["index", docs, "--full"], folder)).value.job;
    expect(full.previous_collection).toBe(first);
    expect((await json(["search", "book trains"], folder)).value.collection.name).toBe(full.target);

    const back = await json(["rollback"], folder);
    expect(back).toEqual({ code: EXIT.ok, value: { collection: "my_docs", from: full.target, to: first } });
    const after = await json(["search", "book trains"], folder);
    expect(after.value.collection).toMatchObject({ name: first, points: 2 });
    const forward = await json(["rollback", "my_docs", "--to", full.target], folder);
    expect(forward.value).toEqual({ collection: "my_docs", from: first, to: full.target });
    expect((await json(["search", "book trains"], folder)).value.results[0].source.document).toBe("travel.md");
  });
});

describe("exit codes", () => {
  it.each<[string, number, string[], Record<string, string>, string]>([
    ["1: nothing is indexed yet", EXIT.failed, ["search", "leave"], {}, "not_found"],
    ["1: there is no such folder", EXIT.failed, ["index", "no/such/folder"], {}, "not_found"],
    ["1: there is no earlier version", EXIT.failed, ["rollback"], {}, "not_found"],
    ["2: a value that is not allowed", EXIT.usage, ["search", "leave", "--top", "1000"], {}, "bad_request"],
    ["2: a value that is no number", EXIT.usage, ["search", "leave", "--top", "many"], {}, "bad_request"],
    [
      "78: late interaction without a model that has token vectors",
      EXIT.config,
      ["health"],
      { EMBEDDING_MODEL: "all-mpnet-base-v2", RERANK_ENABLED: "1", RERANK_MODEL: "late-interaction" },
      "config",
    ],
    ["78: a setting out of range", EXIT.config, ["config", "check"], { CANDIDATES: "0" }, "config"],
  ])("%s", async (_case, expected, args, settings, error) => {
    const { code, value } = await json(args, newFolder(), settings);
    expect(code).toBe(expected);
    expect(value.error).toMatchObject({
      code: error,
      message: expect.any(String),
      remedy: expect.any(String),
      runbook: `docs/runbook.md#${error}`,
    });
  });

  it.each([
    [["search", "leave", "--top", "0"], "--top: "],
    [["search", "leave", "--min-score", "2"], "--min-score: "],
    [["search", "x".repeat(2_001)], "<query>: longer than 2000 characters, which QUERY_MAX_CHARS allows"],
  ])("2: names what was typed (%#)", async (args, message) => {
    const { code, value } = await json(args, newFolder());
    expect(code).toBe(EXIT.usage);
    expect(value.error.message.startsWith(message)).toBe(true);
  });

  it.each([
    [["frobnicate"]],
    [["index"]],
    [["search", "leave", "--no-such-option"]],
    [["search", "leave", "--filter", "{not json"]],
    [["config", "frobnicate"]],
    [["collections", "frobnicate"]],
    [["snapshot", "restore"]],
  ])("2: a command line that nobody understands, %j", async (args) => {
    const { code, stdout, stderr } = await run(args, newFolder());
    expect(code).toBe(EXIT.usage);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/error: /);
    const asJson = await json(args, newFolder());
    expect(asJson).toMatchObject({
      code: EXIT.usage,
      value: {
        error: { code: "bad_request", message: expect.not.stringMatching(/^error/), remedy: expect.any(String) },
      },
    });
  });

  it("2: a command that only leads to others, without one of them", async () => {
    const { code, value } = await json(["models"], newFolder());
    expect([code, value.error.code]).toEqual([EXIT.usage, "bad_request"]);
  });

  it.skipIf(process.getuid?.() === 0)("69: a store that cannot be written", async () => {
    const folder = newFolder();
    chmodSync(folder, 0o500);
    const { code, value } = await json(["search", "leave"], folder);
    expect(value.error.code).toBe("store_down");
    expect(code).toBe(EXIT.unavailable);
    chmodSync(folder, 0o700);
  });

  it("69: a store that is no store, and health says so", async () => {
    const folder = folderOf({ store: "a file where the folder should be" });
    const search = await json(["search", "leave"], folder);
    expect(search).toMatchObject({ code: EXIT.unavailable, value: { error: { code: "store_down" } } });
    const health = await json(["health"], folder);
    expect(health).toMatchObject({ code: EXIT.unavailable, value: { status: "down", store: { state: "down" } } });
  });

  it.each(stores())(
    "75: another process is writing the same collection in %s, until it ends",
    async (_name, settings) => {
      const folder = newFolder();
      const source = folderOf(longDocuments(60, "ledger"));
      const all = { ...REAL_MODEL, ...settings };
      const server = await startServer(folder, { ...all, RETRIEVAL_ROOTS: source });
      const { id, answer } = server.start("reindex", { source: ".", wait: true });
      answer.catch(() => undefined);
      await server.writing(id);
      const { code, value } = await json(["index", source], folder, all);
      expect(value.error).toMatchObject({ code: "conflict" });
      expect(value.error.message).toMatch(
        new RegExp(`is being written by [^ ]+:${server.pid}:\\w+, until \\d{4}-\\d\\d-\\d\\dT`),
      );
      expect(code).toBe(EXIT.tryAgain);
      process.kill(server.pid, "SIGKILL");
      expect(await until(() => !isAlive(server.pid), PATIENCE_MS)).toBe(true);
      expect((await json(["index", source], folder, all)).code).toBe(EXIT.ok);
    },
  );

  it("1: interrupted with Ctrl-C, and the next run goes on", async () => {
    const folder = newFolder();
    const source = folderOf(longDocuments(60, "ledger"));
    const child = startCommand(["index", source, "--json"], folder, { ...REAL_MODEL, EMBEDDING_THREADS: "1" });
    let stdout = "";
    child.stdout?.on("data", (chunk) => {
      stdout += chunk;
    });
    // Its first line of progress comes when it has begun to read.
    await once(child.stderr as NodeJS.ReadableStream, "data");
    child.kill("SIGINT");
    const [code] = await once(child, "close");
    expect(code).toBe(EXIT.failed);
    expect(JSON.parse(stdout).error.code).toBe("cancelled");
    const next = await json(["index", source], folder, REAL_MODEL);
    expect(next.value.job).toMatchObject({ state: "done", documents: { seen: 60 } });
  });
});

describe("config", () => {
  it("print shows every setting in force, with secrets masked", async () => {
    const settings = { QDRANT_API_KEY: "hunter2", HTTPS_PROXY: "http://me:hunter2@proxy:3128", CANDIDATES: "77" };
    const { code, value } = await json(["config", "print"], newFolder(), settings);
    expect(code).toBe(EXIT.ok);
    expect(value).toMatchObject({ QDRANT_API_KEY: "***", CANDIDATES: "77", METRICS_HOST: "127.0.0.1" });
    expect(JSON.stringify(value)).not.toContain("hunter2");
    const { stdout, stderr } = await run(["config", "print"], newFolder(), settings);
    expect(stdout).toContain("CANDIDATES=77");
    expect(stdout + stderr).not.toContain("hunter2");
  });

  it("check accepts what would start and warns about a name that looks like ours", async () => {
    const { code, value } = await json(["config", "check"], newFolder(), {
      EMBEDING_MODEL: "x",
      QDRANT_COLECTION: "x",
    });
    expect(code).toBe(EXIT.ok);
    expect(value.valid).toBe(true);
    expect(value.warnings.join("\n")).toContain("did you mean QDRANT_COLLECTION?");
  });

  it("check warns about a root that does not exist: it may be mounted later", async () => {
    const folder = newFolder();
    const gone = join(folder, "gone");
    const roots = { RETRIEVAL_ROOTS: [folder, gone].join(delimiter) };
    const { code, value } = await json(["config", "check"], folder, roots);
    expect(code).toBe(EXIT.ok);
    expect(value.valid).toBe(true);
    expect(value.warnings).toEqual([expect.stringContaining(`${gone}, which does not exist`)]);
  });

  it("check lists every problem at once, without the values of secrets", async () => {
    const settings = { CANDIDATES: "0", LOG_LEVEL: "loud", QDRANT_URL: "http://me:hunter2@127.0.0.1:6333" };
    const { code, stderr } = await run(["config", "check"], newFolder(), settings);
    expect(code).toBe(EXIT.config);
    for (const name of ["CANDIDATES=0", "LOG_LEVEL=loud", "QDRANT_URL"]) expect(stderr).toContain(name);
    expect(stderr).not.toContain("hunter2");
  });

  it("comes from a file only when it is named, and the environment wins over it", async () => {
    const folder = newFolder();
    writeFileSync(join(folder, ".env"), "CANDIDATES=11\nQUERY_MAX_CHARS=22\n");
    expect((await json(["config", "print"], folder)).value).toMatchObject({ CANDIDATES: "100" });
    const named = await json(["--env-file", join(folder, ".env"), "config", "print"], folder, { CANDIDATES: "33" });
    expect(named.value).toMatchObject({ CANDIDATES: "33", QUERY_MAX_CHARS: "22" });
    const missing = await run(["--env-file", "no-such", "config", "print"], folder);
    // Node looks for its own option of this name behind the script too, and ends with 9 before we run.
    expect([EXIT.config, 9]).toContain(missing.code);
    expect(missing.stderr).toContain("no-such");
  });
});

describe("--help", () => {
  it("lists the commands with examples, and every command explains itself", async () => {
    const folder = newFolder();
    const { code, stdout } = await run(["--help"], folder);
    expect(code).toBe(EXIT.ok);
    for (const command of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${command}\\b`, "m"));
    expect(stdout).toContain("Examples:");
    for (const command of COMMANDS) {
      const help = await run([command, "--help"], folder);
      expect(help.code, command).toBe(EXIT.ok);
      expect(help.stdout, command).toContain(`Usage: aura-retrieval ${command}`);
    }
  });
});

describe("models", () => {
  const MODEL = "sentence-transformers/all-MiniLM-L6-v2";

  it("are listed, found, verified and not removed as JSON too, each in a span of its own", async () => {
    const folder = newFolder();
    const settings = { HF_HUB_CACHE: join(folder, "hub"), HF_HUB_OFFLINE: "1" };
    const found = await json(["models", "path", MODEL], folder, settings);
    expect(found).toMatchObject({ code: EXIT.ok, value: { model: MODEL } });
    expect(found.value.paths).toContainEqual(expect.stringMatching(/\.onnx$/));
    const verified = await json(["models", "verify", MODEL], folder, settings);
    expect(verified).toMatchObject({ code: EXIT.ok, value: { ok: true } });
    for (const { model, expected, found, ok } of verified.value.files) {
      expect({ model, found, ok }).toEqual({ model: MODEL, found: expected, ok: true });
    }
    const other = "sentence-transformers/all-mpnet-base-v2";
    const removed = await json(["models", "rm", other, "--yes"], folder, settings);
    expect(removed).toEqual({ code: EXIT.ok, value: { model: other, cache: settings.HF_HUB_CACHE, removed: 0 } });
    const pulled = await json(["models", "pull", MODEL], folder, settings);
    expect(pulled).toMatchObject({ code: EXIT.unavailable, value: { error: { code: "model_missing" } } });
    expect((await json(["models", "list"], folder, settings)).value.models.length).toBeGreaterThan(1);

    const spans = readFileSync(join(folder, "logs/mcp_tool_spans.jsonl"), "utf8").trimEnd().split("\n");
    expect(spans.map((span) => JSON.parse(span)).map(({ tool, status }) => [tool, status])).toEqual([
      ["model_paths", "ok"],
      ["verify_models", "ok"],
      ["remove_model", "ok"],
      ["pull_model", "error"],
      ["models", "ok"],
    ]);
  });
});

describe("serve", () => {
  it("is told apart from a command that nobody knows, which is named", async () => {
    const { code, stderr } = await run(["serach", "--top", "3"], newFolder());
    expect([code, stderr]).toEqual([EXIT.usage, expect.stringContaining("unknown command 'serach'")]);
  });

  it.each([
    ["named", ["serve"]],
    ["not named beside a file of settings", ["--env-file=settings.env"]],
  ])("is the same server as no argument, %s", async (_, args) => {
    const folder = folderOf({ "settings.env": "CANDIDATES=50\n" });
    const child = startCommand(args, folder);
    // Its stdin is at its end from the start: it says so and leaves, without a word on stdout.
    let [stdout, stderr] = ["", ""];
    child.stdout?.on("data", (chunk) => {
      stdout += chunk;
    });
    child.stderr?.on("data", (chunk) => {
      stderr += chunk;
    });
    const [code] = await once(child, "close");
    expect([code, stdout]).toEqual([EXIT.usage, ""]);
    expect(stderr).toContain("no client speaks to this server: its stdin is closed");
  });
});
