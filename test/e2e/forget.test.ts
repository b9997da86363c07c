/** Forgetting from the command line beside a server that reads: in no answer, and in no byte of the data folder. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import {
  cleanUp,
  folderOf,
  type Json,
  newFolder,
  type RawServer,
  run,
  startServer,
  stores,
  writeDocuments,
} from "./server.js";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 120_000 }); // each test starts many processes

const EXIT = { ok: 0, failed: 1, usage: 2, tryAgain: 75 };
/** Words of the document's texts, the earlier one first, each also as the index has it. */
const SECRETS = ["Zanzibarium", "zanzibarium", "Quokkaphone", "quokkaphon", "Xylotrope", "xylotrop"];
const GARDEN = { "garden.md": "# Garden\n\nThe lilacs want water in June.\n", "paths/walk.md": "# Walk\n\nGravel.\n" };

afterAll(cleanUp);

describe.each(stores())("on %s", (store, settings) => {
  const dataFolder = newFolder();
  const home = folderOf(Object.fromEntries(Object.entries(GARDEN).map(([path, text]) => [`garden/${path}`, text])));
  const garden = join(home, "garden");
  const alias = settings.QDRANT_COLLECTION ?? "my_docs";
  const isEmbedded = store === "the embedded store";
  let server: RawServer;

  async function json(...args: string[]): Promise<{ code: number; value: Json }> {
    const { code, stdout, stderr } = await run([...args, "--json"], dataFolder, settings);
    expect(stdout.trim().split("\n"), `${args.join(" ")}\n${stderr}`).toHaveLength(1);
    return { code: code as number, value: JSON.parse(stdout) };
  }
  async function index(path: string, ...options: string[]): Promise<void> {
    expect((await run(["index", path, ...options], dataFolder, settings)).code).toBe(EXIT.ok);
  }
  const find = async (query: string): Promise<Json[]> => {
    const { results } = await server.ask("retrieve", { query, mode: "lexical" });
    return results;
  };
  function filesWith(word: string): string[] {
    const entries = readdirSync(dataFolder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    return files.filter((file) => readFileSync(file).includes(word));
  }
  const expectNoByte = (words: readonly string[]) => {
    if (isEmbedded) for (const word of words) expect(filesWith(word), word).toEqual([]);
  };

  beforeAll(async () => {
    writeDocuments(garden, { "secret.md": `# Xylotrope\n\n${"The Zanzibarium was here first. ".repeat(2_000)}\n` });
    await index(garden);
    writeDocuments(garden, { "secret.md": "# Xylotrope\n\nThe Quokkaphone took its place.\n" });
    await index(garden);
    await index(garden, "--full");
    if (isEmbedded) expect(filesWith("Zanzibarium")).not.toEqual([]);
    server = await startServer(dataFolder, settings);
  });

  it("says what would go, asks before it does, and refuses what it does not know", async () => {
    const plan = await json("forget", "garden/secret.md", "--dry-run");
    expect(plan).toMatchObject({
      code: EXIT.ok,
      value: { collection: alias, source: "garden", document: "secret.md", stillThere: true, snapshots: [] },
    });
    expect(plan.value.versions).toMatchObject([
      { serving: true, documents: 1 },
      { serving: false, documents: 1 },
    ]);
    // By its path too, and by its name where only one source has it.
    for (const name of [join(garden, "secret.md"), "secret.md"])
      expect((await json("forget", name, "--dry-run")).value).toEqual(plan.value);
    expect((await json("forget", garden, "--dry-run")).value).toMatchObject({ source: "garden", place: garden });
    const unasked = await json("forget", "garden/secret.md");
    expect(unasked).toMatchObject({ code: EXIT.usage, value: { error: { remedy: "Add --yes." } } });
    const unknown = await json("forget", "garden/nothing.md", "--dry-run");
    expect(unknown).toMatchObject({ code: EXIT.failed, value: { error: { code: "not_found" } } });
    expect(unknown.value.error.message).toContain("garden");
    const elsewhere = await json("forget", `aura://${alias}/garden/secret.md`, "--collection", "other", "--yes");
    expect(elsewhere).toMatchObject({ code: EXIT.usage, value: { error: { code: "bad_request" } } });
    expect(await find("Quokkaphone")).toHaveLength(1);
  });

  it("a document that an answer cites is forgotten by its address, while a server reads", async () => {
    const snapshot = (await json("snapshot", "create")).value.snapshot.name;
    const [passage] = await find("Quokkaphone");
    const forgot = await json("forget", passage.source.uri, "--yes");
    expect(forgot).toMatchObject({ code: EXIT.ok, value: { document: "secret.md", snapshots: [snapshot] } });
    expect(forgot.value.files).toBe(isEmbedded ? "cleaned" : "left_to_server");
    expect(forgot.value.stillThere).toBe(true);
    expect(await find("Quokkaphone")).toEqual([]);
    expect(await find("lilacs")).toHaveLength(1);
    await server.refuse("retrieve", { query: "lilacs", collection: "nothing" }); // it goes on answering

    const again = await json("forget", "garden/secret.md", "--snapshots", "--yes");
    expect(again).toMatchObject({ code: EXIT.ok, value: { snapshots: [], rewritten: [{ name: snapshot }] } });
    expectNoByte(SECRETS);
    expect(await find("lilacs")).toHaveLength(1);
    const { value } = await json("snapshot", "list");
    expect(value.snapshots).toMatchObject([{ name: again.value.rewritten[0].replacedBy, documents: 2 }]);
  });

  it("comes back with the next run only where its source still has it, and a source goes whole", async () => {
    await index(garden);
    expect(await find("Quokkaphone")).toHaveLength(1);
    rmSync(join(garden, "secret.md"));
    const notes = join(home, "notes");
    writeDocuments(notes, { "note.md": "# Note\n\nBuy a lantern.\n" });
    await index(notes);
    const { code, stdout } = await run(["forget", "garden", "--yes"], dataFolder, settings);
    expect(code, stdout).toBe(EXIT.ok);
    expect(stdout).toMatch(/^Forgot the source "garden" with 3 documents in \d versions of/);
    expect(stdout).toContain(`${garden} is still there`);
    expect(await find("lilacs")).toEqual([]);
    expect(await find("lantern")).toHaveLength(1);
    expectNoByte(SECRETS);
    await index(garden);
    expect(await find("lilacs")).toHaveLength(1);
    expect(await find("Quokkaphone")).toEqual([]);
  });

  it("a collection is dropped whole, with its snapshots where that is asked for", async () => {
    const unasked = await json("collections", "drop", alias);
    expect(unasked).toMatchObject({ code: EXIT.usage, value: { error: { remedy: "Add --yes." } } });
    const dropped = await json("collections", "drop", alias, "--snapshots", "--yes");
    expect(dropped).toMatchObject({ code: EXIT.ok, value: { collection: alias, dropped: true, snapshots: [] } });
    expect(dropped.value.deletedSnapshots).toHaveLength(1);
    expect(await server.refuse("retrieve", { query: "lantern" })).toMatchObject({ code: "not_found" });
    const { collections } = (await json("collections")).value;
    expect(collections.filter((info: Json) => info.alias === alias)).toEqual([]);
    expectNoByte(["lilacs", "lilac", "lantern"]);
    const gone = await json("collections", "drop", alias, "--yes");
    expect(gone).toMatchObject({ code: EXIT.failed, value: { error: { code: "not_found" } } });
    await index(garden);
    expect(await find("lilacs")).toHaveLength(1);
  });
});
