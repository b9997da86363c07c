/** A lease as its holder sees it: renewed in the background until it is released or lost. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { type AppError, toAppError } from "../../core/errors.js";
import type { Lease } from "../../core/ports.js";
import type { Client } from "./client.js";
import { LEASE_TERM_MS } from "./leases.js";

const RENEW_MS = LEASE_TERM_MS / 3;

/** @param released called once, when the lease ends by release or loss */
export async function holdLease(client: Client, alias: string, released: (lease: Lease) => void): Promise<Lease> {
  const owner = `${hostname()}:${process.pid}:${randomBytes(4).toString("hex")}`;
  const lost = new AbortController();
  await client.call("takeLease", { alias, owner }, { urgent: true });
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
      await client.call("takeLease", { alias, owner }, { urgent: true });
      renewedAt = began;
    } catch (error) {
      const reason = toAppError(error);
      // Anything but another holder may pass; the lease is ours until its term ends.
      if (reason.code === "conflict" || performance.now() - renewedAt >= LEASE_TERM_MS) lose(reason);
    }
  }

  const timer = setInterval(() => void renew(), RENEW_MS);
  timer.unref();
  const lease: Lease = {
    owner,
    lost: lost.signal,
    async release() {
      end();
      await client.call("releaseLease", { alias, owner }, { urgent: true });
    },
  };
  return lease;
}
