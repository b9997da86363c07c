/**
 * Who may write behind an alias: one process at a time, for a term that has to be renewed. Each lease that is won has a
 * token that is larger than all before; the newest one stands in the catalogue and in the file of each version, where
 * whoever writes compares it within its own transaction.
 */
import type { Fence } from "../../core/ledger.js";
import type { Job } from "../../process/serve.js";
import type { Claim } from "../lease.js";
import { type Held, leaseLost, refuseIfHeld } from "../owners.js";
import type { Database } from "./database.js";

/** @returns its token, the same when the owner has it already @throws AppError `conflict` naming the holder */
export function takeLease(job: Job, db: Database, claim: Claim, takeAway: boolean): Promise<number> {
  const { alias, owner, termMs } = claim;
  return db.write(job, () => {
    const now = Date.now();
    const held = db.get<Held & { token: number }>(
      "SELECT owner, expires_at AS expiresAt, token FROM leases WHERE alias = ?",
      alias,
    );
    if (!takeAway) refuseIfHeld(alias, held, owner);
    // Larger than what an earlier catalogue gave, too, should this one be new beside files that are not.
    const token = held?.owner === owner ? held.token : Math.max((held?.token ?? 0) + 1, now);
    const sql = "INSERT OR REPLACE INTO leases (alias, owner, expires_at, token) VALUES (?, ?, ?, ?)";
    db.run(sql, alias, owner, now + termMs, token);
    return token;
  });
}

/** @throws AppError `conflict` when it was won by somebody else since */
export function renewLease(db: Database, { alias, owner, termMs }: Claim, { token }: Fence): void {
  const sql = "UPDATE leases SET expires_at = ? WHERE alias = ? AND owner = ? AND token = ?";
  if (db.run(sql, Date.now() + termMs, alias, owner, token).changes === 0) throw leaseLost(alias);
}

/** The token stays, for the next one to be larger. */
export function releaseLease(db: Database, { alias, owner }: Claim): void {
  db.run("UPDATE leases SET owner = '', expires_at = 0 WHERE alias = ? AND owner = ?", alias, owner);
}

/** Within a transaction of the catalogue. @throws AppError `conflict` when the lease was lost */
export function assertHolds(db: Database, fence: Fence | undefined): void {
  if (fence === undefined) return;
  const newest = db.get<{ token: number }>("SELECT token FROM leases WHERE alias = ?", fence.alias);
  if (newest?.token !== fence.token) throw leaseLost(fence.alias);
}

/** Within a transaction of a version's file. @throws AppError `conflict` when a newer lease was won */
export function assertNewest(db: Database, fence: Fence | undefined): void {
  if (fence === undefined) return;
  const newest = db.get<{ fence: number }>("SELECT fence FROM about");
  if ((newest?.fence ?? 0) > fence.token) throw leaseLost(fence.alias);
}

/** From now on nobody writes into the version under an older lease. @throws AppError `conflict` when there is a newer one */
export function raiseFence(job: Job, db: Database, fence: Fence): Promise<void> {
  return db.write(job, () => {
    assertNewest(db, fence);
    db.run("UPDATE about SET fence = ?", fence.token);
  });
}
