/** A collection goes whole: every version, the one that serves last and together with the name that it serves under. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo } from "../core/types.js";
import { clearJobs } from "./forget-jobs.js";
import { isEvaluation, refuseOthers, thatHold } from "./forget-plan.js";
import { deleteHistory } from "./history.js";
import { listSnapshots } from "./snapshot.js";
import { sourcesOf } from "./sources.js";
import { underLease } from "./under-lease.js";
import { dropEvaluations } from "./versions.js";

export interface DroppedCollection {
  readonly versions: readonly string[];
  /** Indexes of evaluations that held documents of its sources. */
  readonly evaluations: readonly string[];
  /** Of the collection's snapshots: those that went too, and those that stay. */
  readonly deletedSnapshots: readonly string[];
  readonly snapshots: readonly string[];
}

/**
 * What serves goes on serving until the rest is gone: whoever is killed in the middle has lost none of it, and calls
 * again.
 * @throws AppError `not_found`, `conflict` naming who writes, or for what something else made
 */
export async function dropCollection(
  call: Call,
  store: VectorStore,
  alias: CollectionPass,
  options: { readonly snapshots: boolean },
): Promise<DroppedCollection> {
  const copies = (await listSnapshots(call, store)).filter(({ spec }) => spec.alias === alias.name);
  const snapshots = copies.map(({ name }) => name);
  const isThere = (await store.versions(call, alias)).length > 0 || (options.snapshots && snapshots.length > 0);
  if (!isThere) {
    await store.scrub(call); // what one that was killed has left
    await refuseOthers(call, store, alias);
  }
  return underLease(call, store, alias, async (held, own) => {
    const versions = (await store.versions(held, alias)).toSorted((a, b) => Number(a.serving) - Number(b.serving));
    const evaluations = await evaluationsOf(held, store, alias, versions);
    await dropEvaluations(held, store, alias, evaluations);
    for (const { name } of versions) await own.drop(held, name, { serving: true });
    if (options.snapshots) for (const name of snapshots) await store.deleteSnapshot(held, name);
    await clearJobs(held, store, alias.name);
    await deleteHistory(held, store, alias.name);
    await store.scrub(held);
    return {
      versions: versions.map(({ name }) => name),
      evaluations,
      deletedSnapshots: options.snapshots ? snapshots : [],
      snapshots: options.snapshots ? [] : snapshots,
    };
  });
}

/** Names of the indexes of evaluations that hold documents of its sources. */
async function evaluationsOf(
  call: Call,
  store: VectorStore,
  alias: CollectionPass,
  versions: readonly CollectionInfo[],
): Promise<string[]> {
  const readable = versions.findLast(({ state }) => state !== "damaged");
  const indexes = (await store.list(call)).filter((info) => isEvaluation(info) && info.alias !== alias.name);
  if (readable === undefined || indexes.length === 0) return [];
  const found = new Set<string>();
  for (const from of await sourcesOf(call, store, readable)) {
    const left = indexes.filter(({ name }) => !found.has(name));
    for (const { name } of await thatHold(call, store, left, { from })) found.add(name);
  }
  return [...found];
}
