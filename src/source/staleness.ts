/** Whether files are still what was indexed of them. Texts are read for their hashes only. */
import type { Stats } from "node:fs";
import { lstat, realpath } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { LRUCache } from "lru-cache";
import type { Call } from "../core/call.js";
import type { DocumentRecord, Stale } from "../core/types.js";
import { FILES_VERSION } from "./files.js";
import { isRecordFile } from "./formats/index.js";
import { hashFile, type OpenFile, openFor } from "./read-file.js";

/** A document of a source on this machine. */
export interface IndexedFile {
  /** Real when it was indexed. */
  readonly path: string;
  /** The source's folder, or its file. */
  readonly source: string;
  readonly record: Pick<DocumentRecord, "hash" | "chunker">;
}

const KEPT = 10_000;
/** File systems count time in steps: what was written a moment ago may be written again at the same time. */
const SETTLED_MS = 2_000;

export class Staleness {
  /** Hashes of files by their paths and what the system says of them. */
  readonly #hashes = new LRUCache<string, string>({ max: KEPT });

  /**
   * Undefined: it is as it was, or nobody can tell. So it is where a later version of the formats would hash it
   * otherwise, where it is a record of many in a file, where the source itself is gone (a share that is not there), and
   * where a name on the way to it now leads elsewhere.
   */
  async of(call: Call, { path, source, record }: IndexedFile): Promise<Stale | undefined> {
    const canTell = !isRecordFile(path) && record.chunker.endsWith(`/${FILES_VERSION}`);
    try {
      // A file that was looked at before is not even opened.
      const known = this.#hashes.get(keyOf(path, await lstat(path)));
      if (known !== undefined) return canTell && known !== record.hash ? "changed" : undefined;
      const file = await openFor(call, path);
      try {
        if (!canTell) return undefined;
        return (await this.#hash(call, path, file)) === record.hash ? undefined : "changed";
      } finally {
        await file.handle.close();
      }
    } catch (error) {
      return isMissing(error) && (await isReachedFrom(source, path)) ? "deleted" : undefined;
    }
  }

  async #hash(call: Call, path: string, file: OpenFile): Promise<string | undefined> {
    const hash = await hashFile(call, basename(path), file);
    const isSettled = Date.now() - file.stat.ctimeMs > SETTLED_MS;
    if (hash !== undefined && isSettled) this.#hashes.set(keyOf(path, file.stat), hash);
    return hash;
  }
}

function keyOf(path: string, { ino, size, mtimeMs, ctimeMs }: Stats): string {
  return [path, ino, size, mtimeMs, ctimeMs].join("\0");
}

function isMissing(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
}

/** Whether the source is there, and no name between it and the missing file is a link. */
async function isReachedFrom(source: string, path: string): Promise<boolean> {
  const start = path === source ? dirname(source) : source;
  if (!(await isReal(start))) return false;
  for (let at = dirname(path); at.length > start.length; at = dirname(at)) {
    const isThere = await lstat(at).then(
      () => true,
      () => false,
    );
    if (isThere) return isReal(at);
  }
  return true;
}

async function isReal(path: string): Promise<boolean> {
  return (await realpath(path).catch(() => undefined)) === path;
}
