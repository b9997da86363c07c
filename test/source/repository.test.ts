/** Ignore rules of the repository around what is indexed. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { testCall } from "../support/call.js";
import { outcome } from "./collect.js";
import { folderOf, openBound, openFor } from "./folder.js";

afterEach(() => void vi.unstubAllEnvs());

const IGNORED = "ignored by .gitignore";

/** A repository, and beside it what is none of its. */
const repository = (files: Readonly<Record<string, string>>) => {
  const root = folderOf(files);
  mkdirSync(join(root, ".git"), { recursive: true });
  return root;
};

describe("a folder inside a repository", () => {
  it("is read by the rules of every folder from the repository's root down to it", async () => {
    const root = repository({
      ".gitignore": "/docs/_build/\n*.draft.md\n",
      "docs/.gitignore": "/guide/old.md\n!keep.draft.md\n",
      "docs/_build/g.md": "x",
      "docs/guide/g.md": "x",
      "docs/guide/x.draft.md": "x",
      "docs/guide/keep.draft.md": "x",
      "docs/guide/old.md": "x",
      "outside.md": "x",
    });
    expect(await outcome(await openFor(join(root, "docs/guide")))).toEqual({
      "g.md": "ok",
      "keep.draft.md": "ok",
      "old.md": IGNORED,
      "x.draft.md": IGNORED,
    });
    const docs = await outcome(await openFor(join(root, "docs")));
    expect(docs).toMatchObject({ "_build/": IGNORED, "guide/x.draft.md": IGNORED, "guide/old.md": IGNORED });
    expect(Object.keys(docs)).not.toContain("outside.md");
  });

  it("is read so for a client too, whose root it is, and may not be named around the rules", async () => {
    const root = repository({ ".gitignore": "/docs/_build/\n", "docs/_build/g.md": "x", "docs/a.md": "x" });
    const docs = join(root, "docs");
    expect(await outcome(await openBound(docs, docs))).toEqual({ "_build/": IGNORED, "a.md": "ok" });
    await expect(openBound("_build", docs)).rejects.toMatchObject({
      code: "bad_request",
      message: expect.stringContaining(`_build/: ${IGNORED}`),
    });
  });

  it("obeys .git/info/exclude, which any .gitignore overrules", async () => {
    const root = repository({
      ".git/info/exclude": "*.local.md\n*.tmp.md\n",
      ".gitignore": "!a.tmp.md\n",
      "docs/a.local.md": "x",
      "docs/a.tmp.md": "x",
      "docs/b.tmp.md": "x",
    });
    const found = { "a.local.md": IGNORED, "a.tmp.md": "ok", "b.tmp.md": IGNORED };
    expect(await outcome(await openFor(join(root, "docs")))).toEqual(found);
    expect(await outcome(await openFor(root))).toMatchObject({ "docs/a.local.md": IGNORED, "docs/a.tmp.md": "ok" });
  });

  it("that the repository ignores is read when it is named", async () => {
    const root = repository({ ".gitignore": "/notes/\n", "notes/a.md": "x", "notes/deep/b.md": "x" });
    expect(await outcome(await openFor(join(root, "notes")))).toEqual({ "a.md": "ok", "deep/b.md": "ok" });
    expect(await outcome(await openFor(join(root, "notes/deep")))).toEqual({ "b.md": "ok" });
  });

  it("is read without the rules above it that cannot be read", async () => {
    const root = repository({
      ".gitignore": "*.md\n",
      "docs/.gitignore": "b.md\n",
      "docs/sub/a.md": "x",
      "docs/sub/b.md": "x",
    });
    chmodSync(root, 0o711);
    chmodSync(join(root, ".gitignore"), 0);
    // Root may read everything, so the reading is done as nobody.
    const privileged = process.getuid?.() === 0;
    if (privileged) process.seteuid?.(65_534);
    try {
      expect(await outcome(await openFor(join(root, "docs/sub")))).toEqual({ "a.md": "ok", "b.md": IGNORED });
    } finally {
      if (privileged) process.seteuid?.(0);
    }
  });
});

describe("a repository inside another", () => {
  it("begins anew, as a folder of the outer one and when it is named", async () => {
    const root = repository({
      ".gitignore": "*.log\n",
      "inner/.git": "gitdir: ../.git/modules/inner\n",
      "inner/.gitignore": "*.tmp.md\n",
      "inner/a.log": "x",
      "inner/sub/b.log": "x",
      "inner/sub/c.tmp.md": "x",
      "a.log": "x",
    });
    expect(await outcome(await openFor(root))).toMatchObject({
      "a.log": IGNORED,
      "inner/a.log": "ok",
      "inner/sub/b.log": "ok",
      "inner/sub/c.tmp.md": IGNORED,
    });
    expect(await outcome(await openFor(join(root, "inner/sub")))).toEqual({ "b.log": "ok", "c.tmp.md": IGNORED });
  });

  it("is not entered where the outer one ignores it", async () => {
    const root = repository({ ".gitignore": "inner/\n", "inner/.git/HEAD": "x", "inner/a.md": "x" });
    expect(await outcome(await openFor(root))).toMatchObject({ "inner/": IGNORED });
  });
});

describe("what a repository has checked out", () => {
  const checkout = async (path: string) => (await openFor(path)).repositories?.checkout(testCall(), "");

  it("is another one with another HEAD, for every place in it, and stays with another commit", async () => {
    const root = repository({ ".git/HEAD": "ref: refs/heads/main\n", "docs/a.md": "x" });
    const before = await checkout(root);
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    for (const place of ["docs", "docs/a.md"]) expect(await checkout(join(root, place))).toBe(before);
    writeFileSync(join(root, ".git/refs"), "a commit");
    expect(await checkout(root)).toBe(before);
    writeFileSync(join(root, ".git/HEAD"), "ref: refs/heads/other\n");
    expect(await checkout(root)).not.toBe(before);
  });

  it("is that of the folder that a file .git names", async () => {
    const root = folderOf({
      "git/one/HEAD": "ref: refs/heads/one\n",
      "git/two/HEAD": "ref: refs/heads/two\n",
      "one/.git": "gitdir: ../git/one\n",
      "two/.git": `gitdir: /nowhere/at/all\n`,
      "three/.git": "something else\n",
    });
    writeFileSync(join(root, "two/.git"), `gitdir: /${root}/git/one\n`);
    expect(await checkout(join(root, "two")), "a name that is another machine's on Windows").toBeUndefined();
    writeFileSync(join(root, "two/.git"), "gitdir: /nowhere/at/all\n");
    expect(await checkout(join(root, "one"))).toMatch(/^[0-9a-f]{64}$/);
    for (const place of ["two", "three"]) expect(await checkout(join(root, place))).toBeUndefined();
  });

  it("is told of every repository that a document lies in", async () => {
    const root = folderOf({
      "a/.git/HEAD": "ref: refs/heads/a\n",
      "a/sub/.git": "gitdir: ../../b/.git\n",
      "b/.git/HEAD": "b",
    });
    const { repositories } = await openFor(root);
    const documents = ["x.md", "a/x.md", "a/sub/deep/x.md", "a/other/x.md", "r.jsonl#../../a/x"];
    expect(await repositories?.holding(testCall(), documents)).toEqual(["", "a/", "a/sub/"]);
    const [a, b, sub] = await Promise.all(
      ["a/", "b/", "a/sub/"].map((folder) => repositories?.checkout(testCall(), folder)),
    );
    expect(a).toMatch(/^[0-9a-f]{64}$/);
    expect(sub).toBe(b);
  });

  it("is nothing where there is no repository, or no HEAD that is a file", async () => {
    const root = folderOf({ "a/a.md": "x", "b/.git/HEAD/x": "x", "c/.git/x": "x" });
    for (const place of ["a", "b", "c"]) expect(await checkout(join(root, place))).toBeUndefined();
  });
});

it("a folder in no repository has no rules from above", async () => {
  const root = folderOf({ ".gitignore": "*.md\n", "docs/a.md": "x" });
  expect(await outcome(await openFor(join(root, "docs")))).toEqual({ "a.md": "ok" });
});

describe("a linked work tree", () => {
  it("below a source is a copy and left out, a submodule is not", async () => {
    const root = repository({
      "a.md": "x",
      ".git/worktrees/next/commondir": "../..\n",
      "next/.git": "gitdir: ../.git/worktrees/next\n",
      "next/a.md": "x",
      "module/.git": "gitdir: ../.git/modules/module\n",
      "module/b.md": "x",
      "elsewhere/.git": "gitdir: /home/someone/app/.git/worktrees/elsewhere\n",
      "elsewhere/c.md": "x",
    });
    const COPY = "linked git work tree: a copy";
    const found = await outcome(await openFor(root));
    expect(found).toMatchObject({ "a.md": "ok", "next/": COPY, "module/b.md": "ok", "elsewhere/": COPY });
    await expect(openBound("next", root)).rejects.toMatchObject({ code: "bad_request" });
  });

  it("that is named is read by its repository's own rules", async () => {
    const main = repository({
      ".git/info/exclude": "*.local.md\n",
      ".git/worktrees/next/commondir": "../..\n",
    });
    const root = folderOf({
      ".git": `gitdir: ${main}/.git/worktrees/next\n`,
      "a.md": "x",
      "docs/a.local.md": "x",
      "docs/b.md": "x",
    });
    const found = { "a.local.md": IGNORED, "b.md": "ok" };
    expect(await outcome(await openFor(join(root, "docs")))).toEqual(found);
    expect(await outcome(await openFor(root))).toMatchObject({ "a.md": "ok", "docs/a.local.md": IGNORED });
  });
});

describe("what a user ignores everywhere", () => {
  const files = { "a.md": "x", "b.tmp.md": "x", "c.log.md": "x", ".gitignore": "!keep.tmp.md\n", "keep.tmp.md": "x" };

  it.skipIf(process.platform !== "linux")(
    "is ignored in repositories only, and any .gitignore overrules it",
    async () => {
      vi.stubEnv("XDG_CONFIG_HOME", folderOf({ "git/ignore": "*.tmp.md\n" }));
      const found = await outcome(await openFor(repository(files)));
      expect(found).toMatchObject({ "a.md": "ok", "b.tmp.md": IGNORED, "c.log.md": "ok", "keep.tmp.md": "ok" });
      expect(await outcome(await openFor(folderOf(files)))).toMatchObject({ "b.tmp.md": "ok" });
    },
  );

  it("may be named in git's configuration, the repository's last", async () => {
    const home = folderOf({
      ".gitconfig": '[user]\n\texcludesFile = none\n[core] ; of git\n\texcludesFile = "~/my ignore" # mine\n',
      "my ignore": "*.log.md\n",
    });
    vi.stubEnv("HOME", home);
    vi.stubEnv("USERPROFILE", home);
    expect(await outcome(await openFor(repository(files)))).toMatchObject({ "b.tmp.md": "ok", "c.log.md": IGNORED });
    const other = folderOf({ rules: "*.tmp.md\n" });
    const own = { ...files, ".git/config": `[core]\n\texcludesfile = ${other}/rules\n` };
    expect(await outcome(await openFor(repository(own)))).toMatchObject({ "b.tmp.md": IGNORED, "c.log.md": "ok" });
  });

  it("and all rules tell capitals apart unless core.ignorecase says otherwise", async () => {
    const rules = { ".gitignore": "*.TMP.md\n/Notes/\n", "a.tmp.md": "x", "notes/a.md": "x" };
    expect(await outcome(await openFor(repository(rules)))).toMatchObject({ "a.tmp.md": "ok", "notes/a.md": "ok" });
    const blind = { ...rules, ".git/config": "[core]\n\tignoreCase\n" };
    expect(await outcome(await openFor(repository(blind)))).toMatchObject({ "a.tmp.md": IGNORED, "notes/": IGNORED });
  });
});
