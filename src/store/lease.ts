/** A lease as its holder sees it: renewed in the background until it is released or lost. */
import { backgroundCall, type Call } from "../core/call.js";
import { AppError, throwIfAborted, toAppError } from "../core/errors.js";
import type { Claim, Fence, Lease, Leases } from "../core/ledger.js";
import { LEASE_TERM_MS, newOwner } from "./owners.js";

const GIVE_BACK_EVERY_MS = 2_000;

/** How a lease is won, renewed and given back. */
export interface LeaseCalls extends Leases {
  /** Whether what writes under the lease gives no sign of life. */
  standsStill(): boolean;
}

export interface HoldOptions {
  readonly takeAway?: boolean | undefined;
  /** Default 60 s. */
  readonly termMs?: number | undefined;
  /** How long it is held on to while the store does not answer; default its term. Nobody else can win it meanwhile. */
  readonly outageMs?: number | undefined;
  /** Called once, when the lease ends by release or loss. */
  released(lease: Lease): void;
}

/** Nobody else could write for as long as such a lease were renewed. */
function writerStandsStill(): AppError {
  return new AppError("store_down", "The process that writes stands still; its lease is not renewed.", {
    remedy: "Find out what stopped it, or the disk of the data folder; then run reindex again.",
  });
}

export async function holdLease(call: Call, calls: LeaseCalls, alias: string, options: HoldOptions): Promise<Lease> {
  const { takeAway = false, termMs = LEASE_TERM_MS, outageMs = termMs, released } = options;
  const claim: Claim = { alias, owner: newOwner(), termMs };
  const lost = new AbortController();
  const background = backgroundCall(
    "a lease is renewed until it is released, whatever became of the call that took it",
  );
  throwIfAborted(call.signal);
  const asked = performance.now();
  const fence = { alias, token: await win() };
  let renewedAt = asked;

  async function win(): Promise<number> {
    try {
      return await calls.win(call, claim, takeAway);
    } catch (error) {
      // Unless another has it, it may have been taken all the same, for somebody who does not hear of it.
      if (call.signal.aborted || toAppError(error).code !== "conflict")
        giveBack(undefined).catch(() => giveBackLater(undefined));
      throw error;
    }
  }

  const end = () => {
    clearInterval(timer);
    released(lease);
  };
  const lose = (reason: AppError) => {
    end();
    lost.abort(reason);
  };
  async function renew(): Promise<void> {
    const began = performance.now();
    try {
      if (calls.standsStill()) throw writerStandsStill();
      await calls.renew(background, claim, fence);
      renewedAt = began;
    } catch (error) {
      const reason = toAppError(error);
      // Anything but another holder may pass; the lease is ours until its term ends, or the outage has lasted too long.
      const atMost = reason.isOutage ? Math.max(termMs, outageMs) : termMs;
      if (reason.code === "conflict" || performance.now() - renewedAt >= atMost) lose(reason);
    }
  }

  function giveBack(won: Fence | undefined): Promise<void> {
    return calls.release(background, claim, won);
  }

  /** A store that was down when the work ended would keep the next writer out until the term is over. */
  function giveBackLater(won: Fence | undefined): void {
    const until = performance.now() + termMs;
    const again = setInterval(async () => {
      const given = await giveBack(won).then(
        () => true,
        () => false,
      );
      if (given || performance.now() >= until) clearInterval(again);
    }, GIVE_BACK_EVERY_MS);
    again.unref();
  }

  const timer = setInterval(() => void renew(), termMs / 3);
  timer.unref();
  const lease: Lease = {
    owner: claim.owner,
    fence,
    lost: lost.signal,
    async release() {
      end();
      try {
        await giveBack(fence);
      } catch (error) {
        giveBackLater(fence);
        throw error;
      }
    },
  };
  return lease;
}
