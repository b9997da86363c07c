/** The Git repository that a folder lies in: its ignore rules from above, and what it has checked out. */
import { createHash } from "node:crypto";
import { lstat, realpath } from "node:fs/promises";
import { dirname, join, relative as pathBetween, resolve, sep } from "node:path";
import type { Call } from "../core/call.js";
import { raceAbort, throwIfAborted } from "../core/errors.js";
import type { Repositories } from "../core/ports.js";
import { IgnoreRules } from "./ignore-rules.js";
import { openFile } from "./open.js";
import type { Parser } from "./parser.js";

export interface Above {
  /** The folder's path below the repository's root, with `/`; "" where it lies in none, or is the root. */
  readonly relative: string;
  readonly rules: IgnoreRules;
}

/** In a repository's root, whichever names are in it. */
export const GIT = ".git";

/**
 * From the repository's root down to the folder above this one. Only rules are read there, no documents; a file that
 * cannot be read has none. A folder that was named although the repository ignores it begins anew.
 * @param path a real path
 * @throws GivenUp, AppError `cancelled`, `timeout`
 */
export async function rulesAbove(call: Call, path: string, parser: Parser): Promise<Above> {
  const root = await rootAround(path);
  if (root === undefined || root === path) return { relative: "", rules: IgnoreRules.none };
  let rules = await IgnoreRules.ofRepository(root);
  let [at, relative] = [root, ""];
  for (const name of pathBetween(root, path).split(sep)) {
    rules = await rules.inFolder(at, relative);
    at = join(at, name);
    relative = relative === "" ? name : `${relative}/${name}`;
    const [isIgnored] = await rules.ignored(call, [`${relative}/`], parser);
    if (isIgnored) rules = IgnoreRules.none;
  }
  return { relative, rules };
}

/** Of `HEAD`, and of a file `.git`: one line each. */
const MOST_HEAD_BYTES = 4_096;
/** Whoever wrote the file does not choose whom Windows shows its user to. */
const OTHER_MACHINE = /^[\\/]{2}/;
/** Of one source; others are as if they were none. */
const MOST_REPOSITORIES = 200;

/**
 * The repositories of a source. What one has checked out is a hash of its `HEAD`: another one when another branch, or
 * another commit beside branches, is checked out. A commit on the same branch leaves it.
 * @param base the source's folder, or its file: a real path
 */
export function repositoriesOf(base: string): Repositories {
  return {
    async holding({ signal }, documents) {
      const found = [""];
      for (const folder of foldersAbove(documents)) {
        throwIfAborted(signal);
        if (found.length === MOST_REPOSITORIES) break;
        if (await isThere(join(base, folder, GIT))) found.push(folder);
      }
      return found;
    },
    async checkout({ signal }, folder) {
      throwIfAborted(signal);
      return raceAbort(checkoutOf(folder === "" ? await rootAround(base) : join(base, folder)), signal);
    },
  };
}

async function checkoutOf(root: string | undefined): Promise<string | undefined> {
  const file = root && (await headOf(root));
  const head = file && (await firstLine(file));
  return head && createHash("sha256").update(head).digest("hex");
}

/** Every folder between the source and a document, once. */
function foldersAbove(documents: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const document of documents) {
    for (let end = document.lastIndexOf("/"); end > 0; end = document.lastIndexOf("/", end - 1)) {
      const folder = document.slice(0, end + 1);
      if (folders.has(folder)) break;
      // An id of a record may be called as no folder is.
      if (!folder.split("/").includes("..")) folders.add(folder);
    }
  }
  return folders;
}

/** The file that says what is checked out around a place: real; undefined where it lies in no repository. */
export async function headAround(path: string): Promise<string | undefined> {
  const root = await rootAround(path);
  return root && headOf(root);
}

async function headOf(root: string): Promise<string | undefined> {
  const git = join(root, GIT);
  // Of a submodule and of a linked work tree it is a file that names a folder.
  const [, named] = /^gitdir: (.+)$/.exec((await firstLine(git)) ?? "") ?? [];
  if (named !== undefined && OTHER_MACHINE.test(named)) return undefined;
  const folder = await realpath(named === undefined ? git : resolve(root, named)).catch(() => undefined);
  return folder && join(folder, "HEAD");
}

async function firstLine(path: string): Promise<string | undefined> {
  try {
    const { handle } = await openFile(path);
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(MOST_HEAD_BYTES), 0, MOST_HEAD_BYTES, 0);
      return buffer.toString("utf8", 0, bytesRead).split("\n", 1)[0];
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** The nearest folder that has a `.git`, the place itself among them; undefined where there is none. */
async function rootAround(path: string): Promise<string | undefined> {
  for (let at = path; ; at = dirname(at)) {
    if (await isThere(join(at, GIT))) return at;
    if (dirname(at) === at) return undefined;
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
