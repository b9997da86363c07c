/** What an operator does with collections and snapshots. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import type { Embedder, VectorStore } from "../core/ports.js";
import type { CollectionInfo, SnapshotInfo } from "../core/types.js";
import { ANALYSER_VERSION } from "../text/analyser.js";
import { type DroppedCollection, dropCollection } from "../versions/drop-collection.js";
import { type ForgetRequest, type Forgot, forget } from "../versions/forget.js";
import { type ForgetPlan, planForgetting } from "../versions/forget-plan.js";
import { type Restored, restoreSnapshot } from "../versions/restore.js";
import { rollback } from "../versions/rollback.js";
import { deleteSnapshot, listSnapshots, takeSnapshot } from "../versions/snapshot.js";
import { dropVersion, listVersions, versionsOf } from "../versions/versions.js";

export interface Admin {
  /** All versions of the collections that the caller may name, newest first. */
  collections(call: Call): Promise<CollectionInfo[]>;
  /** Versions of an alias, or the one version of that name. @throws AppError `not_found` */
  versions(call: Call, collection: CollectionPass): Promise<CollectionInfo[]>;
  /** undefined: absent. */
  describe(call: Call, collection: CollectionPass): Promise<CollectionInfo | undefined>;
  /** Drops a version that no alias serves. */
  drop(call: Call, version: CollectionPass): Promise<void>;
  /** Drops an alias with all of its versions, the serving one too. */
  dropCollection(
    call: Call,
    alias: CollectionPass,
    options: { readonly snapshots: boolean },
  ): Promise<DroppedCollection>;
  /** What forgetting a source or document would take out. Changes nothing. */
  planForgetting(call: Call, alias: CollectionPass, name: string): Promise<ForgetPlan>;
  forget(call: Call, alias: CollectionPass, request: ForgetRequest): Promise<Forgot>;
  rollback(call: Call, alias: CollectionPass, to?: string): Promise<{ from: string; to: string }>;
  /** Newest first. */
  snapshots(call: Call): Promise<SnapshotInfo[]>;
  /** @param collection an alias, for what it serves, or a version */
  snapshot(call: Call, collection: CollectionPass): Promise<SnapshotInfo>;
  /** Makes a verified version of a snapshot, which serves at once when that is asked for. */
  restore(call: Call, snapshot: string, options: { readonly serve: boolean }): Promise<Restored>;
  deleteSnapshot(call: Call, snapshot: string): Promise<void>;
}

/** @param embedder the configured one, as it is now */
export function createAdmin(store: VectorStore, embedder: () => Embedder): Admin {
  return {
    collections: (call) => listVersions(call, store),
    versions: (call, collection) => versionsOf(call, store, collection),
    describe: (call, collection) => store.describe(call, collection),
    drop: (call, version) => dropVersion(call, store, version),
    dropCollection: (call, alias, options) => dropCollection(call, store, alias, options),
    planForgetting: (call, alias, name) => planForgetting(call, store, alias, name),
    forget: (call, alias, request) => forget(call, store, alias, request),
    rollback: (call, alias, to) => rollback(call, store, alias, to),
    snapshots: (call) => listSnapshots(call, store),
    snapshot: (call, collection) => takeSnapshot(call, store, collection),
    restore: (call, snapshot, options) =>
      restoreSnapshot(call, { store, embedder: embedder(), analyser: ANALYSER_VERSION }, snapshot, options),
    deleteSnapshot: (call, snapshot) => deleteSnapshot(call, store, snapshot),
  };
}
