/** Ignore rules from above a folder: those of the Git repository that it lies in. */
import { lstat } from "node:fs/promises";
import { dirname, join, relative as pathBetween, sep } from "node:path";
import type { Call } from "../core/call.js";
import { IgnoreRules } from "./ignore-rules.js";
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
  const root = await rootAbove(path);
  if (root === undefined) return { relative: "", rules: IgnoreRules.none };
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

/** The nearest folder above that has a `.git`; undefined where there is none, or the folder is a root itself. */
async function rootAbove(path: string): Promise<string | undefined> {
  for (let at = path; ; at = dirname(at)) {
    const isRoot = await lstat(join(at, GIT)).then(
      () => true,
      () => false,
    );
    if (isRoot) return at === path ? undefined : at;
    if (dirname(at) === at) return undefined;
  }
}
