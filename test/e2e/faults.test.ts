/** Faults of the machine, made for real. Each test's name is a row of docs/reliability.md. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, openSync, readdirSync, readFileSync, rmSync, truncateSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  canMount,
  cleanUp,
  descendants,
  environment,
  folderOf,
  isAlive,
  type Json,
  longDocuments,
  MAIN,
  newFolder,
  PATIENCE_MS,
  REAL_MODEL,
  ROOT,
  run,
  startServer,
  until,
} from "./server.js";

const NOBODY = 65_534;

afterEach(cleanUp);

/** A data folder with an indexed collection, and the folder it was made from. */
async function indexed(documents = longDocuments(6, "ledger")): Promise<{ data: string; source: string }> {
  const data = newFolder();
  const source = folderOf(documents);
  const { code, stderr } = await run(["index", source], data);
  expect(code, stderr).toBe(0);
  return { data, source };
}

function collectionFile(data: string): string {
  const folder = join(data, "store", "collections");
  return join(folder, readdirSync(folder).find((name) => name.endsWith(".db")) as string);
}

describe("docs/reliability.md", () => {
  it("names no test that is not there", () => {
    const root = resolve(import.meta.dirname, "../..");
    const page = readFileSync(join(root, "docs/reliability.md"), "utf8");
    const rows = page.split("\n").filter((line) => line.startsWith("| ") && line.includes("`test/"));
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) {
      const [, file, title] = /`(test\/[^`]+\.ts)`: ([^|]+?) \|$/.exec(row) ?? [];
      expect(file, row).toBeDefined();
      expect(readFileSync(join(root, file as string), "utf8"), row).toContain(title);
    }
  });
});

describe("the process tree killed", () => {
  it(
    "at each phase of a full re-index leaves the old version serving, and the next run finishes",
    async () => {
      const { data, source } = await indexed(longDocuments(30, "ledger"));
      const before = (await json(["collections", "--json"], data)).collections.find((info: Json) => info.serving).name;
      const killedAt: string[] = [];
      for (const phase of ["reading", "indexing", "verifying", "switching"]) {
        const server = await startServer(data, { RETRIEVAL_ROOTS: source });
        const { id, answer } = server.start("reindex", { source, mode: "full", wait: true });
        const reached = server.notified(
          ({ method, params }) =>
            method === "notifications/progress" &&
            params.progressToken === id &&
            String(params.message).startsWith(`${phase}:`),
        );
        const finished = await Promise.race([reached.then(() => false), answer.then(() => true)]);
        if (!finished) killedAt.push(phase);
        const tree = [server.pid, ...descendants(server.pid)];
        for (const pid of tree) if (isAlive(pid)) process.kill(pid, "SIGKILL");
        await server.exited;
        const search = await json(["search", "ledger", "--json"], data);
        expect(search.results.length, phase).toBeGreaterThan(0);
      }
      expect(killedAt).toContain("indexing");
      const { job } = await json(["index", source, "--full", "--json"], data);
      expect(job).toMatchObject({ state: "done", failed_total: 0 });
      const serving = (await json(["collections", "--json"], data)).collections.filter((info: Json) => info.serving);
      expect(serving).toHaveLength(1);
      expect(serving[0].name).not.toBe(before);
    },
    3 * PATIENCE_MS,
  );
});

describe("a first build", () => {
  it(
    "killed while vectors are made answers by words, and the next run makes the rest",
    async () => {
      const data = newFolder();
      const source = folderOf(longDocuments(30, "ledger"));
      const server = await startServer(data, { RETRIEVAL_ROOTS: source });
      const { id } = server.start("reindex", { source, wait: true });
      await server.notified(
        ({ method, params }) =>
          method === "notifications/progress" && params.progressToken === id && params.message.startsWith("embedding:"),
      );
      const tree = [server.pid, ...descendants(server.pid)];
      for (const pid of tree) if (isAlive(pid)) process.kill(pid, "SIGKILL");
      await server.exited;
      const search = await json(["search", "ledger", "--json"], data);
      expect(search.results.length).toBeGreaterThan(0);
      expect(search.degraded).toContainEqual(expect.objectContaining({ reason: "partly_embedded" }));
      const { job } = await json(["index", source, "--json"], data);
      expect(job).toMatchObject({ state: "done", documents: { added: 0, changed: 0, unchanged: 30, embedded: 30 } });
      const { collections } = await json(["collections", "--json"], data);
      expect(collections).toMatchObject([{ state: "ready", serving: true, documents: 30 }]);
      const after = await json(["search", "ledger", "--json"], data);
      expect(after.degraded.map(({ reason }: Json) => reason)).not.toContain("partly_embedded");
    },
    3 * PATIENCE_MS,
  );
});

describe("the disk", () => {
  it.skipIf(!canMount())(
    "that is full ends a re-index with store_down, and what was indexed is still served",
    async () => {
      const disk = newFolder();
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=6m", "tmpfs", disk]);
      try {
        const small = folderOf(longDocuments(4, "ledger"));
        expect((await run(["index", small], disk)).code).toBe(0);
        const large = folderOf(longDocuments(800, "archive"));
        const failed = await run(["index", large, "--json"], disk);
        expect(failed.code).toBe(69);
        expect(failed.stdout + failed.stderr).toMatch(/disk is full/);
        expect((await json(["search", "ledger", "--json"], disk)).results.length).toBeGreaterThan(0);
      } finally {
        execFileSync("umount", ["-l", disk]);
      }
    },
    2 * PATIENCE_MS,
  );

  it("that may not be written is store_down with what to do", async () => {
    const data = newFolder();
    chmodSync(data, 0o555);
    if (ROOT) chownSync(data, 0, 0);
    const child = spawn(process.execPath, [MAIN, "index", readableFolder(), "--json"], {
      cwd: "/",
      env: environment(data),
      stdio: ["ignore", "pipe", "pipe"],
      ...(ROOT ? { uid: NOBODY, gid: NOBODY } : {}),
    });
    let said = "";
    child.stdout.on("data", (chunk) => {
      said += chunk;
    });
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    const [code] = await once(child, "close");
    chmodSync(data, 0o755);
    expect(code, said).toBe(69);
    expect(said).toMatch(/access is denied|read-only|cannot be opened/);
  });

  it("whose data folder is removed while a server runs: the next call says so, and indexing again works", async () => {
    const { data, source } = await indexed();
    const server = await startServer(data, { RETRIEVAL_ROOTS: source, HOME: "/" });
    await server.ask("retrieve", { query: "ledger" });
    rmSync(join(data, "store"), { recursive: true, force: true });
    const calls = await Promise.all([0, 1].map(() => server.call("retrieve", { query: "ledger" })));
    for (const { isError, structuredContent } of calls) {
      if (isError) expect(["store_down", "not_found"]).toContain(structuredContent.error.code);
    }
    await server.end();
    const again = await startServer(data, { RETRIEVAL_ROOTS: source });
    const { job } = await again.ask("reindex", { source, wait: true });
    expect(job.state).toBe("done");
    expect((await again.ask("retrieve", { query: "ledger" })).results.length).toBeGreaterThan(0);
    await again.end();
  });
});

describe("a collection file", () => {
  it("that was cut short is named, never served, and replaced by a full re-index", async () => {
    const { data, source } = await indexed();
    truncateSync(collectionFile(data), 40_000);
    const found = await run(["search", "ledger", "--json"], data);
    expect(found.code).toBe(69);
    expect(JSON.parse(found.stdout).error).toMatchObject({ code: "store_down" });
    expect((await json(["index", source, "--full", "--json"], data)).job.state).toBe("done");
    expect((await json(["search", "ledger", "--json"], data)).results.length).toBeGreaterThan(0);
  });

  it("with a changed byte in a passage is refused by name, and replaced by a full re-index", async () => {
    const { data, source } = await indexed({ "a.md": "# Leave\n\nThe zebrafinch rule grants four days of leave.\n" });
    const file = collectionFile(data);
    const bytes = readFileSync(file);
    const descriptor = openSync(file, "r+");
    let flipped = 0;
    for (let at = bytes.indexOf("four days"); at !== -1; at = bytes.indexOf("four days", at + 1)) {
      writeSync(descriptor, Buffer.from("nine days"), 0, 9, at);
      flipped++;
    }
    expect(flipped).toBeGreaterThan(0);
    const found = await run(["search", "zebrafinch", "--json"], data);
    expect(found.code, found.stdout).toBe(69);
    expect(JSON.parse(found.stdout).error.message).toMatch(/passage of a\.md is not as it was written/);
    expect((await json(["index", source, "--full", "--json"], data)).job.state).toBe("done");
    const { results } = await json(["search", "zebrafinch", "--json"], data);
    expect(results[0].text).toContain("four days");
  });
});

describe("an inference process", () => {
  it("killed while questions run costs them at most a repetition", async () => {
    const { data, source } = await withModel();
    const server = await startServer(data, { ...REAL_MODEL, RETRIEVAL_ROOTS: source });
    await server.ask("retrieve", { query: "ledger" });
    const asked = Array.from({ length: 20 }, (_, i) => server.ask("retrieve", { query: `ledger topic ${i}` }));
    for (const pid of descendants(server.pid)) process.kill(pid, "SIGKILL"); // the store's processes too
    for (const { results } of await Promise.all(asked)) expect(results.length).toBeGreaterThan(0);
    await server.end();
  });
});

describe("load", () => {
  it("of 200 calls at once is answered, each by passages or a typed error that says when to come again", async () => {
    const { data, source } = await withModel();
    const server = await startServer(data, { ...REAL_MODEL, RETRIEVAL_ROOTS: source, RATE_LIMIT_QPS: "100000" });
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) => server.call("retrieve", { query: `ledger topic ${i}` })),
    );
    const refused = answers
      .filter(({ isError }) => isError)
      .map(({ structuredContent }) => structuredContent.error.code);
    for (const code of refused) expect(["overloaded", "timeout", "rate_limited"]).toContain(code);
    expect(refused.length).toBeLessThan(100);
    expect((await server.ask("retrieve", { query: "ledger" })).results.length).toBeGreaterThan(0);
    await server.end();
  });

  it("leaves no process behind when the server is killed under it", async () => {
    const { data } = await indexed();
    const server = await startServer(data);
    const asked = Array.from({ length: 20 }, (_, i) => server.start("retrieve", { query: `ledger ${i}` }));
    await Promise.race(asked.map(({ answer }) => answer));
    const below = descendants(server.pid);
    expect(below.length).toBeGreaterThan(0);
    await server.kill();
    expect(await until(() => below.every((pid) => !isAlive(pid)), 10_000)).toBe(true);
  });
});

async function withModel(): Promise<{ data: string; source: string }> {
  const data = newFolder();
  const source = folderOf(longDocuments(4, "ledger"));
  const { code, stderr } = await run(["index", source], data, REAL_MODEL);
  expect(code, stderr).toBe(0);
  return { data, source };
}

async function json(args: readonly string[], data: string): Promise<Json> {
  const { code, stdout, stderr } = await run(args, data);
  expect(code, `${args.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
  return JSON.parse(stdout);
}

function readableFolder(): string {
  const folder = folderOf({ "a.md": "# A\n\nText.\n" });
  chmodSync(folder, 0o755);
  return folder;
}
