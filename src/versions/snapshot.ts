/** Copies of versions: taken of what nobody is changing, found and deleted by their names. */
import { AppError } from "../core/errors.js";
import { noCollection, noSnapshot } from "../core/not-found.js";
import type { VectorStore } from "../core/ports.js";
import type { SnapshotInfo } from "../core/types.js";
import { underLease } from "./under-lease.js";

/** @param name an alias, for what it serves, or a version. @throws AppError `conflict` for one that is not complete */
export async function takeSnapshot(store: VectorStore, name: string): Promise<SnapshotInfo> {
  const info = await store.describe(name);
  if (info === undefined) throw noCollection(name);
  if (info.state !== "ready") {
    throw new AppError("conflict", `"${info.name}" is ${info.state}: a snapshot of it would be of no use.`, {
      remedy: "Build it anew: run reindex with mode full.",
    });
  }
  return underLease(store, info.alias, () => store.snapshot(info.name));
}

/** @throws AppError `not_found` */
export async function findSnapshot(store: VectorStore, name: string): Promise<SnapshotInfo> {
  const info = (await store.snapshots()).find((snapshot) => snapshot.name === name);
  if (info === undefined) throw noSnapshot(name);
  return info;
}

/** @throws AppError `not_found` */
export async function deleteSnapshot(store: VectorStore, name: string): Promise<void> {
  if (!(await store.deleteSnapshot(name))) throw noSnapshot(name);
}
