/** The ledger on a server: records in the book, names as aliases, leases by what only one of many can make. */
import type { Call } from "../../core/call.js";
import { AppError, toAppError } from "../../core/errors.js";
import type { Ledger, Naming, OwnRecordKind, RecordKind, Switched, SwitchTerms } from "../../core/ledger.js";
import { noCollection } from "../../core/not-found.js";
import { isServing, servesAnother } from "../owners.js";
import { type AliasAction, allAliases, changeAliases, OURS, servedAliases } from "./aliases.js";
import { BOOK } from "./book.js";
import { type LedgerParts, leasesIn } from "./lease.js";

/** As they are called in books of every version. */
const KINDS: Readonly<Record<RecordKind | OwnRecordKind, string>> = {
  collection: "collection",
  snapshot: "snapshot",
  job: "job",
  cancellation: "record_cancellation",
  serving: "record_serving",
};

export function ledgerIn(parts: LedgerParts, naming: Naming): Ledger {
  const { requests, book, fences } = parts;
  const ledger: Ledger = {
    leases: leasesIn(parts),
    naming,
    reservedPrefix: OURS,
    get: (call, kind, key) => book.find(call, KINDS[kind], key),
    async put(call, kind, { key: name, record: entry }, fence) {
      await book.open(call);
      await fences.under(call, fence, BOOK, (at) => book.put(call, KINDS[kind], { name, entry }, at));
    },
    async list(call, kind) {
      const found = await book.list(call, KINDS[kind]);
      return found.map(({ name: key, entry: record }) => ({ key, record })).sort((a, b) => (a.key < b.key ? -1 : 1));
    },
    delete: (call, kind, key) => book.remove(call, KINDS[kind], key),
    aliases: (call) => servedAliases(call, requests),
    moveAlias: (call, alias, collection, terms) => moveAlias(call, parts, { alias, collection, terms }),
    async retire(call, collection, record, { serving, fence }) {
      const served = [...(await servedAliases(call, requests))].filter(([, target]) => target === collection);
      if (served.length > 0 && !serving) throw isServing(collection);
      await fences.assertHeld(call, fence);
      if (record !== undefined) await ledger.put(call, "collection", { key: collection, record }, fence);
      const gone = served.map(([alias_name]) => ({ delete_alias: { alias_name } }));
      if (gone.length > 0) await changeAliases(call, requests, gone);
    },
  };
  return ledger;
}

interface Move {
  readonly alias: string;
  readonly collection: string;
  readonly terms: SwitchTerms;
}

/** One step for whoever asks, and one at a time for those who switch. */
async function moveAlias(
  call: Call,
  { requests, book, fences }: LedgerParts,
  { alias, collection, terms: { from, fence } }: Move,
): Promise<Switched> {
  await book.open(call);
  const { served, ours } = await allAliases(call, requests);
  if (!(await requests.exists(call, collection))) throw noCollection(collection);
  const previous = served.get(alias);
  if (from !== undefined && from !== (previous ?? null)) throw servesAnother(alias, previous, collection);
  // One action: it replaces an alias that is there, and nobody ever sees none.
  const change: AliasAction = { create_alias: { collection_name: collection, alias_name: alias } };
  try {
    const actions = [...fences.assertion(fence), countSwitch(alias, [...ours.keys()]), change];
    await changeAliases(call, requests, actions, "once");
  } catch (thrown) {
    const error = toAppError(thrown);
    if (error.code === "not_found") await fences.assertHeld(call, fence);
    // It may have been done all the same; without a quorum it may still be done when there is one again.
    const now = await servedAliases(call, requests).catch(() => undefined);
    if (error.code === "not_found") throw servesAnother(alias, now?.get(alias), collection);
    if (now?.get(alias) !== collection) throw undecided(alias, collection, error);
  }
  return { previous };
}

/** An alias that is renamed with every switch: of two who saw the same one, only the first one's request is carried out. */
function countSwitch(alias: string, ours: readonly string[]): AliasAction {
  const prefix = `${OURS}switch_${alias}_`;
  const mark = ours.find((name) => name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)));
  if (mark === undefined) return { create_alias: { collection_name: BOOK, alias_name: `${prefix}1` } };
  const next = `${prefix}${Number(mark.slice(prefix.length)) + 1}`;
  return { rename_alias: { old_alias_name: mark, new_alias_name: next } };
}

/** An error that leaves open whether the switch was made says so. */
function undecided(alias: string, collection: string, cause: AppError): AppError {
  if (!["store_down", "timeout", "cancelled"].includes(cause.code)) return cause;
  return new AppError(
    cause.code,
    `The switch of "${alias}" to "${collection}" is not confirmed and may still be done: ${cause.message}`,
    {
      remedy: "Look at the collections when the Qdrant is well again; run reindex again if the old one serves.",
      cause,
    },
  );
}
