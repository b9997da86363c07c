/** One file from the Hub into a blob: resumed, bounded, verified before it gets its name. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync, statSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as wait } from "node:timers/promises";
import { lock } from "proper-lockfile";
import { AppError, throwIfAborted } from "../core/errors.js";
import { type Hub, openFile, type RemoteFile, unusable } from "./hub.js";

const TRIES = 5;
/** Beyond any model that runs here; a server that says or sends more is not believed. */
const MAX_FILE_BYTES = 4 * 1024 ** 3;
/** A process that died stops renewing its lock. */
const LOCK_STALE_MS = 15_000;

export interface Wanted {
  readonly file: string;
  readonly sha256?: string | undefined;
  readonly bytes?: number | undefined;
}

export interface DownloadOptions {
  readonly hub: Hub;
  readonly signal: AbortSignal;
  /** Doubled after every failure. */
  readonly retryDelayMs: number;
  /** Bytes of this file on disk so far. */
  readonly onBytes: (bytes: number) => void;
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/**
 * @param blob where the file is to lie; `<blob>.incomplete` beside it is what an earlier try left
 * @returns the file's sha256
 * @throws AppError `model_missing`, `model_failed` for a wrong checksum, `cancelled`
 */
export async function downloadBlob(remote: RemoteFile, wanted: Wanted, blob: string, options: DownloadOptions) {
  checkSize(remote, wanted);
  await mkdir(dirname(blob), { recursive: true });
  const release = await waitForLock(blob, options.signal);
  try {
    if (!existsSync(blob)) {
      await fetchPatiently(remote, wanted, `${blob}.incomplete`, options);
      const sha256 = await verify(`${blob}.incomplete`, remote, wanted);
      await rename(`${blob}.incomplete`, blob);
      return sha256;
    }
    options.onBytes(statSync(blob).size);
    return await verify(blob, remote, wanted);
  } finally {
    await release();
  }
}

/** Another process may be downloading the same file: then this one takes what it brought. */
async function waitForLock(blob: string, signal: AbortSignal): Promise<() => Promise<void>> {
  for (;;) {
    throwIfAborted(signal);
    try {
      return await lock(blob, { realpath: false, stale: LOCK_STALE_MS });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ELOCKED") throw error;
      await wait(250, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function fetchPatiently(
  remote: RemoteFile,
  wanted: Wanted,
  partial: string,
  options: DownloadOptions,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchOnce(remote, wanted, partial, options);
    } catch (error) {
      throwIfAborted(options.signal);
      if (error instanceof AppError) throw error;
      if (attempt === TRIES) {
        const { message } = error as Error;
        throw new AppError("model_missing", `${wanted.file} could not be downloaded in ${TRIES} tries: ${message}.`, {
          remedy: "Check the network, HTTPS_PROXY and HF_ENDPOINT, then try again: what is there is kept.",
          cause: error,
        });
      }
      await wait(options.retryDelayMs * 2 ** (attempt - 1), undefined, { signal: options.signal }).catch(
        () => undefined,
      );
    }
  }
}

async function fetchOnce(remote: RemoteFile, wanted: Wanted, partial: string, options: DownloadOptions): Promise<void> {
  const limit = wanted.bytes ?? remote.bytes ?? MAX_FILE_BYTES;
  let have = existsSync(partial) ? statSync(partial).size : 0;
  if (have > limit) {
    await rm(partial);
    have = 0;
  }
  if (have === limit) return;
  const { resumed, body } = await openFile(options.hub, remote, wanted.file, have, options.signal);
  if (!resumed) have = 0; // the server ignored the range
  // Written piece by piece: what has arrived is on disk when the connection breaks.
  const target = await open(partial, resumed ? "a" : "w");
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      have += chunk.length;
      if (have > limit) throw unusable(`${wanted.file} is longer than the ${limit} bytes it should have`);
      await target.write(chunk);
      options.onBytes(have);
    }
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
async function verify(path: string, remote: RemoteFile, wanted: Wanted): Promise<string> {
  const found = await sha256Of(path);
  const expected = wanted.sha256 ?? (remote.etag.length === 64 ? remote.etag : undefined);
  if (expected === undefined || found === expected) return found;
  await rm(path, { force: true });
  throw new AppError("model_failed", `${wanted.file} has sha256 ${found}, expected ${expected}; it was removed.`, {
    remedy: "Try again; if it stays so, the source at HF_ENDPOINT is not the pinned one.",
  });
}
