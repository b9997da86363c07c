/** Copies of a collection, in one file each. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, renameSync, statSync } from "node:fs";
import { copyFile, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import type { SnapshotRecord } from "../../core/ledger.js";
import type { IndexCopy } from "../../core/passage-index.js";
import type { Job } from "../../process/serve.js";
import { type Files, removeFiles, type Written } from "./files.js";
import { assertHolds } from "./ledger.js";
import { rowInThread } from "./row-in-thread.js";
import { temporaryFor } from "./temporary-files.js";
import { damaged, translate } from "./translate.js";

export async function copyOut(job: Job, files: Files, collection: string, snapshot: string): Promise<IndexCopy> {
  const source = files.use(collection);
  const file = fileOf(files, snapshot);
  const temporary = temporaryFor(file);
  return await onDisk(file, temporary, async () => {
    await job.during(copyInto(temporary, source.db.file));
    await job.breathe();
    const copy = { ...countsOf(temporary), bytes: statSync(temporary).size, sha256: await checksum(job, temporary) };
    await job.during(sync(temporary, "r+"));
    await moveIntoPlace(temporary, file);
    return copy;
  });
}

async function copyInto(copy: string, file: string): Promise<void> {
  try {
    await rowInThread(file, "VACUUM INTO ?", [copy]);
  } catch (error) {
    throw translate(error, file);
  }
}

export async function copyIn(
  job: Job,
  files: Files,
  { snapshot: { info }, collection, fence }: Written & { readonly snapshot: SnapshotRecord },
): Promise<void> {
  const { db } = files.catalog;
  const file = fileOf(files, info.name);
  const target = files.file(collection);
  const temporary = temporaryFor(target);
  await onDisk(file, temporary, async () => {
    await job.during(copyFile(file, temporary));
    if ((await checksum(job, temporary)) !== info.sha256) throw damaged(file, "its checksum is not the recorded one");
    await job.during(assertWhole(temporary, file));
    await job.during(sync(temporary, "r+"));
    // In a transaction of the catalogue, so that whoever lost the lease brings nothing back.
    await db.write(job, async () => {
      assertHolds(db, fence);
      removeFiles(target);
      await moveIntoPlace(temporary, target);
    });
  });
}

export function deleteCopy(files: Files, { info }: SnapshotRecord): void {
  removeFiles(fileOf(files, info.name));
}

async function assertWhole(copy: string, file: string): Promise<void> {
  const row = await rowInThread<{ integrity_check: string }>(copy, "PRAGMA integrity_check");
  if (row?.integrity_check !== "ok") throw damaged(file, String(row?.integrity_check));
}

function countsOf(file: string): Pick<IndexCopy, "points" | "documents"> {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db.prepare("SELECT points, documents FROM about").get() as Pick<IndexCopy, "points" | "documents">;
  } finally {
    db.close();
  }
}

function fileOf({ catalog }: Files, snapshot: string): string {
  return join(catalog.folder, "snapshots", `${snapshot}.db`);
}

/** Of a file whose every byte is on the disk: the name must not appear before. */
async function moveIntoPlace(temporary: string, file: string): Promise<void> {
  renameSync(temporary, file);
  if (process.platform !== "win32") await sync(dirname(file), "r");
}

async function sync(path: string, flags: string): Promise<void> {
  const handle = await open(path, flags);
  await handle.sync().finally(() => handle.close());
}

async function checksum(job: Job, file: string): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(1 << 20);
  const descriptor = openSync(file, "r");
  try {
    for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
      hash.update(buffer.subarray(0, read));
      await job.breathe();
    }
  } finally {
    closeSync(descriptor);
  }
  return hash.digest("hex");
}

/** @param temporary of which nothing stays, whatever happens */
async function onDisk<T>(file: string, temporary: string, work: () => Promise<T>): Promise<T> {
  try {
    removeFiles(temporary);
    return await work();
  } catch (error) {
    throw translate(error, file);
  } finally {
    removeFiles(temporary);
  }
}
