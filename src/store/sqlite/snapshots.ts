/** Copies of a collection in one file each, listed in the catalogue with their checksum. */
import { createHash } from "node:crypto";
import { closeSync, copyFileSync, fsyncSync, openSync, readSync, renameSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { AppError } from "../../core/errors.js";
import type { CollectionSpec, SnapshotInfo } from "../../core/types.js";
import { checkName } from "../names.js";
import { type Collections, removeFiles } from "./collections.js";
import { damaged, translate } from "./translate.js";

const SNAPSHOT = "SELECT name, collection, bytes, sha256, created_at AS createdAt FROM snapshots";

/** @param name of the caller's making, so that the same request, sent again, is known */
export function takeSnapshot(collections: Collections, collection: string, name: string): SnapshotInfo {
  const { db: catalog } = collections.catalog;
  const done = catalog.get<SnapshotInfo>(`${SNAPSHOT} WHERE name = ?`, name);
  if (done !== undefined) return done;
  const source = collections.use(collection);
  const file = snapshotFile(collections, name);
  const temporary = `${file}.tmp`;
  return onDisk(file, () => {
    removeFiles(temporary);
    source.db.run("VACUUM INTO ?", temporary);
    moveIntoPlace(temporary, file);
    const info: SnapshotInfo = {
      name,
      collection: source.name,
      bytes: statSync(file).size,
      sha256: checksum(file),
      createdAt: new Date().toISOString(),
    };
    catalog.run(
      "INSERT INTO snapshots (name, collection, bytes, sha256, created_at) VALUES (?, ?, ?, ?, ?)",
      info.name,
      info.collection,
      info.bytes,
      info.sha256,
      info.createdAt,
    );
    return info;
  });
}

/** Newest first. */
export function listSnapshots(collections: Collections): SnapshotInfo[] {
  return collections.catalog.db.all<SnapshotInfo>(`${SNAPSHOT} ORDER BY created_at DESC, rowid DESC`);
}

export function restoreSnapshot(collections: Collections, snapshot: string, collection: string, uid: string): void {
  checkName("collection", collection);
  const { catalog } = collections;
  if (catalog.find(collection)?.uid === uid) return;
  catalog.assertFree(collection);
  const info = catalog.db.get<SnapshotInfo>(`${SNAPSHOT} WHERE name = ?`, snapshot);
  if (info === undefined) {
    throw new AppError("not_found", `There is no snapshot "${snapshot}".`, { remedy: "List the snapshots there are." });
  }
  const file = snapshotFile(collections, snapshot);
  const target = collections.file(collection);
  const temporary = `${target}.${uid}.tmp`;
  onDisk(file, () => {
    try {
      copyFileSync(file, temporary);
      if (checksum(temporary) !== info.sha256) throw damaged(file, "its checksum is not the recorded one");
      const spec = verified(temporary, file);
      catalog.db.write(() => {
        catalog.add({ name: collection, uid, spec, state: "ready" });
        removeFiles(target);
        moveIntoPlace(temporary, target);
      });
    } finally {
      removeFiles(temporary);
    }
  });
}

/** Returns what the collection was made with. */
function verified(copy: string, file: string): CollectionSpec {
  const db = new DatabaseSync(copy, { readOnly: true });
  try {
    const { integrity_check: verdict } = db.prepare("PRAGMA integrity_check").get() as { integrity_check: string };
    if (verdict !== "ok") throw damaged(file, verdict);
    return JSON.parse((db.prepare("SELECT spec FROM about").get() as { spec: string }).spec) as CollectionSpec;
  } finally {
    db.close();
  }
}

function snapshotFile(collections: Collections, name: string): string {
  return join(collections.catalog.folder, "snapshots", `${name}.db`);
}

/** The name appears only when every byte is on the disk. */
function moveIntoPlace(temporary: string, file: string): void {
  sync(temporary, "r+");
  renameSync(temporary, file);
  if (process.platform !== "win32") sync(dirname(file), "r");
}

function sync(path: string, flags: string): void {
  const descriptor = openSync(path, flags);
  fsyncSync(descriptor);
  closeSync(descriptor);
}

function checksum(file: string): string {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(1 << 20);
  const descriptor = openSync(file, "r");
  for (let read = readSync(descriptor, buffer); read > 0; read = readSync(descriptor, buffer)) {
    hash.update(buffer.subarray(0, read));
  }
  closeSync(descriptor);
  return hash.digest("hex");
}

function onDisk<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw translate(error, file);
  }
}
