/** `.gitignore` files at every level of a folder, the innermost deciding first, and a repository's `info/exclude` last. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Call } from "../core/call.js";
import { openFile } from "./open.js";
import type { Parser } from "./parser.js";
import type { Rules } from "./parser-worker.js";

const MAX_BYTES = 1_000_000;

/** The rules that hold in one folder: its own file's, then its parents'. Immutable, shared by its subfolders. */
export class IgnoreRules {
  static readonly none = new IgnoreRules([]);

  private constructor(private readonly chain: readonly Rules[]) {}

  /**
   * What a repository keeps to itself: `.git/info/exclude`. @param root its real path
   * @param relative the root's path below where the rules begin, "" for itself
   */
  static ofRepository(root: string, relative = ""): Promise<IgnoreRules> {
    return IgnoreRules.none.plus(join(root, ".git", "info", "exclude"), relative);
  }

  /** With the `.gitignore` of a folder added, if it has one. `relative` is its path below where the rules begin, "" for itself. */
  inFolder(path: string, relative: string): Promise<IgnoreRules> {
    return this.plus(join(path, ".gitignore"), relative);
  }

  private async plus(file: string, relative: string): Promise<IgnoreRules> {
    const text = await readRules(file);
    if (text === undefined) return this;
    const hash = createHash("sha256").update(text).digest("hex");
    return new IgnoreRules([{ hash, prefix: relative === "" ? "" : `${relative}/`, text }, ...this.chain]);
  }

  /**
   * Of entries of the folder, which are left out. @param entries paths below where the rules begin, folders with a `/`
   * behind; none of the folders above may be ignored itself
   * @throws GivenUp, AppError `cancelled`, `timeout`
   */
  async ignored(call: Call, entries: readonly string[], parser: Parser): Promise<readonly boolean[]> {
    if (this.chain.length === 0 || entries.length === 0) return [];
    return parser.ignored(call, this.chain, entries);
  }
}

async function readRules(path: string): Promise<string | undefined> {
  try {
    const { handle, stat } = await openFile(path);
    try {
      return stat.size <= MAX_BYTES ? await handle.readFile("utf8") : undefined;
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}
