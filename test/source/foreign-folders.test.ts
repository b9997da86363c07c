/** What is left out of a folder because it is not its owner's writing. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { watchSource } from "#src/source/watch.js";
import { until } from "../e2e/server.js";
import { outcome } from "./collect.js";
import { folderOf, openBound, openFor } from "./folder.js";

const VENV = "virtual environment";
const OTHERS = "third-party code";
const DEPENDENCIES = "dependency or cache folder";
const HIDDEN = "hidden folder";

describe("a folder", () => {
  it("is left out with a reason when it is hidden, installed, or copied from others, wherever it stands", async () => {
    const root = folderOf({
      "readme.md": "x",
      ".github/workflows/ci.yml": "x: y z",
      ".obsidian/plugins/main.js": "x",
      ".venv311/pyvenv.cfg": "x",
      "Pods/A/A.swift": "x",
      "a/b/site-packages/q/q.py": "x",
      "a/conda/conda-meta/history": "x",
      "a/env/pyvenv.cfg": "home = /usr/bin",
      "a/env/lib/x.py": "x",
      "a/tags/CACHEDIR.TAG": "x",
      "a/tags/x.md": "x",
      "a/third_party/z/README.md": "x",
      "go/go.mod": "module x",
      "go/vendor/own.go": "x",
      "logseq/bak/pages/a.md": "x",
      "logseq/pages/a.md": "x",
      "vendor/github.com/x/y.go": "x",
    });
    expect(await outcome(await openFor(root))).toEqual({
      ".github/workflows/ci.yml": "ok",
      ".obsidian/": HIDDEN,
      ".venv311/": HIDDEN,
      "Pods/": DEPENDENCIES,
      "a/b/site-packages/": DEPENDENCIES,
      "a/conda/": VENV,
      "a/env/": VENV,
      "a/tags/": DEPENDENCIES,
      "a/third_party/": OTHERS,
      "go/go.mod": "ok",
      "go/vendor/": OTHERS,
      "logseq/bak/": "backup folder of a program",
      "logseq/pages/a.md": "ok",
      "readme.md": "ok",
      "vendor/": OTHERS,
    });
  });

  it("of one's own is read, though its name is one of theirs", async () => {
    const files = { "vendor/acme/contract.md": "x", "env/dev.md": "x", "lib/.keep.md": "x" };
    const found = await outcome(await openFor(folderOf(files)));
    expect(found).toEqual({ "env/dev.md": "ok", "lib/.keep.md": "ok", "vendor/acme/contract.md": "ok" });
  });

  it("that is left out is read when the operator names it, and cannot be named by a client", async () => {
    const root = folderOf({
      ".notes/a.md": "x",
      "env/pyvenv.cfg": "x",
      "env/lib/a.py": "x",
      "vendor/modules.txt": "x",
    });
    expect(await outcome(await openFor(join(root, ".notes")))).toEqual({ "a.md": "ok" });
    expect(await outcome(await openFor(join(root, "env/lib")))).toEqual({ "a.py": "ok" });
    const refused = { ".notes": HIDDEN, env: VENV, "env/lib": VENV, "env/lib/a.py": VENV, vendor: OTHERS };
    for (const [location, reason] of Object.entries(refused)) {
      await expect(openBound(location, root)).rejects.toMatchObject({
        code: "bad_request",
        message: expect.stringContaining(`/: ${reason}.`),
      });
    }
    expect(await outcome(await openBound(".", join(root, "env")))).toEqual({ "lib/a.py": "ok", "pyvenv.cfg": "ok" });
  });
});

it("what file managers, office programs and editors leave is left out, copies of a conflict are not", async () => {
  const left = [
    "._a.md",
    "~$a.docx",
    ".~lock.a.odt#",
    "a.md~",
    "#a.md#",
    ".#a.md",
    ".a.md.swp",
    ".DS_Store",
    "Thumbs.db",
  ];
  const kept = ["a (conflicted copy 2024-01-01).md", "a.swift", ".editorconfig"];
  const root = folderOf(Object.fromEntries([...left, ...kept].map((name) => [name, "some text"])));
  expect(await outcome(await openFor(root))).toEqual({
    ...Object.fromEntries(left.map((name) => [name, "backup or lock file of a program"])),
    ...Object.fromEntries(kept.map((name) => [name, "ok"])),
  });
});

it("a watched folder wakes for hidden files, and not for hidden folders", async () => {
  const root = folderOf({ ".hidden/a.md": "x", ".editorconfig": "x", "a.md": "x" });
  let changes = 0;
  const watching = await watchSource(
    `file://${root}`,
    { dataFolder: "/nowhere", files: [] },
    { onChange: () => changes++, onError: (error) => expect.unreachable(String(error)) },
  );
  try {
    writeFileSync(join(root, ".hidden/a.md"), "changed");
    writeFileSync(join(root, ".hidden/b.md"), "new");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(changes).toBe(0);
    writeFileSync(join(root, ".editorconfig"), "changed");
    expect(await until(() => changes > 0, 5_000)).toBe(true);
  } finally {
    await watching.close();
  }
});
