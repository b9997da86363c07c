/**
 * The Hub's cache on disk, as Python's `huggingface_hub` lays it out and reads it:
 * `models--org--name/{blobs/<etag>, snapshots/<commit>/<file> → blob, refs/main}`.
 */

import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { copyFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { makeFolder } from "../files/make-folder.js";

/** @param cache `.../hub` */
export function repositoryFolder(cache: string, id: string): string {
  return join(cache, `models--${id.replaceAll("/", "--")}`);
}

export function snapshotFile(cache: string, id: string, revision: string, file: string): string {
  return join(repositoryFolder(cache, id), "snapshots", revision, file);
}

/** The commit that `main` was at when the repository was first downloaded. */
export function mainRevision(cache: string, id: string): string | undefined {
  const path = join(repositoryFolder(cache, id), "refs", "main");
  return existsSync(path) ? readFileSync(path, "utf8").trim() : undefined;
}

/** Makes a blob appear under its name in a snapshot: by a link, or by a copy where links cannot be made. */
export async function linkBlob(blob: string, path: string): Promise<void> {
  await makeFolder(dirname(path));
  await rm(path, { force: true });
  try {
    await symlink(relative(dirname(path), blob), path);
  } catch {
    await copyFile(blob, path);
  }
}

/** Never moves a `main` that is there already. */
export async function recordMain(cache: string, id: string, commit: string): Promise<void> {
  const path = join(repositoryFolder(cache, id), "refs", "main");
  await makeFolder(dirname(path));
  await writeFile(path, commit, { flag: "wx" }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "EEXIST") throw error;
  });
}

/** Removes a snapshot's file, and its blob when no other snapshot shows it. @returns whether it was there */
export async function removeFile(cache: string, id: string, revision: string, file: string): Promise<boolean> {
  const path = snapshotFile(cache, id, revision, file);
  if (!existsSync(path)) return false;
  const blob = realpathSync(path);
  await rm(path, { force: true });
  const folder = join(repositoryFolder(cache, id), "snapshots");
  const shown = readdirSync(folder, { recursive: true, encoding: "utf8" }).some((other) => {
    const candidate = join(folder, other);
    return existsSync(candidate) && realpathSync(candidate) === blob;
  });
  if (!shown) await rm(blob, { force: true });
  return true;
}
