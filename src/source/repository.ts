/** The Git repository that a folder lies in: its ignore rules from above, and what it has checked out. */
import { createHash } from "node:crypto";
import { lstat, realpath } from "node:fs/promises";
import { dirname, join, relative as pathBetween, resolve, sep } from "node:path";
import type { Call } from "../core/call.js";
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

/**
 * A hash of the `HEAD` of the repository around a place: another one when another branch, or another commit beside
 * branches, is checked out. A commit on the same branch leaves it. undefined where there is none that can be read.
 * @param path a real path
 */
export async function checkoutAround(path: string): Promise<string | undefined> {
  const file = await headAround(path);
  const head = file && (await firstLine(file));
  return head && createHash("sha256").update(head).digest("hex");
}

/** The file that says what is checked out: real; undefined where a place lies in no repository. */
export async function headAround(path: string): Promise<string | undefined> {
  const root = await rootAround(path);
  if (root === undefined) return undefined;
  const git = join(root, GIT);
  // Of a submodule and of a linked work tree it is a file that names a folder.
  const [, named] = /^gitdir: (.+)$/.exec((await firstLine(git)) ?? "") ?? [];
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
    const isRoot = await lstat(join(at, GIT)).then(
      () => true,
      () => false,
    );
    if (isRoot) return at;
    if (dirname(at) === at) return undefined;
  }
}
