/** Which alias a re-index builds for. */
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { VectorStore } from "../core/ports.js";

/** Where a plain collection has the name that was asked for. */
const SUFFIX = "_aura";

export interface Asked {
  readonly target: CollectionPass;
  readonly source: string;
  /** Replace a plain collection of that name, which something else made, by an alias; it is kept under another name. */
  readonly takeName?: boolean | undefined;
}

export interface TargetAlias {
  readonly alias: CollectionPass;
  /** Whether the alias takes the name of a plain collection. */
  readonly takesName: boolean;
}

/**
 * The alias that was asked for. Where something else made a plain collection of that name, the name is only taken when
 * the request says so; otherwise another alias is built and served.
 * @throws AppError `not_found` for another alias that the caller may not use
 */
export async function targetAlias(
  call: Call,
  store: VectorStore,
  { target, source, takeName = false }: Asked,
): Promise<TargetAlias> {
  const collection = target.name;
  const current = await store.describe(call, target);
  const isPlain = current !== undefined && current.spec === undefined && current.name === collection;
  if (!takeName && isPlain) {
    // Served beside the external collection, by a name of its own: the caller must be allowed to use that too.
    return { alias: call.access.collection(`${collection}${SUFFIX}`), takesName: false };
  }
  if (!takeName) return { alias: target, takesName: false };
  if (store.takeName === undefined) throw cannot("this store has no collections that something else made");
  if (source !== `collection:${collection}`)
    throw cannot(`its source must be collection:${collection}, whose name it takes`);
  return { alias: target, takesName: isPlain };
}

function cannot(why: string): AppError {
  return new AppError("bad_request", `Taking a collection's name is not possible: ${why}.`, {
    remedy: "Leave --take-name out.",
  });
}
