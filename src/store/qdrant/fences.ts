/**
 * Who may still write, on servers without conditional writes: a lease's holder writes to aliases of its own, which the next
 * winner takes over before it begins. Such an alias is made in one step with one on the lease's lock, which fails when that
 * lock is gone: the server carries out an alias request in order, and stops at what it cannot do. An alias that is still
 * there when its holder has ended says that something it began to write may be there in part.
 */
import { createHash } from "node:crypto";
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import type { Fence } from "../../core/ledger.js";
import { leaseLost } from "../owners.js";
import { type AliasAction, allAliases, changeAliases, OURS } from "./aliases.js";
import { absentAsUndefined } from "./errors.js";
import { pathOf, type Requests, UNUSED } from "./requests.js";

/** No point has it: removing it changes nothing. */
const NO_POINT = "00000000-0000-8000-8000-000000000000";

/** Making this collection is what only one of many can win. */
export function lockOf({ alias, token }: Fence): string {
  return `${OURS}lease_${alias}_${token}`;
}

/** An alias of the holder's. A hash, because a name may be as long as the server allows. */
function aliasFor(fence: Fence, collection: string): string {
  return `${lockOf(fence)}.${createHash("sha256").update(collection).digest("hex").slice(0, 16)}`;
}

export class Fences {
  readonly #requests: Requests;
  /** Those that were made for leases that are held. */
  readonly #made = new Map<string, Promise<unknown>>();
  /** Those of them through which a write has failed. */
  readonly #unfinished = new Set<string>();
  /** Those in the place of aliases of a holder before, who has not ended its writing to them. */
  readonly #takenOver = new Set<string>();

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  /** Part of an alias request that is only carried out while the lease is held. */
  assertion(fence: Fence | undefined): AliasAction[] {
    if (fence === undefined) return [];
    return [{ create_alias: { collection_name: lockOf(fence), alias_name: `${lockOf(fence)}.held` } }];
  }

  /** For what has no conditions of its own. @throws AppError `conflict` when the lease was lost */
  async assertHeld(call: Call, fence: Fence | undefined): Promise<void> {
    if (fence !== undefined && !(await this.#requests.exists(call, lockOf(fence)))) throw leaseLost(fence.alias);
  }

  /**
   * Work that writes into a collection of this name, to an alias of the holder's where there is a lease.
   * @throws AppError `conflict` when the lease was lost
   */
  async under<T>(
    call: Call,
    fence: Fence | undefined,
    collection: string,
    work: (name: string) => Promise<T>,
  ): Promise<T> {
    if (fence === undefined) return await work(collection);
    const alias = aliasFor(fence, collection);
    try {
      await this.#make(call, fence, { create_alias: { collection_name: collection, alias_name: alias } });
      return await work(alias);
    } catch (error) {
      this.#unfinished.add(alias);
      // Either the alias was taken over, or something else is missing.
      if (error instanceof AppError && error.code === "not_found") await this.assertHeld(call, fence);
      throw error;
    }
  }

  /**
   * Ends what was won before: locks first, so that no alias is made any more, then the aliases.
   * @param from the token of the lease before
   */
  async takeOver(call: Call, fence: Fence, from: number): Promise<void> {
    for (let token = Math.max(1, from); token < fence.token; token++) {
      const path = pathOf(lockOf({ ...fence, token }));
      await this.#requests.once(call, { operation: "lease", method: "DELETE", path, ...UNUSED });
    }
    const { ours } = await allAliases(call, this.#requests);
    const earlier = [...ours].filter(([alias, collection]) => isEarlier(alias, collection, fence));
    // Under the new holder's name, so that they are found again if that one ends, too.
    const renames = earlier.map(([alias, collection]) => ({
      rename_alias: { old_alias_name: alias, new_alias_name: aliasFor(fence, collection) },
    }));
    if (renames.length > 0) await changeAliases(call, this.#requests, renames);
    for (const { rename_alias } of renames) this.#takenOver.add(rename_alias.new_alias_name);
  }

  /** Whether a holder before has not ended its writing to the collection. */
  isTakenOver(fence: Fence, collection: string): boolean {
    return this.#takenOver.has(aliasFor(fence, collection));
  }

  /** Waits until the collection has what was sent to it, by whomever; also by a server that has just been started again. */
  async settle(call: Call, collection: string): Promise<void> {
    await this.#requests.remove(call, collection, { points: [NO_POINT] }).catch(absentAsUndefined);
  }

  /** Takes the holder's own aliases away, all but those of unfinished writes. */
  async end(call: Call, fence: Fence): Promise<void> {
    const prefix = `${lockOf(fence)}.`;
    const own = [...this.#made.keys()].filter((alias) => alias.startsWith(prefix));
    const finished = own.filter((alias) => !this.#unfinished.has(alias));
    const actions = finished.map((alias_name) => ({ delete_alias: { alias_name } }));
    if (actions.length > 0) await changeAliases(call, this.#requests, actions);
    for (const alias of own) {
      this.#made.delete(alias);
      this.#unfinished.delete(alias);
    }
    for (const alias of this.#takenOver) if (alias.startsWith(prefix)) this.#takenOver.delete(alias);
  }

  async #make(call: Call, fence: Fence, action: AliasAction & { create_alias: { alias_name: string } }): Promise<void> {
    const { alias_name: alias } = action.create_alias;
    let making = this.#made.get(alias);
    if (making === undefined) {
      making = changeAliases(call, this.#requests, [...this.assertion(fence), action]);
      this.#made.set(alias, making);
      making.catch(() => this.#made.delete(alias));
    }
    await making;
  }
}

/** By its whole name: what looks like a token may be part of an alias's name. */
function isEarlier(alias: string, collection: string, { alias: name, token }: Fence): boolean {
  const [, before] = /_(\d+)\.[0-9a-f]{16}$/.exec(alias) ?? [];
  return (
    before !== undefined &&
    Number(before) < token &&
    alias === aliasFor({ alias: name, token: Number(before) }, collection)
  );
}
