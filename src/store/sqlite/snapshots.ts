/** Copies of a collection in one file each, listed in the catalogue with their checksum. */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, renameSync, statSync } from "node:fs";
import { copyFile, open } from "node:fs/promises";
import { dirname, join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { noSnapshot } from "../../core/not-found.js";
import type { CollectionSpec, SnapshotInfo } from "../../core/types.js";
import type { Job } from "../../process/serve.js";
import { checkText } from "../check-text.js";
import { checkName } from "../names.js";
import { type Collections, type NewCollection, removeFiles } from "./collections.js";
import { assertHolds } from "./leases.js";
import { rowInThread } from "./row-in-thread.js";
import { temporaryFor } from "./temporary-files.js";
import { damaged, translate } from "./translate.js";

const SNAPSHOT =
  "SELECT name, collection, spec, points, documents, bytes, sha256, created_at AS createdAt FROM snapshots";

type Row = Omit<SnapshotInfo, "spec"> & { readonly spec: string };

/** @param name of the caller's making, so that the same request, sent again, is known */
export async function takeSnapshot(
  job: Job,
  collections: Collections,
  collection: string,
  name: string,
): Promise<SnapshotInfo> {
  const done = find(collections, name);
  if (done !== undefined) return done;
  const source = collections.use(collection);
  const file = snapshotFile(collections, name);
  const temporary = temporaryFor(file);
  return await onDisk(file, temporary, async () => {
    await job.during(copyInto(temporary, source.db.file));
    await job.breathe();
    const info: SnapshotInfo = {
      name,
      collection: source.name,
      ...aboutOf(temporary),
      bytes: statSync(temporary).size,
      sha256: await checksum(job, temporary),
      createdAt: new Date().toISOString(),
    };
    await job.during(sync(temporary, "r+"));
    // In one step: a file that is not listed would be swept.
    await collections.catalog.db.write(job, async () => {
      await moveIntoPlace(temporary, file);
      record(collections, info);
    });
    return info;
  });
}

async function copyInto(copy: string, file: string): Promise<void> {
  try {
    await rowInThread(file, "VACUUM INTO ?", [copy]);
  } catch (error) {
    throw translate(error, file);
  }
}

function record(collections: Collections, info: SnapshotInfo): void {
  collections.catalog.db.run(
    "INSERT INTO snapshots (name, collection, spec, points, documents, bytes, sha256, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    info.name,
    info.collection,
    JSON.stringify(info.spec),
    info.points,
    info.documents,
    info.bytes,
    info.sha256,
    info.createdAt,
  );
}

/** Newest first. */
export function listSnapshots(collections: Collections): SnapshotInfo[] {
  return collections.catalog.db.all<Row>(`${SNAPSHOT} ORDER BY created_at DESC, rowid DESC`).map(toInfo);
}

export type Restore = Omit<NewCollection, "spec"> & {
  readonly snapshot: string;
  readonly state?: "building" | "ready" | undefined;
};

/** @param ask with a uid of the caller's making, so that the same request, sent again, is known */
export async function restoreSnapshot(
  job: Job,
  collections: Collections,
  { snapshot, collection, uid, state = "ready", fence }: Restore,
): Promise<void> {
  checkName("collection", collection);
  const { catalog } = collections;
  if (catalog.find(collection)?.uid === uid) return;
  catalog.assertFree(collection);
  const info = find(collections, snapshot);
  if (info === undefined) throw noSnapshot(snapshot);
  const file = snapshotFile(collections, snapshot);
  const target = collections.file(collection);
  const temporary = temporaryFor(target);
  await onDisk(file, temporary, async () => {
    await job.during(copyFile(file, temporary));
    if ((await checksum(job, temporary)) !== info.sha256) throw damaged(file, "its checksum is not the recorded one");
    await job.during(assertWhole(temporary, file));
    await job.during(sync(temporary, "r+"));
    await catalog.db.write(job, async () => {
      assertHolds(catalog.db, fence);
      catalog.add({ name: collection, uid, spec: aboutOf(temporary).spec, state });
      removeFiles(target);
      await moveIntoPlace(temporary, target);
    });
  });
}

/** The file first: a snapshot that is listed without one would be deleted again, one that is not listed never. */
export function deleteSnapshot(collections: Collections, snapshot: string): boolean {
  if (find(collections, snapshot) === undefined) return false;
  removeFiles(snapshotFile(collections, snapshot));
  collections.catalog.db.run("DELETE FROM snapshots WHERE name = ?", snapshot);
  return true;
}

function find(collections: Collections, snapshot: string): SnapshotInfo | undefined {
  checkText("name of a snapshot", [snapshot]);
  const row = collections.catalog.db.get<Row>(`${SNAPSHOT} WHERE name = ?`, snapshot);
  return row && toInfo(row);
}

function toInfo(row: Row): SnapshotInfo {
  return { ...row, spec: JSON.parse(row.spec) as CollectionSpec };
}

async function assertWhole(copy: string, file: string): Promise<void> {
  const row = await rowInThread<{ integrity_check: string }>(copy, "PRAGMA integrity_check");
  if (row?.integrity_check !== "ok") throw damaged(file, String(row?.integrity_check));
}

/** What a collection's file says of itself. */
function aboutOf(file: string): Pick<SnapshotInfo, "spec" | "points" | "documents"> {
  const about = readRow<{ spec: string; points: number; documents: number }>(
    file,
    "SELECT spec, points, documents FROM about",
  );
  return { ...about, spec: JSON.parse(about.spec) as CollectionSpec };
}

function readRow<T>(file: string, sql: string): T {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return db.prepare(sql).get() as T;
  } finally {
    db.close();
  }
}

function snapshotFile(collections: Collections, name: string): string {
  return join(collections.catalog.folder, "snapshots", `${name}.db`);
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
