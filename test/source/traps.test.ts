/** One tree of everything that is no document, or looks so: exactly the right files are read. */
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { outcome } from "./collect.js";
import { folderOf, openFor } from "./folder.js";

afterEach(() => void vi.unstubAllEnvs());

const HIDDEN = "hidden folder";
const PROGRAM = "backup or lock file of a program";
const GENERATED = "generated file";
const IGNORED = "ignored by .gitignore";
const DEPENDENCIES = "dependency or cache folder";
const OTHERS = "third-party code";
const LFS = "Git LFS pointer; run git lfs pull";
const SECRET = "its name looks like a secret's";
const COPY = "linked git work tree: a copy";

const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${"ab".repeat(32)}\nsize 12\n`;
const TEXT = "some words\n";

/** A file, its content, and what is told of it; of a folder that is left out, under the folder's name. */
const TRAPS: readonly (readonly [file: string, content: string | Buffer, told: string, under?: string])[] = [
  // Hidden
  [".github/workflows/ci.yml", TEXT, "ok"],
  [".editorconfig", TEXT, "ok"],
  [".obsidian/app.json", TEXT, HIDDEN, ".obsidian/"],
  [".trash/old.md", TEXT, HIDDEN, ".trash/"],
  [".vscode/settings.json", TEXT, HIDDEN, ".vscode/"],
  [".idea/workspace.xml", TEXT, HIDDEN, ".idea/"],
  [".stversions/a~1.md", TEXT, HIDDEN, ".stversions/"],
  [".ipynb_checkpoints/a.py", TEXT, HIDDEN, ".ipynb_checkpoints/"],
  [".cache/a.md", TEXT, HIDDEN, ".cache/"],
  ["docs/.vitepress/config.ts", TEXT, HIDDEN, "docs/.vitepress/"],
  // What programs leave
  ["._readme.md", TEXT, PROGRAM],
  ["~$letter.docx", TEXT, PROGRAM],
  [".~lock.a.odt#", TEXT, PROGRAM],
  ["readme.md~", TEXT, PROGRAM],
  ["#readme.md#", TEXT, PROGRAM],
  [".readme.md.swp", TEXT, PROGRAM],
  [".DS_Store", "\0\0\0\x01Bud1", PROGRAM],
  ["Thumbs.db", "\0", PROGRAM],
  ["logseq/bak/a.md", TEXT, "backup folder of a program", "logseq/bak/"],
  ["logseq/pages/a.md", TEXT, "ok"],
  ["readme (conflicted copy 2024-01-01).md", TEXT, "ok"],
  // Others' code
  ["node_modules/a/README.md", TEXT, DEPENDENCIES, "node_modules/"],
  ["bower_components/a/a.js", TEXT, DEPENDENCIES, "bower_components/"],
  ["Pods/A/A.swift", TEXT, DEPENDENCIES, "Pods/"],
  ["lib/site-packages/a/a.py", TEXT, DEPENDENCIES, "lib/site-packages/"],
  ["lib/__pycache__/a.pyc", TEXT, DEPENDENCIES, "lib/__pycache__/"],
  ["env/pyvenv.cfg", TEXT, "virtual environment", "env/"],
  ["env/lib/a.py", TEXT, "virtual environment", "env/"],
  ["conda/conda-meta/history", TEXT, "virtual environment", "conda/"],
  ["tags/CACHEDIR.TAG", TEXT, DEPENDENCIES, "tags/"],
  ["third_party/z/README.md", TEXT, OTHERS, "third_party/"],
  ["go/go.mod", "module a\n", "ok"],
  ["go/vendor/a/a.go", TEXT, OTHERS, "go/vendor/"],
  ["src/vendor/github.com/x/y.go", TEXT, OTHERS, "src/vendor/"],
  ["contracts/vendor/acme/contract.md", TEXT, "ok"],
  ["environment/dev.md", TEXT, "ok"],
  ["app/package.json", '{"name":"app"}', "ok"],
  ["app/dist/app.js", TEXT, "build folder", "app/dist/"],
  ["posts/build/how.md", TEXT, "ok"],
  // Git
  ["next/.git", "gitdir: ../.git/worktrees/next\n", COPY, "next/"],
  ["next/readme.md", TEXT, COPY, "next/"],
  ["module/.git", "gitdir: ../.git/modules/module\n", "version control folder"],
  ["module/readme.md", TEXT, "ok"],
  [".gitignore", "*.draft.md\n/out/\n!kept.draft.md\n*.LOG\n", "ok"],
  ["a.draft.md", TEXT, IGNORED],
  ["kept.draft.md", TEXT, "ok"],
  ["out/a.md", TEXT, IGNORED, "out/"],
  ["posts/out/a.md", TEXT, "ok"],
  ["small.log", TEXT, "ok"],
  ["posts/.gitignore", "!again.draft.md\n", "ok"],
  ["posts/again.draft.md", TEXT, "ok"],
  ["mine.local.md", TEXT, IGNORED],
  ["everywhere.scratch.md", TEXT, IGNORED],
  ["report.pdf", POINTER, LFS],
  ["table.csv", POINTER, LFS],
  ["about.md", "version https://git-lfs.github.com/spec/v1 is the first line of a pointer.\n", "ok"],
  // Generated, secret, or no text
  ["package-lock.json", "{}", GENERATED],
  ["poetry.lock", TEXT, GENERATED],
  ["app.min.js", TEXT, GENERATED],
  ["app.js.map", "{}", GENERATED],
  [".env", "TOKEN=a\n", SECRET],
  [".env.example", "TOKEN=\n", "ok"],
  ["id_rsa", TEXT, SECRET],
  ["id_rsa_howto.md", TEXT, "ok"],
  ["logo.png", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0]), "no reader for .png: an image; its text needs OCR"],
  ["data.unknown", Buffer.from([1, 2, 0, 3]), "no reader for .unknown"],
  ["notes.unknown2", TEXT, "ok"],
  ["Makefile", "all:\n\techo\n", "ok"],
  ["empty.md", " \n", "no text in it"],
  ["link.md", "", "symbolic link; its target is indexed itself"],
  ["away.md", "", "symbolic link that leaves the source folder"],
];

it.skipIf(process.platform !== "linux")(
  `of a tree of ${TRAPS.length} traps exactly the right files are read`,
  async () => {
    vi.stubEnv("XDG_CONFIG_HOME", folderOf({ "git/ignore": "*.scratch.md\n" }));
    vi.stubEnv("HOME", folderOf({}));
    const outside = folderOf({ "a.md": TEXT });
    const links = new Map([
      ["link.md", "about.md"],
      ["away.md", join(outside, "a.md")],
    ]);
    const files = TRAPS.filter(([file]) => !links.has(file)).map(([file, content]) => [file, content] as const);
    const root = folderOf({ ...Object.fromEntries(files), ".git/info/exclude": "*.local.md\n" });
    mkdirSync(join(root, ".git/worktrees/next"), { recursive: true });
    for (const [file, target] of links) symlinkSync(target, join(root, file));
    const expected = Object.fromEntries(TRAPS.map(([file, , told, under]) => [under ?? file, told]));
    expect(await outcome(await openFor(root))).toEqual({ ...expected, ".git/": "version control folder" });
  },
);
