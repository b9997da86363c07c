/** What forgetting would take out of a collection, and where else the same documents are. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import { noCollection } from "../core/not-found.js";
import type { VectorStore } from "../core/ports.js";
import { pathOf } from "../core/sources.js";
import type { CollectionInfo, SnapshotInfo } from "../core/types.js";
import { documentsOf, type ForgetTarget, findTarget, holds } from "./forget-target.js";
import { listSnapshots } from "./snapshot.js";
import { sourcesOf } from "./sources.js";

/** What would be taken out. */
export interface ForgetPlan {
  /** The alias. */
  readonly collection: string;
  /** Name of the source; absent where no version has anything of the name. */
  readonly source?: string | undefined;
  /** Absent: the whole source. */
  readonly document?: string | undefined;
  /** Names of all sources that the collection has, before anything is forgotten. */
  readonly sources: readonly string[];
  /** Path on the machine that indexed it: while it is there, the next run brings it back. */
  readonly place?: string | undefined;
  /** The one that serves first, with the number of documents that go from each. */
  readonly versions: readonly VersionPart[];
  /** Indexes of evaluations that hold it: they are dropped, and the next evaluation makes them again. */
  readonly evaluations: readonly string[];
  /** Other collections that hold it too: they stay as they are. */
  readonly elsewhere: readonly string[];
  /** Versions that cannot be read: they stay as they are, and may hold it. */
  readonly damaged: readonly string[];
  /** Snapshots of the collection, which may hold it. */
  readonly snapshots: readonly string[];
}

export interface VersionPart {
  readonly name: string;
  readonly serving: boolean;
  readonly documents: number;
}

/** What a plan is made of. */
export interface Surroundings extends Omit<ForgetPlan, "versions" | "source" | "document" | "snapshots"> {
  readonly target: ForgetTarget | undefined;
  /** Those that can be read; the one that serves first. */
  readonly versions: readonly CollectionInfo[];
  readonly snapshots: readonly SnapshotInfo[];
}

/** Changes nothing. @throws AppError `not_found` for the collection, `bad_request` with the candidates */
export async function planForgetting(
  call: Call,
  store: VectorStore,
  pass: CollectionPass,
  name: string,
): Promise<ForgetPlan> {
  const { target, versions, snapshots, ...rest } = await lookAround(call, store, pass, name);
  const parts: VersionPart[] = [];
  for (const { name: version, serving } of target === undefined ? [] : versions) {
    let documents = 0;
    for await (const _ of documentsOf(call, store, version, target as ForgetTarget)) documents++;
    parts.push({ name: version, serving, documents });
  }
  return { ...rest, ...named(target), versions: parts, snapshots: snapshots.map((snapshot) => snapshot.name) };
}

export function named(target: ForgetTarget | undefined): Pick<ForgetPlan, "source" | "document"> {
  return { source: target?.from.name, document: target?.document };
}

/** @throws AppError `not_found`, `conflict` for a collection of something else, `bad_request` with the candidates */
export async function lookAround(
  call: Call,
  store: VectorStore,
  pass: CollectionPass,
  name: string,
): Promise<Surroundings> {
  const collection = pass.name;
  const [all, allSnapshots] = await Promise.all([store.list(call), listSnapshots(call, store)]);
  const own = all.filter(({ alias }) => alias === collection);
  const snapshots = allSnapshots.filter(({ spec }) => spec.alias === collection);
  if (own.length + snapshots.length === 0) await refuseOthers(call, store, pass);
  const damaged = own.filter(({ state }) => state === "damaged").map((info) => info.name);
  const versions = own
    .filter(({ state }) => state !== "damaged")
    .toSorted((a, b) => Number(b.serving) - Number(a.serving));
  const target = await targetIn(call, store, versions, name);
  const [newest] = versions;
  const sources = newest === undefined ? [] : (await sourcesOf(call, store, newest)).map((source) => source.name);
  const others = all.filter(({ alias, state }) => alias !== collection && state !== "damaged");
  const holding = target === undefined ? [] : await thatHold(call, store, others, target);
  const evaluations = holding.filter(isEvaluation).map((info) => info.name);
  const elsewhere = new Set(holding.filter((info) => !isEvaluation(info)).map(({ alias }) => alias));
  const place = target && (await placeOf(call, store, versions, target));
  return { collection, target, versions, snapshots, sources, damaged, evaluations, elsewhere: [...elsewhere], place };
}

/** Its index is a copy, which nothing serves. */
export function isEvaluation({ spec }: CollectionInfo): boolean {
  return spec?.purpose === "evaluation";
}

async function targetIn(
  call: Call,
  store: VectorStore,
  versions: readonly CollectionInfo[],
  name: string,
): Promise<ForgetTarget | undefined> {
  for (const version of versions) {
    const target = await findTarget(call, store, version, name);
    if (target !== undefined) return target;
  }
  return undefined;
}

/** Of those, which hold anything of the target. */
export async function thatHold(
  call: Call,
  store: VectorStore,
  others: readonly CollectionInfo[],
  target: ForgetTarget,
): Promise<CollectionInfo[]> {
  const found: CollectionInfo[] = [];
  for (const info of others) if (await holds(call, store, info.name, target)) found.push(info);
  return found;
}

/** undefined: it is no file. */
async function placeOf(
  call: Call,
  store: VectorStore,
  versions: readonly CollectionInfo[],
  { from, document }: ForgetTarget,
): Promise<string | undefined> {
  if (document === undefined) {
    return pathOf({ ...from, kind: "file" }, { source: from.id, document: "", hash: "", chunker: "", metadata: {} });
  }
  for (const { name } of versions) {
    for await (const { record } of store.scroll(call, name, { source: from.id, document })) return pathOf(from, record);
  }
  return undefined;
}

/** For a name that has no version of ours. @throws AppError that says what it is */
export async function refuseOthers(call: Call, store: VectorStore, pass: CollectionPass): Promise<never> {
  const info = await store.describe(call, pass);
  if (info === undefined) throw noCollection(pass.name);
  if (info.spec === undefined) {
    throw new AppError("conflict", `"${pass.name}" was not made by this program; nothing was changed.`, {
      remedy: "Change it with the tool that made it.",
    });
  }
  throw new AppError("bad_request", `"${pass.name}" is one version of "${info.alias}".`, {
    remedy: `Name the collection itself, "${info.alias}": documents are forgotten in all of its versions.`,
  });
}
