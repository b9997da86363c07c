/** Who may write behind an alias: one process at a time, for a term that has to be renewed. */
import { hostname } from "node:os";
import { AppError } from "../../core/errors.js";
import type { Database } from "./database.js";

export const LEASE_TERM_MS = 60_000;
/** A lease that ends later than any clock in step could say was taken before the clock was set back. */
const CLOCK_SLACK_MS = LEASE_TERM_MS;

/** Takes or renews. @param owner `host:pid:random` @throws AppError `conflict` naming the holder */
export function takeLease(db: Database, alias: string, owner: string): void {
  db.write(() => {
    const now = Date.now();
    const held = db.get<{ owner: string; expiresAt: number }>(
      "SELECT owner, expires_at AS expiresAt FROM leases WHERE alias = ?",
      alias,
    );
    if (held !== undefined && held.owner !== owner && isInForce(held.expiresAt, now) && !isGone(held.owner)) {
      const until = new Date(held.expiresAt).toISOString();
      throw new AppError("conflict", `"${alias}" is being written by ${held.owner}, until ${until} unless renewed.`, {
        remedy: "Wait for that reindex to end, or cancel it.",
        retryAfterMs: held.expiresAt - now,
      });
    }
    const sql = "INSERT OR REPLACE INTO leases (alias, owner, expires_at) VALUES (?, ?, ?)";
    db.run(sql, alias, owner, now + LEASE_TERM_MS);
  });
}

function isInForce(expiresAt: number, now: number): boolean {
  return expiresAt > now && expiresAt <= now + LEASE_TERM_MS + CLOCK_SLACK_MS;
}

export function releaseLease(db: Database, alias: string, owner: string): void {
  db.run("DELETE FROM leases WHERE alias = ? AND owner = ?", alias, owner);
}

/** Whether `host:pid[:…]` names a process of this host that has ended. */
export function isGone(owner: string): boolean {
  const [host, pid] = owner.split(":");
  if (host !== hostname() || !/^[1-9]\d*$/.test(pid ?? "")) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
