/** The data folder, when others may reach into it, or a process that was killed has left something there. */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readdirSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { dataFolderStatus, keepPrivate } from "#src/app/data-folder.js";
import { createSqliteStore } from "#src/store/sqlite/index.js";
import { temporaryFor } from "#src/store/sqlite/temporary-files.js";
import { cleanUp, folderOf, newFolder, onCleanUp, run, startServer } from "../e2e/server.js";
import { testCall } from "../support/call.js";

afterEach(cleanUp);

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
const HAS_MODES = process.getuid !== undefined;
if (!HAS_MODES) console.warn("skipped: this system has no modes, so folders cannot be open to others by them");

/** A folder with this mode, whatever the umask. */
function folder(path: string, mode: number): string {
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
  return path;
}

describe.skipIf(!HAS_MODES)("a data folder that is open to others", () => {
  it("is closed, and so are the folders below, when it is the server's own", () => {
    const dataFolder = folder(join(newFolder(), "own"), 0o755);
    const below = ["store", "store/collections", "logs"].map((name) => folder(join(dataFolder, name), 0o777));
    const said = keepPrivate({ dataFolder, isDataFolderNamed: false });
    expect([dataFolder, ...below].map(modeOf)).toEqual(["700", "700", "700", "700"]);
    expect(said).toHaveLength(4);
    expect(said[0]).toContain(`${dataFolder} was open to others of this machine (0755)`);
    expect(keepPrivate({ dataFolder, isDataFolderNamed: false })).toEqual([]);
  });

  it("is left as it is when it was named, and who may write there is said in log and health", async () => {
    const data = folder(join(newFolder(), "named"), 0o777);
    const store = folder(join(data, "store"), 0o755);
    const server = await startServer(data);
    const { data_folder: told } = await server.ask("health");
    expect(told.path).toBe(data);
    expect(told.warning).toContain("can be written by group");
    expect(told.warning).toContain("and by everyone on this machine");
    expect(told.warning).toContain("RETRIEVAL_DATA_DIR");
    expect([modeOf(data), modeOf(store)]).toEqual(["777", "700"]);
    await server.end();
    expect(server.stderr).toContain(`The data folder ${data} can be written by`);
    expect(server.stderr).toContain(`${store} was open to others`);
  });

  it("is nobody's to warn of when others may only look at its names", () => {
    const dataFolder = folder(join(newFolder(), "named"), 0o755);
    expect(keepPrivate({ dataFolder, isDataFolderNamed: true })).toEqual([]);
    expect(dataFolderStatus({ dataFolder, isDataFolderNamed: true })).toEqual({ path: dataFolder });
  });

  it("has no link followed: what one leads to is not ours to close", () => {
    const elsewhere = folder(join(newFolder(), "shared"), 0o755);
    const dataFolder = newFolder();
    symlinkSync(elsewhere, join(dataFolder, "models"));
    expect(keepPrivate({ dataFolder, isDataFolderNamed: true })).toEqual([]);
    expect(modeOf(elsewhere)).toBe("755");
  });

  it("is never made so: each command that makes one makes it for this user only", async () => {
    const documents = folderOf({ "a.md": "# Leave\n\nThe zebrafinch rule.\n" });
    const data = join(newFolder(), "made", "here");
    mkdirSync(join(data, ".."));
    const umask = process.umask(0);
    try {
      const { code, stderr } = await run(["index", documents], join(data, ".."), { RETRIEVAL_DATA_DIR: data });
      expect([code, stderr]).toEqual([0, expect.anything()]);
    } finally {
      process.umask(umask);
    }
    const made = ["", "store", "store/collections", "store/snapshots", "logs"].map((name) => join(data, name));
    expect(made.map(modeOf)).toEqual(["700", "700", "700", "700", "700"]);
  });
});

describe("temporary files of a snapshot or restore", () => {
  it("are swept when their process is gone or they are old, and left while it works", async () => {
    const data = newFolder();
    const [snapshots, collections] = ["snapshots", "collections"].map((name) => join(data, name)) as [string, string];
    mkdirSync(snapshots);
    mkdirSync(collections);
    const program =
      'import("#src/store/sqlite/temporary-files.js").then((m) => console.log(m.temporaryFor("docs.db")))';
    const dead = execFileSync(process.execPath, ["-e", program], { encoding: "utf8" }).trim();
    const alive = temporaryFor("docs.db");
    const elsewhere = `docs.db.${encodeURIComponent("another-host:1:ab")}.tmp`;
    const old = `older.db.${encodeURIComponent("another-host:1:ab")}.tmp`;
    for (const name of [dead, `${dead}-journal`, alive, elsewhere, old, "docs.db", "notes.tmp", "x.db.%.tmp"]) {
      writeFileSync(join(snapshots, name), "x");
      writeFileSync(join(collections, name), "x");
    }
    for (const place of [snapshots, collections]) utimesSync(join(place, old), 0, 0);
    const store = createSqliteStore({ folder: data, vectorMemoryMb: 0 });
    onCleanUp(() => store.close());
    await store.list(testCall());
    const left = [alive, elsewhere, "docs.db", "notes.tmp", "x.db.%.tmp"].sort();
    expect(readdirSync(snapshots).sort()).toEqual(left);
    expect(readdirSync(collections).sort()).toEqual(left);
  });
});
