/** A lease as its holder sees it: renewed in the background until it is released or lost. */
import { type AppError, toAppError } from "../core/errors.js";
import type { Lease } from "../core/ports.js";
import { LEASE_TERM_MS, newOwner } from "./owners.js";

const RENEW_MS = LEASE_TERM_MS / 3;
const GIVE_BACK_EVERY_MS = 2_000;

/** How a store takes or renews a lease, and gives it back. */
export interface LeaseCalls {
  /** @throws AppError `conflict` naming another holder */
  take(alias: string, owner: string): Promise<void>;
  release(alias: string, owner: string): Promise<void>;
}

/** @param released called once, when the lease ends by release or loss */
export async function holdLease(calls: LeaseCalls, alias: string, released: (lease: Lease) => void): Promise<Lease> {
  const owner = newOwner();
  const lost = new AbortController();
  await calls.take(alias, owner);
  let renewedAt = performance.now();

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
      await calls.take(alias, owner);
      renewedAt = began;
    } catch (error) {
      const reason = toAppError(error);
      // Anything but another holder may pass; the lease is ours until its term ends.
      if (reason.code === "conflict" || performance.now() - renewedAt >= LEASE_TERM_MS) lose(reason);
    }
  }

  /** A store that was down when the work ended would keep the next writer out until the term is over. */
  function giveBackLater(): void {
    const until = performance.now() + LEASE_TERM_MS;
    const again = setInterval(async () => {
      const given = await calls.release(alias, owner).then(
        () => true,
        () => false,
      );
      if (given || performance.now() >= until) clearInterval(again);
    }, GIVE_BACK_EVERY_MS);
    again.unref();
  }

  const timer = setInterval(() => void renew(), RENEW_MS);
  timer.unref();
  const lease: Lease = {
    owner,
    lost: lost.signal,
    async release() {
      end();
      try {
        await calls.release(alias, owner);
      } catch (error) {
        giveBackLater();
        throw error;
      }
    },
  };
  return lease;
}
