/** A folder that the server watches, from which documents move, change branches, are lost and come back. */
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, realpathSync, renameSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  cleanUp,
  folderOf,
  type Json,
  longDocuments,
  newFolder,
  PATIENCE_MS,
  type RawServer,
  startServer,
  until,
  writeDocuments,
} from "./server.js";

afterEach(cleanUp);

const hasGit = spawnSync("git", ["--version"]).status === 0;
if (!hasGit) console.warn("tests of branches are skipped: there is no git here");

const PAGES = 8;
const pages = (folder: string, word: string, count = PAGES) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      `${folder}${word}-${i}.md`,
      `# ${word} ${i}\n\nAbout ${word}${i} alone.\n`,
    ]),
  );
const names = (folder: string, word: string, count = PAGES) => Object.keys(pages(folder, word, count));

const watching = (...folders: string[]) =>
  startServer(newFolder(), { RETRIEVAL_ROOTS: folders.join(delimiter), RETRIEVAL_WATCH: "1" });

/** Until exactly these are served. */
async function serves(server: RawServer, expected: readonly string[]): Promise<void> {
  let found: string[] = [];
  const isSo = async () => {
    const { isError, structuredContent } = await server.call("list_documents", {});
    if (isError) return false;
    found = structuredContent.documents.map(({ document }: Json) => document).sort();
    return JSON.stringify(found) === JSON.stringify([...expected].sort());
  };
  if (!(await until(isSo, PATIENCE_MS))) expect(found).toEqual([...expected].sort());
}

const stale = async (server: RawServer): Promise<Json> => {
  const { structuredContent, content } = await server.call("retrieve", { query: "alone" });
  return { found: structuredContent.degraded.find(({ reason }: Json) => reason === "stale"), text: content[0]?.text };
};

describe("a watched folder", () => {
  it("whose folder with most documents is renamed is served under its new paths", async () => {
    const source = folderOf({ ...pages("old/", "wren"), "a.md": "# A\n\nAlone.\n" });
    const server = await watching(source);
    await serves(server, [...names("old/", "wren"), "a.md"]);
    renameSync(join(source, "old"), join(source, "new"));
    await serves(server, [...names("new/", "wren"), "a.md"]);
    expect((await server.ask("health")).held_removals).toEqual([]);
    await server.end();
  });

  it("that loses most documents answers from them, says so, and takes what is new", async () => {
    const source = realpathSync(folderOf(pages("", "wren")));
    const server = await watching(source);
    await serves(server, names("", "wren"));
    for (const name of names("", "wren").slice(1)) rmSync(join(source, name));
    writeDocuments(source, { "owl.md": "# Owl\n\nAlone.\n" });
    await serves(server, [...names("", "wren"), "owl.md"]);
    const input = { source, collection: "my_docs", mode: "full" };
    const { found, text } = await stale(server);
    expect(found.detail).toContain(`call reindex with ${JSON.stringify(input)}`);
    expect(text).toContain("Note: degraded (search: stale). 7 of 8 documents");
    const health = await server.call("health");
    expect(health.structuredContent).toMatchObject({
      status: "degraded",
      held_removals: [{ collection: "my_docs", documents: PAGES - 1, of: PAGES, remedy: expect.any(String) }],
    });
    expect(health.content[0]?.text).toContain(`call reindex with ${JSON.stringify(input)}`);
    const log = server.stderr.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line).msg]));
    expect(log).toContainEqual(expect.stringContaining(`call reindex with ${JSON.stringify(input)}`));
    // The call that is named is the call that does it.
    expect((await server.ask("reindex", input)).job.state).toBe("done");
    await serves(server, ["wren-0.md", "owl.md"]);
    expect((await stale(server)).found).toBeUndefined();
    expect(await server.ask("health")).toMatchObject({ held_removals: [] });
    await server.end();
  });

  it("that is killed in the middle of it loses nothing, and holds back the same", async () => {
    const source = folderOf(pages("", "wren"));
    const data = newFolder();
    const settings = { RETRIEVAL_ROOTS: source, RETRIEVAL_WATCH: "1" };
    const server = await startServer(data, settings);
    await serves(server, names("", "wren"));
    for (const name of names("", "wren").slice(1)) rmSync(join(source, name));
    const added = longDocuments(300, "archive");
    writeDocuments(source, added);
    const isWriting = async () =>
      (await server.ask("health")).jobs[0].chunks > 0 && (await server.ask("health")).jobs[0].state === "running";
    expect(await until(isWriting, PATIENCE_MS)).toBe(true);
    server.process.kill("SIGKILL");
    await server.exited;
    const again = await startServer(data, settings);
    const held = async () => (await again.ask("health")).held_removals;
    const isWhole = async () =>
      (await again.ask("health")).jobs[0]?.state === "done" &&
      (await again.ask("health")).collections[0].documents === 300 + PAGES;
    expect(await until(isWhole, PATIENCE_MS)).toBe(true);
    expect(await held()).toMatchObject([{ documents: PAGES - 1, of: PAGES }]);
    await again.end();
  });

  it("whose documents come back is whole again", async () => {
    const source = folderOf(pages("docs/", "wren"));
    const kept = newFolder();
    cpSync(source, kept, { recursive: true });
    const server = await watching(source);
    await serves(server, names("docs/", "wren"));
    rmSync(join(source, "docs"), { recursive: true });
    const isHeld = async () => (await server.ask("health")).held_removals.length === 1;
    expect(await until(isHeld, PATIENCE_MS)).toBe(true);
    expect((await stale(server)).found).toBeDefined();
    cpSync(kept, source, { recursive: true });
    expect(await until(async () => !(await isHeld()), PATIENCE_MS)).toBe(true);
    await serves(server, names("docs/", "wren"));
    await server.end();
  });

  it("that goes away itself is watched again when it is back, whoever made it", async () => {
    const base = folderOf(pages("docs/", "wren"));
    const [docs, away] = [join(base, "docs"), join(base, "away")];
    const server = await watching(docs);
    await serves(server, names("", "wren"));
    renameSync(docs, away);
    expect(await until(async () => /does not exist/.test(server.stderr), PATIENCE_MS)).toBe(true);
    renameSync(away, docs);
    writeDocuments(base, { "docs/owl.md": "# Owl\n\nAlone.\n" });
    await serves(server, [...names("", "wren"), "owl.md"]);
    rmSync(docs, { recursive: true });
    writeDocuments(base, { ...pages("docs/", "wren"), "docs/owl.md": "# Owl\n\nAlone.\n" });
    writeDocuments(base, { "docs/crow.md": "# Crow\n\nAlone.\n" });
    await serves(server, [...names("", "wren"), "owl.md", "crow.md"]);
    await server.end();
  });

  it("from which all documents move into another watched folder loses none and keeps none", async () => {
    const [from, to] = [folderOf(pages("", "wren")), folderOf({ "owl.md": "# Owl\n\nAlone.\n" })];
    const server = await watching(from, to);
    await serves(server, [...names("", "wren"), "owl.md"]);
    for (const name of names("", "wren")) renameSync(join(from, name), join(to, name));
    // Twice for a while: first they are added there, then removed here.
    await serves(server, [...names("", "wren"), "owl.md"]);
    const isCalm = async () => (await server.ask("health")).held_removals.length === 0;
    expect(await until(isCalm, PATIENCE_MS)).toBe(true);
    await serves(server, [...names("", "wren"), "owl.md"]);
    await server.end();
  });
});

describe.skipIf(!hasGit)("a watched repository", () => {
  it("is served as the branch that is checked out has it", async () => {
    const source = folderOf(pages("docs/", "wren"));
    const git = (...args: string[]) =>
      execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
        cwd: source,
        stdio: "pipe",
      });
    git("init", "--quiet", "--initial-branch=main");
    git("add", ".");
    git("commit", "--quiet", "-m", "one");
    git("checkout", "--quiet", "-b", "other");
    rmSync(join(source, "docs"), { recursive: true });
    writeDocuments(source, pages("pages/", "owl"));
    git("add", ".");
    git("commit", "--quiet", "-m", "two");
    git("checkout", "--quiet", "main");
    const server = await watching(source);
    await serves(server, names("docs/", "wren"));
    git("checkout", "--quiet", "other");
    await serves(server, names("pages/", "owl"));
    git("checkout", "--quiet", "main");
    await serves(server, names("docs/", "wren"));
    expect((await server.ask("health")).held_removals).toEqual([]);
    // A switch that changes no file is heard of too: what is lost after it is held back.
    git("checkout", "--quiet", "-b", "third");
    const { jobs } = await server.ask("health");
    const isRead = async () =>
      (await server.ask("health")).jobs.some(
        ({ id, state }: Json) => state === "done" && jobs.every((job: Json) => job.id !== id),
      );
    expect(await until(isRead, PATIENCE_MS)).toBe(true);
    rmSync(join(source, "docs"), { recursive: true });
    const isHeld = async () => (await server.ask("health")).held_removals.length === 1;
    expect(await until(isHeld, PATIENCE_MS)).toBe(true);
    await server.end();
  });
});
