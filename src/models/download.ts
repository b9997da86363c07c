/** One file from the Hub into a blob: resumed, bounded, verified before it gets its name. */

import { existsSync, statSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { lock } from "proper-lockfile";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { makeFolder } from "../files/make-folder.js";
import { inPieces, TooLongError } from "../http/body.js";
import type { Send } from "../http/client.js";
import { retry } from "../resilience/retry.js";
import { sha256Of } from "./checksum.js";
import { downloadFrom, type Hub, openFile, type RemoteFile, unusable } from "./hub.js";

/** Beyond any model that runs here; a server that says or sends more is not believed. */
const MAX_FILE_BYTES = 4 * 1024 ** 3;
/** A process that died stops renewing its lock. */
const LOCK_STALE_MS = 15_000;
const LOCK_POLL_MS = 250;

export interface Wanted {
  readonly file: string;
  readonly sha256?: string | undefined;
  readonly bytes?: number | undefined;
}

export interface DownloadOptions {
  /** Where the file is to lie; `<blob>.incomplete` beside it is what an earlier try left. */
  readonly blob: string;
  readonly hub: Hub;
  /** Bytes of this file on disk so far. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * @returns the file's sha256
 * @throws AppError `model_missing`, `model_failed` for a wrong checksum, `cancelled`
 */
export async function downloadBlob(
  call: Call,
  remote: RemoteFile,
  wanted: Wanted,
  options: DownloadOptions,
): Promise<string> {
  const { blob, hub, onBytes } = options;
  checkSize(remote, wanted);
  await makeFolder(dirname(blob));
  const release = await waitForLock(call, blob);
  try {
    if (!existsSync(blob)) {
      await downloadFrom(hub, wanted.file, (send) => fetchRest(send, remote, wanted, options), call.signal);
      const sha256 = await verify(call, partOf(blob), remote, wanted);
      await rename(partOf(blob), blob);
      return sha256;
    }
    onBytes(statSync(blob).size);
    return await verify(call, blob, remote, wanted);
  } finally {
    await release();
  }
}

function partOf(blob: string): string {
  return `${blob}.incomplete`;
}

/** Another process may be downloading the same file: then this one takes what it brought. */
function waitForLock(call: Call, blob: string): Promise<() => Promise<void>> {
  return retry(call, () => lock(blob, { realpath: false, stale: LOCK_STALE_MS }), {
    times: Number.POSITIVE_INFINITY,
    delayMs: () => LOCK_POLL_MS,
    worthIt: (error) => (error as NodeJS.ErrnoException).code === "ELOCKED",
  });
}

/** What is not there yet. @throws AppError for what another attempt would not change */
async function fetchRest(
  send: Send,
  remote: RemoteFile,
  wanted: Wanted,
  { blob, hub, onBytes }: DownloadOptions,
): Promise<void> {
  const partial = partOf(blob);
  const limit = wanted.bytes ?? remote.bytes ?? MAX_FILE_BYTES;
  let have = existsSync(partial) ? statSync(partial).size : 0;
  if (have > limit) {
    await rm(partial);
    have = 0;
  }
  if (have === limit) return;
  const { resumed, body } = await openFile(send, remote, have);
  if (!resumed) have = 0;
  // Written piece by piece: what has arrived is on disk when the connection breaks.
  const target = await open(partial, resumed ? "a" : "w");
  try {
    for await (const piece of inPieces(body, limit - have, hub.pace)) {
      have += piece.length;
      await target.write(piece);
      onBytes(have);
    }
  } catch (error) {
    if (!(error instanceof TooLongError)) throw error;
    throw unusable(`${wanted.file} is longer than the ${limit} bytes it should have`);
  } finally {
    await target.close();
  }
  if (have < (wanted.bytes ?? remote.bytes ?? 0)) throw new Error(`the connection ended after ${have} bytes`);
}

function checkSize(remote: RemoteFile, wanted: Wanted): void {
  const { bytes } = remote;
  if (bytes === undefined) return;
  if (wanted.bytes !== undefined && wanted.bytes !== bytes) {
    throw unusable(`${wanted.file} has ${bytes} bytes there, ${wanted.bytes} are pinned`);
  }
  if (bytes > MAX_FILE_BYTES) throw unusable(`${wanted.file} has ${bytes} bytes, more than ${MAX_FILE_BYTES}`);
}

/** What is wrong is removed, so that the next try begins anew. */
async function verify(call: Call, path: string, remote: RemoteFile, wanted: Wanted): Promise<string> {
  const found = await sha256Of(call, path);
  const expected = wanted.sha256 ?? (remote.etag.length === 64 ? remote.etag : undefined);
  if (expected === undefined || found === expected) return found;
  await rm(path, { force: true });
  throw new AppError("model_failed", `${wanted.file} has sha256 ${found}, expected ${expected}; it was removed.`, {
    remedy: "Try again; if it stays so, the source at HF_ENDPOINT is not the pinned one.",
  });
}
