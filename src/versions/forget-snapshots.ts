/** Snapshots without what is forgotten: each is restored aside, relieved of it, and copied again. */
import type { CollectionPass } from "../core/access.js";
import { backgroundCall, type Call } from "../core/call.js";
import { noSnapshot } from "../core/not-found.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo, SnapshotInfo } from "../core/types.js";
import { type ForgetTarget, findTarget } from "./forget-target.js";
import { removeTarget } from "./forget-version.js";
import { newVersionName } from "./versions.js";

export interface SnapshotRequest {
  readonly snapshot: SnapshotInfo;
  readonly name: string;
  /** As the versions know it; undefined: only snapshots may. */
  readonly target: ForgetTarget | undefined;
}

/** Ends the alias in the name of a copy. */
const COPY = "_forgetting";

/** Whether a version is a copy that one who was killed has left. One that a re-index has made complete is none any more. */
export function isCopy({ name, alias, state }: CollectionInfo): boolean {
  return state === "building" && name.startsWith(`${alias}${COPY}_`);
}

/**
 * The restored copy is an unfinished build: it never serves, and the next run of this, or of a full re-index, drops what
 * one that was killed has left of it. The old snapshot goes when the new one is whole.
 * @returns name of the snapshot that took its place; undefined: it held nothing of the target
 * @throws AppError `store_down` for a snapshot that cannot be read
 */
export async function forgetInSnapshot(
  call: Call,
  store: VectorStore,
  alias: CollectionPass,
  { snapshot, name, target }: SnapshotRequest,
): Promise<string | undefined> {
  const copy = newVersionName(`${alias.name}${COPY}`);
  try {
    await store.restore(call, snapshot.name, copy, { state: "building" });
    const version = await store.describe(call, alias.reaching(copy, "a copy of a snapshot is relieved of documents"));
    if (version === undefined) throw noSnapshot(snapshot.name);
    const found = target ?? (await findTarget(call, store, version, name));
    const removed = found && (await removeTarget(call, store, version, found));
    if (removed === undefined) return undefined;
    await store.scrub(call, copy);
    const made = await store.snapshot(call, copy);
    await store.deleteSnapshot(call, snapshot.name);
    return made.name;
  } finally {
    const cleaning = backgroundCall("the copy of a snapshot is removed though its caller may be gone");
    await store.drop(cleaning, copy).catch(() => undefined);
  }
}
