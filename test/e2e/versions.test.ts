/** What an operator does with versions and snapshots from the command line, on every store there is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { cleanUp, environment, folderOf, type Json, MAIN, newFolder, run, stores } from "./server.js";

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 }); // each test starts many processes

const HANDBOOK = {
  "keys.md": "# Keys\n\nRotate the signing keys every ninety days.\n",
  "leave.md": "# Leave\n\nAsk for annual leave two weeks ahead.\n",
};
const EXIT = { ok: 0, failed: 1, usage: 2, tryAgain: 75 };
const SCRIPT = "/usr/bin/script"; // a terminal for a program that asks only on one

afterAll(cleanUp);

describe.each(stores())("on %s", (_store, settings) => {
  const dataFolder = newFolder();
  const source = folderOf(HANDBOOK);
  const alias = settings.QDRANT_COLLECTION ?? "my_docs";
  let first: string;

  async function json(...args: string[]): Promise<{ code: number; value: Json }> {
    const { code, stdout, stderr } = await run([...args, "--json"], dataFolder, settings);
    expect(stdout.trim().split("\n"), `${args.join(" ")}\n${stderr}`).toHaveLength(1);
    return { code: code as number, value: JSON.parse(stdout) };
  }
  /** Others may use the Qdrant that tests are given. */
  const listed = async (...args: string[]): Promise<Json[]> => {
    const { collections = [], snapshots = [] } = (await json(...args)).value;
    return [...collections, ...snapshots].filter((each: Json) => (each.alias ?? each.spec?.alias) === alias);
  };
  const serving = async (): Promise<string> => {
    const { value } = await json("collections", "describe", alias);
    return value.versions.find((version: Json) => version.serving).name;
  };

  beforeAll(async () => {
    first = (await json("index", source)).value.job.target;
  });

  it("a version is described: model, dimension, counts, analyser, state", async () => {
    const { code, value } = await json("collections", "describe", alias);
    expect(code).toBe(EXIT.ok);
    expect(value).toMatchObject({
      name: alias,
      versions: [
        {
          name: first,
          alias,
          state: "ready",
          serving: true,
          documents: 2,
          points: 2,
          dimension: 384,
          spec: { analyser: expect.any(String), fingerprint: { model: "pseudo" } },
        },
      ],
    });
    const { stdout } = await run(["collections", "describe", first], dataFolder, settings);
    expect(stdout).toMatch(new RegExp(`^${first}\n  collection +${alias}\n  state +ready, serving\n`));
    expect(stdout).toMatch(/\n {2}model +pseudo\n/);
    const missing = await json("collections", "describe", "nothing");
    expect(missing).toMatchObject({ code: EXIT.failed, value: { error: { code: "not_found" } } });
  });

  it("what is served is not dropped, what is not is dropped only with --yes where nobody can be asked", async () => {
    const refused = await json("collections", "drop", first, "--yes");
    expect(refused).toMatchObject({ code: EXIT.tryAgain, value: { error: { code: "conflict" } } });
    expect(refused.value.error.remedy).toContain(`aura-retrieval rollback ${alias} --to`);
    const { value } = await json("index", source, "--full");
    const unasked = await json("collections", "drop", first);
    expect(unasked).toMatchObject({ code: EXIT.usage, value: { error: { remedy: "Add --yes." } } });
    const { target } = value.job;
    expect(await listed("collections")).toMatchObject([{ name: target }, { name: first }]);
    expect(await json("collections", "drop", first, "--yes")).toEqual({
      code: EXIT.ok,
      value: { version: first, dropped: true },
    });
    expect(await listed("collections", "list")).toMatchObject([{ name: target, serving: true }]);
  });

  it("a snapshot is taken, listed, restored, served, rolled back from and deleted", async () => {
    const before = await serving();
    const created = await json("snapshot", "create");
    expect(created).toMatchObject({
      code: EXIT.ok,
      value: { snapshot: { collection: before, documents: 2, points: 2, sha256: expect.any(String) } },
    });
    const { name } = created.value.snapshot;
    expect(await listed("snapshot", "list")).toEqual([created.value.snapshot]);
    const restored = await json("snapshot", "restore", name);
    expect(restored).toMatchObject({ code: EXIT.ok, value: { snapshot: name, alias, serving: false, documents: 2 } });
    expect(await serving()).toBe(before);
    await json("rollback", alias, "--to", restored.value.version);
    expect((await json("search", "annual leave")).value.collection.name).toBe(restored.value.version);

    const { code, stdout } = await run(["snapshot", "restore", name, "--serve"], dataFolder, settings);
    expect(code).toBe(EXIT.ok);
    expect(stdout).toContain(`"${alias}" now serves it (before: ${restored.value.version}).`);
    expect(await json("rollback")).toMatchObject({ value: { to: restored.value.version } });

    expect(await json("snapshot", "delete", name)).toEqual({ code: EXIT.ok, value: { snapshot: name, deleted: true } });
    for (const action of ["delete", "restore"]) {
      const gone = await json("snapshot", action, name);
      expect(gone).toMatchObject({ code: EXIT.failed, value: { error: { code: "not_found" } } });
    }
    expect((await run(["snapshot", "list"], dataFolder, settings)).stdout).toMatch(/^No snapshots yet/);
  });

  it("a full run keeps a snapshot of what served before, when asked to", async () => {
    const before = await serving();
    const { value } = await json("index", source, "--full", "--snapshot");
    expect(await listed("snapshot", "list")).toMatchObject([{ name: value.job.snapshot, collection: before }]);
  });

  it("golden questions that fail keep a new version from serving, and say which", async () => {
    const before = await serving();
    const golden = join(dataFolder, "golden.jsonl");
    const question = { question: "annual leave two weeks ahead", documents: ["leave.md"], top: 1 };
    writeFileSync(golden, `${JSON.stringify(question)}\n\n`);
    const good = await json("index", source, "--full", "--golden", golden);
    expect(good.code).toBe(EXIT.ok);
    expect(await serving()).not.toBe(before);
    writeFileSync(golden, JSON.stringify({ ...question, documents: ["travel.md"] }));
    const bad = await json("index", source, "--full", "--golden", golden);
    expect(bad).toMatchObject({ code: EXIT.failed, value: { error: { code: "mismatch" } } });
    expect(bad.value.error.message).toContain('"annual leave two weeks ahead" (travel.md not in the first 1)');
    expect(await serving()).toBe(good.value.job.target);
  });
});

describe("on the command line", () => {
  it.each([
    ["no JSON", "{", /golden\.jsonl:1 is not JSON/],
    ["no documents", '{"question":"q"}', /golden\.jsonl:1: documents: /],
    ["an unknown field", '\n{"question":"q","documents":["a"],"k":3}', /golden\.jsonl:2: .*k/],
    ["nothing", "\n", /holds no question/],
  ])("a golden file with %s is refused before anything is read", async (_case, text, message) => {
    const dataFolder = newFolder();
    const golden = join(dataFolder, "golden.jsonl");
    writeFileSync(golden, text);
    const { code, stdout } = await run(["index", "no/folder", "--golden", golden, "--json"], dataFolder);
    expect(code).toBe(EXIT.usage);
    expect(JSON.parse(stdout).error.message).toMatch(message);
  });

  it("a golden file that is not there is not_found", async () => {
    const { code, stdout } = await run(["index", "x", "--golden", "no/file", "--json"], newFolder());
    expect(code).toBe(EXIT.failed);
    expect(JSON.parse(stdout).error.message).toContain("no/file");
  });

  it("--snapshot and --golden go with neither --dry-run nor --watch", async () => {
    for (const args of [
      ["--dry-run", "--snapshot"],
      ["--dry-run", "--golden", "x"],
      ["--watch", "--snapshot"],
      ["--watch", "--golden", "x"],
    ]) {
      expect((await run(["index", "x", ...args], newFolder())).code, args.join(" ")).toBe(EXIT.usage);
    }
  });

  it.skipIf(!existsSync(SCRIPT))("drop asks on a terminal, and no answer but yes drops", async () => {
    const dataFolder = newFolder();
    const source = folderOf(HANDBOOK);
    await run(["index", source], dataFolder);
    await run(["index", source, "--full"], dataFolder);
    const names = async () =>
      JSON.parse((await run(["collections", "--json"], dataFolder)).stdout).collections.map(({ name }: Json) => name);
    const [serving, old] = await names();
    const answer = async (text: string) => {
      const command = `${process.execPath} ${MAIN} collections drop ${old}`;
      const child = spawn(SCRIPT, ["-qec", command, "/dev/null"], { env: environment(dataFolder) });
      child.stdout.once("data", () => child.stdin.write(`${text}\n`));
      const [code] = await once(child, "close");
      return code;
    };
    expect(await answer("")).toBe(EXIT.failed);
    expect(await names()).toEqual([serving, old]);
    expect(await answer("y")).toBe(EXIT.ok);
    expect(await names()).toEqual([serving]);
  });
});
