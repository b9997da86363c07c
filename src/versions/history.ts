/** Which version of an alias served when, and why: what `rollback` goes back by. */
import { randomBytes } from "node:crypto";
import type { Call } from "../core/call.js";
import { laterThanBefore } from "../core/later.js";
import type { VectorStore } from "../core/ports.js";
import type { CollectionInfo } from "../core/types.js";

/** Of one alias; older ones are deleted. */
const ENTRIES_KEPT = 50;

/** One switch of an alias. */
export interface Serving {
  /** What began to serve. */
  readonly version: string;
  /** What served until then. */
  readonly previous?: string | undefined;
  /** ISO 8601. */
  readonly at: string;
  readonly why: "index" | "rollback" | "restore";
}

/** Oldest first. */
export async function servingHistory(call: Call, store: VectorStore, alias: string): Promise<Serving[]> {
  return (await entriesOf(call, store, alias)).map(({ record }) => record);
}

/** Deletes the oldest entries. @returns those that are kept, oldest first */
export async function shortenHistory(call: Call, store: VectorStore, alias: string): Promise<Serving[]> {
  const entries = await entriesOf(call, store, alias);
  for (const { key } of entries.slice(0, -ENTRIES_KEPT)) await store.records.delete(call, "serving", key);
  return entries.slice(-ENTRIES_KEPT).map(({ record }) => record);
}

/** Of an alias that is dropped: a later one of its name has none of them. */
export async function deleteHistory(call: Call, store: VectorStore, alias: string): Promise<void> {
  for (const { key } of await entriesOf(call, store, alias)) await store.records.delete(call, "serving", key);
}

/** @returns takes the entry back, for a switch that was refused */
export async function recordServing(
  call: Call,
  store: VectorStore,
  alias: string,
  entry: Omit<Serving, "at">,
): Promise<() => Promise<void>> {
  // Keys sort by time; two processes may write at one moment.
  const at = laterThanBefore();
  const key = `${alias}:${at}:${randomBytes(3).toString("hex")}`;
  await store.records.put(call, "serving", { key, record: { ...entry, at } });
  return () => store.records.delete(call, "serving", key);
}

async function entriesOf(call: Call, store: VectorStore, alias: string): Promise<{ key: string; record: Serving }[]> {
  const all = (await store.records.list(call, "serving")) as { key: string; record: Serving }[];
  // A name has no colon.
  return all.filter(({ key }) => key.startsWith(`${alias}:`));
}

/**
 * Where one rollback after another would go, from what serves now: to what served before, latest first, without what a
 * rollback has left; then to what is older than all of that, which served before there was a history.
 * @param versions newest first
 */
export function rollbackOrder(
  versions: readonly CollectionInfo[],
  history: readonly Serving[],
  current: CollectionInfo,
): CollectionInfo[] {
  const left = leftByRollback(history);
  const complete = versions.filter(
    ({ name, state, spec }) =>
      name !== current.name && state === "ready" && !left.has(name) && spec?.purpose !== "evaluation",
  );
  const served = history.flatMap(({ previous, version }) => [previous, version]).reverse();
  const before = [...new Set(served)].flatMap((name) => complete.find((info) => info.name === name) ?? []);
  const first = [current, ...before].map(({ createdAt }) => createdAt).concat(history[0]?.at ?? []);
  const oldest = first.reduce((a, b) => (a < b ? a : b));
  return [...before, ...complete.filter(({ createdAt }) => createdAt < oldest)];
}

/** Going on to what was left takes that rollback back. */
function leftByRollback(history: readonly Serving[]): Set<string> {
  const left = new Set<string>();
  for (const { version, previous, why } of history) {
    const isBack = why === "rollback" && !left.has(version);
    left.delete(version);
    if (previous === undefined) continue;
    if (isBack) left.add(previous);
    else left.delete(previous); // it served until now, whatever a rollback before had meant to do
  }
  return left;
}
