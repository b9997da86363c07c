/** What an operator does with collections and snapshots, on the composed store. */
import type { Embedder, VectorStore } from "../core/ports.js";
import type { CollectionInfo, SnapshotInfo } from "../core/types.js";
import { ANALYSER_VERSION } from "../text/analyser.js";
import { type Restored, restoreSnapshot } from "../versions/restore.js";
import { rollback } from "../versions/rollback.js";
import { deleteSnapshot, takeSnapshot } from "../versions/snapshot.js";
import { dropVersion, versionsOf } from "../versions/versions.js";

export interface Admin {
  /** All collections, newest first; only those of a name (an alias or a version) when given. */
  collections(name?: string): Promise<CollectionInfo[]>;
  /** A collection by its name or alias; undefined = absent. */
  describe(name: string): Promise<CollectionInfo | undefined>;
  /** Drops a version that no alias serves. */
  drop(version: string): Promise<void>;
  rollback(alias: string, to?: string): Promise<{ from: string; to: string }>;
  /** Newest first. */
  snapshots(): Promise<SnapshotInfo[]>;
  /** @param name an alias, for what it serves, or a version */
  snapshot(name: string): Promise<SnapshotInfo>;
  /** Makes a verified version of a snapshot, which serves at once when that is asked for. */
  restore(snapshot: string, options: { readonly serve: boolean }, signal: AbortSignal): Promise<Restored>;
  deleteSnapshot(snapshot: string): Promise<void>;
}

export function createAdmin(store: VectorStore, embedder: Embedder): Admin {
  return {
    collections: (name) => (name === undefined ? store.list() : versionsOf(store, name)),
    describe: (name) => store.describe(name),
    drop: (version) => dropVersion(store, version),
    rollback: (alias, to) => rollback(store, alias, to),
    snapshots: () => store.snapshots(),
    snapshot: (name) => takeSnapshot(store, name),
    restore: (snapshot, options, signal) =>
      restoreSnapshot({ store, embedder, analyser: ANALYSER_VERSION }, snapshot, options, signal),
    deleteSnapshot: (snapshot) => deleteSnapshot(store, snapshot),
  };
}
