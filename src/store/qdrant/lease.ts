/**
 * Leases on servers of every version: making a collection is the one step that only one of many can win, so a lease of
 * the next generation is won by making the collection of that name.
 */
import { backgroundCall, type Call } from "../../core/call.js";
import { pause } from "../../resilience/pause.js";
import type { LeaseCalls } from "../lease.js";
import { type Held, LEASE_TERM_MS, refuseIfHeld } from "../owners.js";
import { finish } from "../with-call.js";
import { type Book, createIfAbsent, type Kind, OURS } from "./book.js";
import { pathOf, type Requests, UNUSED } from "./requests.js";
import { fields, number, text } from "./shapes.js";

interface Entry extends Held {
  readonly generation: number;
}

const LEASES: Kind<Entry> = {
  name: "lease",
  entry: fields<Entry>({ owner: text, expiresAt: number, generation: number }),
};
/** A winner writes its entry at once; a generation that stays unclaimed for so long was won by one that ended. */
const CLAIM_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 100;

export function leaseCalls(requests: Requests, book: Book): LeaseCalls {
  const read = (call: Call, alias: string) => book.find(call, LEASES, alias);
  const lockOf = (alias: string, generation: number) => `${OURS}lease_${alias}_${generation}`;

  async function win(call: Call, alias: string, owner: string, held: Entry | undefined): Promise<void> {
    let generation = (held?.generation ?? 0) + 1;
    // Not a retry: each round asks for another lock.
    for (;;) {
      const creation = await createIfAbsent(call, requests, lockOf(alias, generation), { vectors: {} });
      if (creation === "made") break;
      refuseIfHeld(alias, await claimed(call, alias, held), owner);
      // Nobody claims it: one whose outcome is not known was made by us, or by one that ended.
      if (creation === "unknown") break;
      generation++;
    }
    await claim(call, alias, { owner, expiresAt: Date.now() + LEASE_TERM_MS, generation });
    // One that was slow to claim may have been taken for dead meanwhile.
    const now = await read(call, alias);
    if (now?.owner !== owner) refuseIfHeld(alias, now, owner);
    if (generation === 1) return;
    const path = pathOf(lockOf(alias, generation - 1));
    const before = { operation: "lease", method: "DELETE", path, ...UNUSED } as const;
    await finish(call, "nobody else takes an old lock away", (background) => requests.once(background, before));
  }

  async function claim(call: Call, alias: string, entry: Entry): Promise<void> {
    try {
      await book.put(call, LEASES, alias, entry);
    } catch (error) {
      // What was won by one who has left is claimed as free, or the next one would wait for its claim.
      const background = backgroundCall("a lease that was won is not left without a claim");
      const free: Entry = { ...entry, owner: "", expiresAt: 0 };
      if (call.signal.aborted) book.put(background, LEASES, alias, free).catch(() => undefined);
      throw error;
    }
  }

  /** The entry once its winner has written it; the old one when nobody does. */
  async function claimed(call: Call, alias: string, before: Entry | undefined): Promise<Entry | undefined> {
    const until = performance.now() + CLAIM_WITHIN_MS;
    // Not a retry: nothing failed, another's claim is awaited.
    for (;;) {
      const entry = await read(call, alias);
      if (entry?.generation !== before?.generation || performance.now() > until) return entry;
      await pause(call, LOOK_EVERY_MS);
    }
  }

  return {
    standsStill: () => false, // every request has a deadline
    async take(call, alias, owner) {
      const held = await read(call, alias);
      refuseIfHeld(alias, held, owner);
      if (held?.owner === owner)
        await book.put(call, LEASES, alias, { ...held, expiresAt: Date.now() + LEASE_TERM_MS });
      else await win(call, alias, owner, held);
    },
    async release(call, alias, owner) {
      const held = await read(call, alias);
      if (held?.owner === owner) await book.put(call, LEASES, alias, { ...held, owner: "", expiresAt: 0 });
    },
  };
}
