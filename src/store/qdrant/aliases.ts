/** Aliases: those that users name, and our own beside them. */
import type { Call } from "../../core/call.js";
import { fields, listOf, name } from "../shapes.js";
import { type Requests, UNUSED } from "./requests.js";

/** Begins the name of everything on the server that is ours and no user's. */
export const OURS = "aura_retrieval_";

/** Of a request that changes aliases: all in order, up to the first that cannot be done. */
export type AliasAction =
  | { readonly create_alias: { readonly collection_name: string; readonly alias_name: string } }
  | { readonly rename_alias: { readonly old_alias_name: string; readonly new_alias_name: string } }
  | { readonly delete_alias: { readonly alias_name: string } };

/** Alias → collection. */
export interface Aliases {
  readonly served: ReadonlyMap<string, string>;
  readonly ours: ReadonlyMap<string, string>;
}

const ALIASES = fields({ aliases: listOf(fields({ alias_name: name, collection_name: name })) });

export async function allAliases(call: Call, requests: Requests): Promise<Aliases> {
  const ask = { operation: "aliases", method: "GET", path: "/aliases", result: ALIASES } as const;
  const found = { served: new Map<string, string>(), ours: new Map<string, string>() };
  for (const { alias_name: alias, collection_name: collection } of (await requests.send(call, ask)).aliases) {
    (alias.startsWith(OURS) ? found.ours : found.served).set(alias, collection);
  }
  return found;
}

/** Those that users name. */
export async function servedAliases(call: Call, requests: Requests): Promise<ReadonlyMap<string, string>> {
  return (await allAliases(call, requests)).served;
}

/** @param times `once` for what must not be sent twice @throws AppError `not_found` where an action names what is not there */
export async function changeAliases(
  call: Call,
  requests: Requests,
  actions: readonly AliasAction[],
  times: "once" | "again" = "again",
): Promise<void> {
  const change = {
    operation: "switch",
    method: "POST",
    path: "/collections/aliases",
    body: { actions },
    ...UNUSED,
  } as const;
  await (times === "once" ? requests.once(call, change) : requests.send(call, change));
}
