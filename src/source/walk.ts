/** The files below a folder in sorted order, and what is left out without being opened. */
import type { Dirent } from "node:fs";
import { readdir, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import type { Call } from "../core/call.js";
import { AppError, throwIfAborted } from "../core/errors.js";
import type { SourceItem } from "../core/ports.js";
import { IgnoreRules } from "./ignore-rules.js";
import type { Parser } from "./parser.js";
import { GivenUp } from "./parser-process.js";
import { failureReason } from "./refuse.js";

export type Entry =
  | { readonly kind: "file"; readonly document: string; readonly path: string }
  | Exclude<SourceItem, { kind: "document" }>;

const VERSION_CONTROL = new Set([".git", ".hg", ".svn", ".jj", ".bzr", "_darcs", "CVS"]);
const DEPENDENCIES = new Set([
  ...["node_modules", "bower_components", "__pycache__", ".venv", "venv", ".tox", ".nox", ".mypy_cache", ".next"],
  ...[
    ".pytest_cache",
    ".ruff_cache",
    ".nuxt",
    ".turbo",
    ".cache",
    ".gradle",
    ".parcel-cache",
    ".svelte-kit",
    ".terraform",
  ],
]);
/** Build output only beside a project's manifest: elsewhere these are good names for documents. */
const BUILD = new Set(["dist", "build", "out", "target", "coverage"]);
const MANIFESTS = new Set([
  ...["package.json", "pyproject.toml", "setup.py", "Cargo.toml", "pom.xml", "build.gradle", "build.gradle.kts"],
  ...["CMakeLists.txt", "go.mod", "mix.exs", "build.sbt"],
]);

/** Folders that are left out by their name alone, wherever they are. */
export function isNeverEntered(name: string): boolean {
  return VERSION_CONTROL.has(name) || DEPENDENCIES.has(name);
}

interface Folder {
  readonly path: string;
  /** Path below the source folder, with `/`; "" for itself. */
  readonly relative: string;
  readonly rules: IgnoreRules;
}

export interface Place {
  /** Real path of the folder. */
  readonly root: string;
  /** Where the server keeps its own files: a real path, left out. */
  readonly dataFolder: string;
}

/**
 * Depth first, by code units of the names. Links are not followed: what they point to is indexed where it is, or is
 * outside. `root` and `dataFolder` are real paths. @throws the system's error when the root itself cannot be listed
 */
export async function* walk(call: Call, place: Place, parser: Parser): AsyncGenerator<Entry> {
  const waiting: (Folder | Entry)[] = [{ path: place.root, relative: "", rules: IgnoreRules.none }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    throwIfAborted(call.signal);
    if ("kind" in next) {
      yield next;
      continue;
    }
    const entries = await list(call, next, place, parser);
    // Last in, first out: reversed, so that a folder's entries come in order, each subfolder whole.
    for (let i = entries.length - 1; i >= 0; i--) waiting.push(entries[i] as Folder | Entry);
  }
}

async function list(call: Call, folder: Folder, place: Place, parser: Parser): Promise<(Folder | Entry)[]> {
  let children: Dirent[];
  try {
    children = await readdir(folder.path, { withFileTypes: true });
  } catch (error) {
    if (folder.relative === "") throw error;
    return [{ kind: "failed", document: `${folder.relative}/`, reason: failureReason(error) }];
  }
  children.sort((a, b) => (a.name < b.name ? -1 : 1));
  const names = new Set(children.map((child) => child.name));
  const rules = await folder.rules.inFolder(folder.path, folder.relative);
  const documents = children.map((child) => {
    const relative = folder.relative === "" ? child.name : `${folder.relative}/${child.name}`;
    return child.isDirectory() ? `${relative}/` : relative;
  });
  let ignored: readonly boolean[];
  try {
    ignored = await rules.ignored(call, documents, parser);
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
    return rulesGivenUp(folder, error);
  }
  const entries: (Folder | Entry)[] = [];
  for (const [i, child] of children.entries()) {
    throwIfAborted(call.signal);
    const path = join(folder.path, child.name);
    const document = documents[i] as string;
    const reason = leftOut(child, path, { names, isIgnored: ignored[i] === true, dataFolder: place.dataFolder });
    if (reason !== undefined) entries.push({ kind: "skipped", document, reason });
    else if (child.isDirectory()) entries.push({ path, relative: document.slice(0, -1), rules });
    else if (child.isSymbolicLink()) {
      entries.push({ kind: "skipped", document, reason: await linkReason(path, place.root) });
    } else entries.push({ kind: "file", document, path });
  }
  return entries;
}

/** What rules would have left out must not be read without them. */
function rulesGivenUp({ relative }: Folder, { message }: GivenUp): Entry[] {
  const reason = `its .gitignore, or one above it, ${message}`;
  if (relative !== "") return [{ kind: "failed", document: `${relative}/`, reason }];
  throw new AppError("bad_request", `The folder cannot be listed: ${reason}.`, {
    remedy: "Make that .gitignore shorter or simpler, then index the folder again.",
  });
}

interface Around {
  readonly names: ReadonlySet<string>;
  readonly isIgnored: boolean;
  readonly dataFolder: string;
}

function leftOut(child: Dirent, path: string, around: Around): string | undefined {
  if (path === around.dataFolder) return "the server's own data folder";
  // A file named .git stands in submodules and work trees.
  if (VERSION_CONTROL.has(child.name)) return "version control folder";
  if (around.isIgnored) return "ignored by .gitignore";
  if (!child.isDirectory()) {
    return child.isFile() || child.isSymbolicLink() ? undefined : "not a regular file";
  }
  if (DEPENDENCIES.has(child.name)) return "dependency or cache folder";
  const builds = BUILD.has(child.name) && [...MANIFESTS].some((manifest) => around.names.has(manifest));
  return builds ? "build folder" : undefined;
}

async function linkReason(path: string, root: string): Promise<string> {
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined) return "symbolic link that leads nowhere";
  const inside = target === root || target.startsWith(root.endsWith(sep) ? root : root + sep);
  return inside ? "symbolic link; its target is indexed itself" : "symbolic link that leaves the source folder";
}
