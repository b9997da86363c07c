/** Snapshots of versions: taken of what nobody is changing, found and deleted by their names. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { noCollection, noSnapshot } from "../core/not-found.js";
import type { VectorStore } from "../core/ports.js";
import type { SnapshotInfo } from "../core/types.js";
import { underLease } from "./under-lease.js";

/** @param pass an alias, for what it serves, or a version. @throws AppError `conflict` for one that is not complete */
export async function takeSnapshot(call: Call, store: VectorStore, pass: CollectionPass): Promise<SnapshotInfo> {
  const info = await store.describe(call, pass);
  if (info === undefined) throw noCollection(pass.name);
  if (info.state === "embedding") {
    throw new AppError("conflict", `"${info.name}" is still being embedded: a snapshot would lack vectors.`, {
      remedy: "Take it when the run has ended; if none is under way, run reindex to go on.",
    });
  }
  if (info.state !== "ready") {
    throw new AppError("conflict", `"${info.name}" is ${info.state}: a snapshot of it would be of no use.`, {
      remedy: "Build it anew: run reindex with mode full.",
    });
  }
  const alias = pass.reaching(info.alias, "a version's writer is its alias's");
  return underLease(call, store, alias, (held, own) => own.snapshot(held, info.name));
}

/** Those of the collections that the caller may name, newest first. */
export async function listSnapshots(call: Call, store: VectorStore): Promise<SnapshotInfo[]> {
  return (await store.snapshots(call)).filter(({ spec }) => call.access.allows(spec.alias));
}

/** @throws AppError `not_found` */
export async function findSnapshot(call: Call, store: VectorStore, name: string): Promise<SnapshotInfo> {
  const info = (await listSnapshots(call, store)).find((snapshot) => snapshot.name === name);
  if (info === undefined) throw noSnapshot(name);
  return info;
}

/** @throws AppError `not_found` */
export async function deleteSnapshot(call: Call, store: VectorStore, name: string): Promise<void> {
  await findSnapshot(call, store, name);
  if (!(await store.deleteSnapshot(call, name))) throw noSnapshot(name);
}
