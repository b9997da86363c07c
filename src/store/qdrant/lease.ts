/**
 * Leases on servers of every version: making a collection is the one step that only one of many can win, so a lease of
 * the next generation is won by making the collection of that name.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { LeaseCalls } from "../lease.js";
import { type Held, LEASE_TERM_MS, refuseIfHeld } from "../owners.js";
import { type Book, createIfAbsent, OURS } from "./book.js";
import { pathOf, type Requests } from "./requests.js";

interface Entry extends Held {
  readonly generation: number;
}

/** A winner writes its entry at once; a generation that stays unclaimed for so long was won by one that ended. */
const CLAIM_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 100;

export function leaseCalls(requests: Requests, book: Book): LeaseCalls {
  const read = (alias: string) => book.find<Entry>("lease", alias);
  const lockOf = (alias: string, generation: number) => `${OURS}lease_${alias}_${generation}`;

  async function win(alias: string, owner: string, held: Entry | undefined): Promise<void> {
    let generation = (held?.generation ?? 0) + 1;
    for (;;) {
      const creation = await createIfAbsent(requests, lockOf(alias, generation), { vectors: {} });
      if (creation === "made") break;
      refuseIfHeld(alias, await claimed(alias, held), owner);
      // Nobody claims it: one whose outcome is not known was made by us, or by one that ended.
      if (creation === "unknown") break;
      generation++;
    }
    const entry: Entry = { owner, expiresAt: Date.now() + LEASE_TERM_MS, generation };
    await book.put("lease", alias, entry);
    // One that was slow to claim may have been taken for dead meanwhile.
    const now = await read(alias);
    if (now?.owner !== owner) refuseIfHeld(alias, now, owner);
    if (generation > 1) await requests.once("lease", "DELETE", pathOf(lockOf(alias, generation - 1)));
  }

  /** The entry once its winner has written it; the old one when nobody does. */
  async function claimed(alias: string, before: Entry | undefined): Promise<Entry | undefined> {
    const until = performance.now() + CLAIM_WITHIN_MS;
    for (;;) {
      const entry = await read(alias);
      if (entry?.generation !== before?.generation || performance.now() > until) return entry;
      await sleep(LOOK_EVERY_MS);
    }
  }

  return {
    async take(alias, owner) {
      const held = await read(alias);
      refuseIfHeld(alias, held, owner);
      if (held?.owner === owner) await book.put("lease", alias, { ...held, expiresAt: Date.now() + LEASE_TERM_MS });
      else await win(alias, owner, held);
    },
    async release(alias, owner) {
      const held = await read(alias);
      if (held?.owner === owner) await book.put("lease", alias, { ...held, owner: "", expiresAt: 0 });
    },
  };
}
