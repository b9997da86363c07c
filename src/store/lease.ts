/** A lease as its holder sees it: renewed in the background until it is released or lost. */
import { backgroundCall, type Call } from "../core/call.js";
import { AppError, throwIfAborted, toAppError } from "../core/errors.js";
import type { Lease } from "../core/ports.js";
import { LEASE_TERM_MS, newOwner } from "./owners.js";

const RENEW_MS = LEASE_TERM_MS / 3;
const GIVE_BACK_EVERY_MS = 2_000;

/** How a store takes or renews a lease, and gives it back. */
export interface LeaseCalls {
  /** @throws AppError `conflict` naming another holder */
  take(call: Call, alias: string, owner: string): Promise<void>;
  release(call: Call, alias: string, owner: string): Promise<void>;
  /** Whether what writes under the lease gives no sign of life. */
  standsStill(): boolean;
}

/** Nobody else could write for as long as such a lease were renewed. */
function writerStandsStill(): AppError {
  return new AppError("store_down", "The process that writes stands still; its lease is not renewed.", {
    remedy: "Find out what stopped it, or the disk of the data folder; then run reindex again.",
  });
}

/** @param released called once, when the lease ends by release or loss */
export async function holdLease(
  call: Call,
  calls: LeaseCalls,
  alias: string,
  released: (lease: Lease) => void,
): Promise<Lease> {
  const owner = newOwner();
  const lost = new AbortController();
  const background = backgroundCall(
    "a lease is renewed until it is released, whatever became of the call that took it",
  );
  throwIfAborted(call.signal);
  try {
    await calls.take(call, alias, owner);
  } catch (error) {
    // It may have been taken all the same, for somebody who does not hear of it.
    if (call.signal.aborted) calls.release(background, alias, owner).catch(giveBackLater);
    throw error;
  }
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
      if (calls.standsStill()) throw writerStandsStill();
      await calls.take(background, alias, owner);
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
      const given = await calls.release(background, alias, owner).then(
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
        await calls.release(background, alias, owner);
      } catch (error) {
        giveBackLater();
        throw error;
      }
    },
  };
  return lease;
}
