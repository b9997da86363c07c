/** A whole model from the Hub into the shared cache: what is there is verified, what is missing downloaded. */

import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { makeFolder } from "../files/make-folder.js";
import { downloadBlob, type Wanted } from "./download.js";
import { describeFile, type Hub, type RemoteFile } from "./hub.js";
import { linkBlob, recordMain, repositoryFolder, snapshotFile } from "./hub-cache.js";
import type { FirstUsePins } from "./pins.js";

/** Left free on the disk. */
const SPARE_BYTES = 64 * 1024 ** 2;

export interface PullOptions {
  readonly hub: Hub;
  /** `.../hub` */
  readonly cache: string;
  readonly pins: FirstUsePins;
  readonly onProgress?: (done: number, total: number) => void;
  /** A file that the catalogue does not pin was seen for the first time. */
  readonly onFirstPin?: (file: string, sha256: string) => void;
}

/** @throws AppError `model_missing`, `model_failed`, `cancelled` */
export async function pullModel(
  call: Call,
  model: { readonly id: string; readonly revision?: string | undefined },
  files: readonly Wanted[],
  options: PullOptions,
): Promise<void> {
  const { hub, cache, pins } = options;
  const repository = { id: model.id, revision: model.revision ?? "main" };
  const pinned = files.map((wanted) => ({ ...wanted, sha256: wanted.sha256 ?? pins.get(model.id, wanted.file) }));
  const remotes: RemoteFile[] = [];
  for (const { file } of pinned) remotes.push(await describeFile(hub, repository, file, call.signal));
  const sizes = pinned.map((wanted, i) => wanted.bytes ?? remotes[i]?.bytes ?? 0);
  const total = sizes.reduce((sum, bytes) => sum + bytes, 0);
  await checkSpace(cache, total, model.id);
  let before = 0;
  for (const [i, wanted] of pinned.entries()) {
    const remote = remotes[i] as RemoteFile;
    const blob = join(repositoryFolder(cache, model.id), "blobs", remote.etag);
    const sha256 = await downloadBlob(call, remote, wanted, {
      blob,
      hub,
      onBytes: (bytes) => options.onProgress?.(before + bytes, total),
    });
    if (wanted.sha256 === undefined) {
      pins.set(model.id, wanted.file, sha256);
      options.onFirstPin?.(wanted.file, sha256);
    }
    const commit = model.revision ?? remote.commit;
    if (commit === undefined) {
      throw new AppError("model_missing", `${hub.endpoint} does not say which commit of ${model.id} it serves.`, {
        remedy: "Use an HF_ENDPOINT that sends x-repo-commit.",
      });
    }
    await linkBlob(blob, snapshotFile(cache, model.id, commit, wanted.file));
    await recordMain(cache, model.id, commit);
    before += sizes[i] as number;
  }
}

async function checkSpace(cache: string, bytes: number, id: string): Promise<void> {
  await makeFolder(cache);
  const { bavail, bsize } = await statfs(cache);
  const free = bavail * bsize;
  if (free >= bytes + SPARE_BYTES) return;
  const megabytes = (value: number) => Math.round(value / 1e6);
  throw new AppError("model_missing", `${id} needs ${megabytes(bytes)} MB, ${cache} has ${megabytes(free)} MB free.`, {
    remedy: "Free some space, or set HF_HUB_CACHE to another disk.",
  });
}
