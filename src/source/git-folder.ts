/** What a `.git` in a folder leads to: the repository's own files. They are read here; no git is run. */
import { realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { openFile } from "./open.js";

const MAX_BYTES = 1_000_000;
/** Git's own name for the folders of a repository's linked work trees. */
const WORKTREE = /[\\/]worktrees[\\/][^\\/]+[\\/]?$/;

/** Undefined: it cannot be read, or is too large. Links that lead to it are followed. */
export async function readSmall(path: string): Promise<string | undefined> {
  try {
    const { handle, stat } = await openFile(await realpath(path));
    try {
      return stat.size <= MAX_BYTES ? await handle.readFile("utf8") : undefined;
    } finally {
      await handle.close();
    }
  } catch {
    return undefined;
  }
}

/** Where a `.git` that is a file says that the repository is: of a submodule, or of a linked work tree. */
async function pointedTo(root: string): Promise<string | undefined> {
  const [, folder] = /^gitdir: *([^\n\0]+)/.exec((await readSmall(join(root, ".git"))) ?? "") ?? [];
  return folder === undefined ? undefined : resolve(root, folder.trim());
}

/** Whether a folder with a `.git` is a second checkout of a repository that lies elsewhere. */
export async function isLinkedWorktree(root: string): Promise<boolean> {
  return WORKTREE.test((await pointedTo(root)) ?? "");
}

/** The folder of what all work trees of the repository share. @param root has a `.git` */
export async function commonFolder(root: string): Promise<string> {
  const own = (await pointedTo(root)) ?? join(root, ".git");
  const common = (await readSmall(join(own, "commondir")))?.trim();
  if (common) return resolve(own, common);
  return WORKTREE.test(own) ? dirname(dirname(own)) : own;
}
