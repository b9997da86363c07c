/** Size rotation of a file that several processes append to: `path` → `path.1` → … → `path.<keep>`. */
import { open, rename, stat, unlink } from "node:fs/promises";

/** A rotation takes about a millisecond; a lock this old was left by a process that was killed meanwhile. */
const STALE_LOCK_MS = 10_000;

/**
 * Shifts the files when `path` is at least `minBytes` long. Two processes shifting at once would rename over each
 * other's lines, so a lock file admits one; the others go on appending. False when nothing was shifted.
 */
export async function rotate(path: string, minBytes: number, keep: number): Promise<boolean> {
  const lock = `${path}.lock`;
  if (!(await acquire(lock))) return false;
  try {
    // Whoever held the lock before may have rotated already.
    const found = await stat(path);
    if (!found.isFile() || found.size < minBytes) return false;
    for (let n = keep - 1; n >= 1; n--) await renameIfThere(`${path}.${n}`, `${path}.${n + 1}`);
    await rename(path, `${path}.1`);
    return true;
  } catch (error) {
    if (isCode(error, "ENOENT")) return false;
    throw error;
  } finally {
    await unlink(lock).catch(() => undefined);
  }
}

async function acquire(lock: string): Promise<boolean> {
  try {
    await (await open(lock, "wx", 0o600)).close();
    return true;
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
  }
  await breakIfStale(lock);
  // The next line tries again: this one is appended to the file as it is.
  return false;
}

async function breakIfStale(lock: string): Promise<void> {
  try {
    if (Date.now() - (await stat(lock)).mtimeMs < STALE_LOCK_MS) return;
    // Taken away by rename, so that of two processes breaking it only one gets the file …
    const taken = `${lock}.${process.pid}`;
    await rename(lock, taken);
    // … and one that took a lock made a moment ago gives it back.
    if (Date.now() - (await stat(taken)).mtimeMs < STALE_LOCK_MS) await rename(taken, lock);
    else await unlink(taken);
  } catch (error) {
    if (!isCode(error, "ENOENT")) throw error;
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: unknown) => {
    if (!isCode(error, "ENOENT")) throw error;
  });
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
