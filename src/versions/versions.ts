/** The versions of an alias: which one is changed, which build goes on, which are kept, which may be dropped. */
import { randomBytes } from "node:crypto";
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { fitsSpec } from "../core/fingerprint.js";
import { noCollection } from "../core/not-found.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo, CollectionSpec } from "../core/types.js";
import { rollbackOrder, shortenHistory } from "./history.js";
import { underLease } from "./under-lease.js";

/** Complete versions kept for rollback, the serving one included. */
const VERSIONS_KEPT = 3;

/** The version an incremental run changes: the serving one, whole or not yet, else the newest complete one that fits the model. */
export async function newestFitting(
  call: Call,
  store: VectorStore,
  alias: CollectionPass,
  spec: CollectionSpec,
): Promise<CollectionInfo | undefined> {
  const fitting = (await store.versions(call, alias)).filter(
    ({ state, serving, spec: own }) => (state === "ready" || (state === "embedding" && serving)) && fitsSpec(own, spec),
  );
  return fitting.find((info) => info.serving) ?? fitting[0];
}

/** An interrupted build for the same model goes on where it stopped; others of this alias are abandoned. */
export async function resumeOrCreate(
  call: Call,
  store: VectorStore,
  { alias, spec, current }: { alias: CollectionPass; spec: CollectionSpec; current: CollectionInfo | undefined },
): Promise<string> {
  const versions = await store.versions(call, alias);
  const building = versions.filter(
    ({ state, name }) => (state === "building" || state === "embedding") && name !== current?.name,
  );
  const resumable = building.find((info) => fitsSpec(info.spec, spec));
  for (const info of building) if (info !== resumable) await store.drop(call, info.name);
  if (resumable !== undefined) return resumable.name;
  const name = newVersionName(spec.alias);
  await store.create(call, name, spec);
  return name;
}

/** Sorts by time; two processes may make one in the same second. */
export function newVersionName(alias: string): string {
  const stamp = new Date().toISOString().replace(/[-:]|\..*$/g, "");
  return `${alias}_${stamp}_${randomBytes(3).toString("hex")}`;
}

/**
 * Keeps what serves, what rollbacks would go to before others, and what was made later: restored, or left by a rollback.
 * What served by its words and was replaced before it was whole goes.
 */
export async function dropOldVersions(call: Call, store: VectorStore, alias: CollectionPass): Promise<void> {
  const versions = await store.versions(call, alias);
  const current = versions.find((info) => info.serving);
  if (current === undefined) return;
  const order = rollbackOrder(versions, await shortenHistory(call, store, alias.name), current);
  const ready = versions.filter(({ state }) => state === "ready");
  const kept = [...new Set([current, ...order, ...ready])].slice(0, VERSIONS_KEPT);
  const old = ready.filter((info) => !kept.includes(info) && info.createdAt <= current.createdAt);
  const abandoned = versions.filter(({ state, serving }) => state === "embedding" && !serving);
  for (const info of [...old, ...abandoned]) await store.drop(call, info.name);
}

/** Every version of the collections that the caller may name, newest first. */
export async function listVersions(call: Call, store: VectorStore): Promise<CollectionInfo[]> {
  return (await store.list(call)).filter(({ alias }) => call.access.allows(alias));
}

/** All versions of an alias, newest first; of a version's own name only that one. @throws AppError `not_found` */
export async function versionsOf(call: Call, store: VectorStore, pass: CollectionPass): Promise<CollectionInfo[]> {
  const versions = await store.versions(call, pass);
  if (versions.length > 0) return versions;
  const info = await store.describe(call, pass);
  if (info === undefined) throw noCollection(pass.name);
  return [info];
}

/** @throws AppError `conflict` for what is served, is being written, or was made by something else; `not_found` */
export async function dropVersion(call: Call, store: VectorStore, pass: CollectionPass): Promise<void> {
  const { name } = pass;
  const info = await store.describe(call, pass);
  if (info === undefined) throw noCollection(name);
  if (info.serving) {
    const what = info.name === name ? "is being served" : `serves ${info.name}`;
    throw new AppError("conflict", `"${name}" ${what}; it was not dropped.`, {
      remedy: `Serve another version first (aura-retrieval rollback ${info.alias} --to <version>), then drop this one by its own name.`,
    });
  }
  if (info.spec === undefined) {
    throw new AppError("conflict", `"${name}" was not made by this program; it was not dropped.`, {
      remedy: "Drop it with the tool that made it.",
    });
  }
  const alias = pass.reaching(info.alias, "a version's writer is its alias's");
  await underLease(call, store, alias, (held, own) => own.drop(held, info.name));
}

/** Indexes of evaluations, by their names: the next evaluation makes them again where it may. */
export async function dropEvaluations(
  call: Call,
  store: VectorStore,
  alias: CollectionPass,
  names: readonly string[],
): Promise<void> {
  for (const name of names) {
    await dropVersion(call, store, alias.reaching(name, "an evaluation's index is a copy, made again by the next one"));
  }
}
