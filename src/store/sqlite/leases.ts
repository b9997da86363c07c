/** Who may write behind an alias: one process at a time, for a term that has to be renewed. */
import type { Job } from "../../process/serve.js";
import { LEASE_TERM_MS, refuseIfHeld } from "../owners.js";
import type { Database } from "./database.js";

/** Takes or renews. @param owner `host:pid:random` @throws AppError `conflict` naming the holder */
export function takeLease(job: Job, db: Database, alias: string, owner: string): Promise<void> {
  return db.write(job, () => {
    const now = Date.now();
    const held = db.get<{ owner: string; expiresAt: number }>(
      "SELECT owner, expires_at AS expiresAt FROM leases WHERE alias = ?",
      alias,
    );
    refuseIfHeld(alias, held, owner);
    const sql = "INSERT OR REPLACE INTO leases (alias, owner, expires_at) VALUES (?, ?, ?)";
    db.run(sql, alias, owner, now + LEASE_TERM_MS);
  });
}

export function releaseLease(db: Database, alias: string, owner: string): void {
  db.run("DELETE FROM leases WHERE alias = ? AND owner = ?", alias, owner);
}
