/** A folder kept fresh, by a command and by the server. */
import { once } from "node:events";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, describe, expect, it } from "vitest";
import {
  cleanUp,
  folderOf,
  type Json,
  longDocuments,
  MAIN,
  newFolder,
  PATIENCE_MS,
  RawServer,
  run,
  startCommand,
  startServer,
  until,
  writeDocuments,
} from "./server.js";

afterEach(cleanUp);

const PAGE = { "a.md": "# Leave\n\nThe zebrafinch rule grants four days.\n" };

describe("index --watch", () => {
  it("indexes at once, then what is new, changed, moved and removed, and ends well on Ctrl-C", async () => {
    const data = newFolder();
    const source = folderOf(PAGE);
    const command = startCommand(["index", source, "--watch", "--json"], data);
    const lines = createInterface({ input: command.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
    const next = async (): Promise<Json> => JSON.parse((await lines.next()).value).job;
    expect((await next()).documents).toMatchObject({ added: 1 });
    writeDocuments(source, { "new/folder/b.md": "# Pay\n\nThe capercaillie rule.\n" });
    expect((await next()).documents).toMatchObject({ added: 1, unchanged: 1 });
    writeDocuments(source, { "a.md": "# Leave\n\nThe zebrafinch rule grants nine days.\n" });
    expect((await next()).documents).toMatchObject({ changed: 1, unchanged: 1 });
    renameSync(join(source, "new/folder/b.md"), join(source, "c.md"));
    const moved = await next();
    expect(moved.documents).toMatchObject({ added: 1, removed: 1 });
    rmSync(join(source, "c.md"));
    expect((await next()).documents).toMatchObject({ removed: 1, unchanged: 1 });
    command.kill("SIGINT");
    expect((await once(command, "exit"))[0]).toBe(0);
    const { stdout } = await run(["search", "zebrafinch", "--json"], data);
    expect(JSON.parse(stdout).results[0].text).toContain("nine days");
  });

  it("waits while another process writes, and ends well on Ctrl-C all the same", async () => {
    const data = newFolder();
    const writer = startCommand(["index", folderOf(longDocuments(2_000, "archive"))], data);
    const jobs = async (): Promise<Json[]> => JSON.parse((await run(["jobs", "--json"], data)).stdout).jobs;
    const isOne = (wanted: string) => async () => (await jobs()).some(({ state }) => state === wanted);
    expect(await until(isOne("running"), PATIENCE_MS)).toBe(true);
    const command = startCommand(["index", folderOf(PAGE), "--watch"], data);
    const exit = once(command, "exit");
    expect(await until(isOne("queued"), PATIENCE_MS)).toBe(true);
    writer.kill("SIGSTOP"); // it holds the lease for as long as this takes
    command.kill("SIGINT");
    expect((await exit)[0]).toBe(0);
    expect((await jobs()).map(({ state }) => state).toSorted()).toEqual(["cancelled", "running"]);
  });

  it("goes with neither --full nor a collection", async () => {
    for (const args of [
      ["index", folderOf(PAGE), "--watch", "--full"],
      ["index", "collection:my_docs", "--watch"],
    ]) {
      expect((await run(args, newFolder())).code).toBe(2);
    }
  });
});

describe("RETRIEVAL_WATCH=1", () => {
  it("keeps the folders of RETRIEVAL_ROOTS indexed, its own data folder below one of them left out", async () => {
    const source = folderOf(PAGE);
    const data = join(source, "data");
    writeDocuments(source, { "data/note.md": "# Not a document\n" });
    const server = await startServer(data, { RETRIEVAL_ROOTS: source, RETRIEVAL_WATCH: "1" });
    const finds = (query: string, text: string) => async () => {
      const { isError, structuredContent } = await server.call("retrieve", { query, mode: "lexical" });
      return !isError && structuredContent.results[0]?.text.includes(text);
    };
    expect(await until(finds("zebrafinch", "four days"), PATIENCE_MS)).toBe(true);
    writeDocuments(source, { "b.md": "# Pay\n\nThe capercaillie rule.\n" });
    expect(await until(finds("capercaillie", "rule"), PATIENCE_MS)).toBe(true);
    const { jobs } = await server.ask("health");
    expect(jobs.length).toBeLessThan(5); // its own writes cause no runs
    await server.end();
  });

  it("takes its folders one after the other: none fails because another is being indexed", async () => {
    const folders = ["archive", "ledger", "journal"].map((word) => folderOf(longDocuments(60, word)));
    const server = await startServer(newFolder(), { RETRIEVAL_ROOTS: folders.join(delimiter), RETRIEVAL_WATCH: "1" });
    let jobs: Json[] = [];
    const allEnded = async () => {
      ({ jobs } = await server.ask("health"));
      return jobs.length >= folders.length && jobs.every(({ state }) => state !== "queued" && state !== "running");
    };
    expect(await until(allEnded, PATIENCE_MS)).toBe(true);
    expect(jobs.map(({ state, documents }) => [state, documents.added])).toEqual(folders.map(() => ["done", 60]));
    expect(server.stderr).not.toMatch(/being written/);
    await server.end();
  });

  it("follows RETRIEVAL_ROOTS of the settings file while the server runs", async () => {
    const [before, after] = [folderOf(PAGE), folderOf({ "b.md": "# Pay\n\nThe capercaillie rule.\n" })];
    const file = join(newFolder(), "settings.env");
    writeFileSync(file, `RETRIEVAL_ROOTS=${before}\n`);
    const program = { command: process.execPath, args: [MAIN, "--env-file", file, "serve"] };
    const server = new RawServer(newFolder(), { RETRIEVAL_WATCH: "1" }, program);
    await server.initialize();
    const finds = (query: string) => async () => {
      const { isError, structuredContent } = await server.call("retrieve", { query, mode: "lexical" });
      return !isError && structuredContent.results.some(({ text }: Json) => text.includes(query));
    };
    expect(await until(finds("zebrafinch"), PATIENCE_MS)).toBe(true);
    writeFileSync(file, `RETRIEVAL_ROOTS=${after}\n`);
    expect(await until(finds("capercaillie"), PATIENCE_MS)).toBe(true);
  });
});
