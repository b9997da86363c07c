/**
 * Leases on servers of every version: making a collection is the one step that only one of many can win, so a lease of
 * the next generation is won by making the collection of that name.
 */
import { backgroundCall, type Call } from "../../core/call.js";
import type { Claim, Fence, Leases } from "../../core/ledger.js";
import { pause } from "../../resilience/pause.js";
import { type Held, heldByAnotherClock, isFree, leaseLost, refuseIfHeld } from "../owners.js";
import { fields, number, stored, text } from "../shapes.js";
import { BOOK, type Book, createIfAbsent } from "./book.js";
import { type Fences, lockOf } from "./fences.js";
import type { Requests } from "./requests.js";

export interface LedgerParts {
  readonly requests: Requests;
  readonly book: Book;
  readonly fences: Fences;
}

interface Entry extends Held {
  readonly generation: number;
}

const KIND = "lease";
const ENTRY = fields<Entry>({ owner: text, expiresAt: number, generation: number });
/** A winner writes its entry soon; a generation that stays unclaimed for so long was won by one that ended. */
const CLAIM_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 100;
const LOOKS_IN_TERM = 6;
const FREE: Held = { owner: "", expiresAt: 0 };

export function leasesIn({ requests, book, fences }: LedgerParts): Leases {
  async function read(call: Call, alias: string): Promise<Entry | undefined> {
    const entry = await book.find(call, KIND, alias);
    return entry === undefined ? undefined : stored(ENTRY, entry, BOOK);
  }

  /** Under the lease itself, so that nobody who has lost it writes over a later claim. */
  function write(call: Call, fence: Fence, { owner, expiresAt }: Held): Promise<void> {
    const { alias: name, token: generation } = fence;
    const entry: Entry = { owner, expiresAt, generation };
    return fences.under(call, fence, BOOK, (at) => book.put(call, KIND, { name, entry }, at));
  }

  /**
   * Another machine's clock tells nothing for certain: a lease that has ended by ours is free when nobody has renewed it
   * for a whole term that is measured here. @throws AppError `conflict` for one that is held
   */
  async function watched(call: Call, claim: Claim, held: Entry | undefined): Promise<Entry | undefined> {
    const { alias, owner, termMs } = claim;
    refuseIfHeld(alias, held, owner);
    if (held === undefined || isFree(held, owner)) return held;
    const until = performance.now() + termMs;
    // Not a retry: nothing failed, a sign of life is waited for.
    while (performance.now() < until) {
      await pause(call, termMs / LOOKS_IN_TERM);
      const now = await read(call, alias);
      if (now === undefined || isFree(now, owner)) return now;
      if (!isSame(now, held)) throw heldByAnotherClock(alias, now, termMs);
    }
    return held;
  }

  async function lock(call: Call, asked: Claim, held: Entry | undefined, takeAway: boolean): Promise<number> {
    const { alias } = asked;
    let token = (held?.generation ?? 0) + 1;
    // Not a retry: each round asks for another lock.
    for (;;) {
      const creation = await createIfAbsent(call, requests, lockOf({ alias, token }), { vectors: {} });
      if (creation === "made") return token;
      const now = await claimed(call, alias, held);
      if (!takeAway && now !== undefined && !isSame(now, held)) await watched(call, asked, now);
      // Nobody claims it: one whose outcome is not known was made by us, or by one that ended.
      if (creation === "unknown" && now?.generation !== token) return token;
      token++;
    }
  }

  /** Nobody who held it before writes any more when it is claimed. */
  async function claim(call: Call, fence: Fence, before: number, held: Held): Promise<void> {
    await fences.takeOver(call, fence, before);
    await write(call, fence, held);
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
    async win(call, asked, takeAway) {
      const { alias, owner, termMs } = asked;
      const found = await read(call, alias);
      const held = takeAway ? found : await watched(call, asked, found);
      const token = await lock(call, asked, held, takeAway);
      const before = held?.generation ?? token;
      try {
        await claim(call, { alias, token }, before, { owner, expiresAt: Date.now() + termMs });
      } catch (error) {
        // What was won by one who has left is claimed as free, or the next one would wait for its claim.
        const background = backgroundCall("a lease that was won is not left without a claim");
        if (call.signal.aborted) claim(background, { alias, token }, before, FREE).catch(() => undefined);
        throw error;
      }
      return token;
    },
    async renew(call, { alias, owner, termMs }, fence) {
      const held = await read(call, alias);
      if (held?.owner !== owner || held.generation !== fence.token) throw leaseLost(alias);
      await write(call, fence, { owner, expiresAt: Date.now() + termMs });
    },
    async release(call, { alias, owner }, fence) {
      const held = await read(call, alias);
      const own = held?.owner === owner ? { alias, token: held.generation } : undefined;
      if (own !== undefined) await write(call, own, FREE);
      const ended = fence ?? own;
      if (ended !== undefined) await fences.end(call, ended);
    },
  };
}

/** Whether it has not been renewed, given back or taken since. */
function isSame(now: Entry, before: Entry | undefined): boolean {
  return now.generation === before?.generation && now.owner === before.owner && now.expiresAt === before.expiresAt;
}
