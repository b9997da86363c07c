/** The switch of an alias: one step for whoever asks, and one at a time for those who switch. */
import type { Call } from "../../core/call.js";
import { toAppError } from "../../core/errors.js";
import type { Switched, SwitchTerms } from "../../core/ledger.js";
import { noCollection } from "../../core/not-found.js";
import { servesAnother } from "../owners.js";
import { type AliasAction, allAliases, changeAliases, servedAliases } from "./aliases.js";
import { BOOK, type Book } from "./book.js";
import type { Fences } from "./fences.js";
import { checkOurName, OURS, taken, undecided } from "./names.js";
import type { Requests } from "./requests.js";

interface Parts {
  readonly requests: Requests;
  readonly book: Book;
  readonly fences: Fences;
}

interface Switch {
  readonly alias: string;
  readonly collection: string;
  readonly terms: SwitchTerms;
}

/** @throws AppError `conflict` when it is not what `terms` say that serves, or the lease was lost; `not_found` */
export async function switchAlias(
  call: Call,
  { requests, book, fences }: Parts,
  { alias, collection, terms: { from, fence } }: Switch,
): Promise<Switched> {
  checkOurName("alias", alias);
  await book.open(call);
  const { served, ours } = await allAliases(call, requests);
  if (served.has(collection) || !(await requests.exists(call, collection))) throw noCollection(collection);
  if (!served.has(alias) && (await requests.exists(call, alias))) throw taken(alias);
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
