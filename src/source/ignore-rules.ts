/** `.gitignore` files at every level of a folder, the innermost deciding first; a repository's own rules, the user's last. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Call } from "../core/call.js";
import { ignoreSettings } from "./git-config.js";
import { commonFolder, readSmall } from "./git-folder.js";
import type { Parser } from "./parser.js";
import type { Rules } from "./parser-worker.js";

/** The rules that hold in one folder: its own file's, then its parents'. Immutable, shared by its subfolders. */
export class IgnoreRules {
  static readonly none = new IgnoreRules([], false);

  private constructor(
    private readonly chain: readonly Rules[],
    private readonly ignoresCase: boolean,
  ) {}

  /**
   * What a repository keeps to itself, `info/exclude`, before what its user ignores everywhere. @param root its real path
   * @param relative the root's path below where the rules begin, "" for itself
   */
  static async ofRepository(root: string, relative = ""): Promise<IgnoreRules> {
    const common = await commonFolder(root);
    const { excludesFile, ignoresCase } = await ignoreSettings(common);
    const users = await new IgnoreRules([], ignoresCase).plus(excludesFile, relative);
    return users.plus(join(common, "info", "exclude"), relative);
  }

  /** With the `.gitignore` of a folder added, if it has one. `relative` is its path below where the rules begin, "" for itself. */
  inFolder(path: string, relative: string): Promise<IgnoreRules> {
    return this.plus(join(path, ".gitignore"), relative);
  }

  private async plus(file: string, relative: string): Promise<IgnoreRules> {
    const text = await readSmall(file);
    if (text === undefined) return this;
    const { ignoresCase } = this;
    const hash = createHash("sha256").update(`${ignoresCase}\0${text}`).digest("hex");
    const prefix = relative === "" ? "" : `${relative}/`;
    return new IgnoreRules([{ hash, prefix, text, ignoresCase }, ...this.chain], ignoresCase);
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
