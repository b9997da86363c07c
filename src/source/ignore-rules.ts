/** `.gitignore` files at every level of a folder, the innermost deciding first. */
import { lstat, readFile } from "node:fs/promises";
import { join } from "node:path";
import createIgnore, { type Ignore } from "ignore";

const MAX_BYTES = 1_000_000;

/** The rules that hold in one folder: its own file's, then its parents'. Immutable, shared by its subfolders. */
export class IgnoreRules {
  static readonly none = new IgnoreRules(undefined, undefined);

  private constructor(
    private readonly own: { readonly rules: Ignore; readonly prefix: string } | undefined,
    private readonly parent: IgnoreRules | undefined,
  ) {}

  /** With the `.gitignore` of a folder added, if it has one. `relative` is its path below the source, "" for itself. */
  async inFolder(path: string, relative: string): Promise<IgnoreRules> {
    const text = await readRules(join(path, ".gitignore"));
    if (text === undefined) return this;
    return new IgnoreRules({ rules: createIgnore().add(text), prefix: relative === "" ? "" : `${relative}/` }, this);
  }

  /** `relative` is the entry's path below the source; its folder must not itself be ignored. */
  ignores(relative: string, isFolder: boolean): boolean {
    if (this.own !== undefined) {
      const local = relative.slice(this.own.prefix.length) + (isFolder ? "/" : "");
      const verdict = this.own.rules.test(local);
      if (verdict.ignored) return true;
      if (verdict.unignored) return false;
    }
    return this.parent?.ignores(relative, isFolder) ?? false;
  }
}

async function readRules(path: string): Promise<string | undefined> {
  try {
    const { size, isFile } = await lstat(path).then((stat) => ({ size: stat.size, isFile: stat.isFile() }));
    return isFile && size <= MAX_BYTES ? await readFile(path, "utf8") : undefined;
  } catch {
    return undefined;
  }
}
