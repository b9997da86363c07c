/** Who holds a lease or runs a job, and whether they still do: the same for every store. */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { AppError } from "../core/errors.js";
import type { Job } from "../core/job.js";

export const LEASE_TERM_MS = 60_000;
/** A lease that ends later than any clock in step could say was taken before the clock was set back. */
const CLOCK_SLACK_MS = LEASE_TERM_MS;

/** Before a writer that has lost its lease is worth another try. */
const RETRY_LOST_MS = 1_000;

/** A job that runs writes its progress far more often than this. */
const SILENT_MS = 90_000;

export interface Held {
  /** `host:pid:random` */
  readonly owner: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** This process, by a name no other lease has. */
export function newOwner(): string {
  return `${hostname()}:${process.pid}:${randomBytes(4).toString("hex")}`;
}

/** @throws AppError `conflict` naming the holder, while somebody else holds it */
export function refuseIfHeld(alias: string, held: Held | undefined, owner: string): void {
  const now = Date.now();
  if (held === undefined || held.owner === owner || !isInForce(held.expiresAt, now) || isGone(held.owner)) return;
  const until = new Date(held.expiresAt).toISOString();
  throw new AppError("conflict", `"${alias}" is being written by ${held.owner}, until ${until} unless renewed.`, {
    remedy: "Wait for that reindex to end, or cancel it.",
    retryAfterMs: held.expiresAt - now,
  });
}

/** For a writer that was taken for dead, or whose lease an operator took away. Soon it may try again. */
export function leaseLost(alias: string): AppError {
  return new AppError("conflict", `The lease on "${alias}" was lost: somebody else writes, or did meanwhile.`, {
    remedy: "Run reindex again; it goes on with what is there.",
    retryAfterMs: RETRY_LOST_MS,
  });
}

/** For a switch that was prepared while something else served. */
export function servesAnother(alias: string, now: string | undefined, collection: string): AppError {
  const what = now === undefined ? "nothing" : `"${now}"`;
  return new AppError(
    "conflict",
    `"${alias}" serves ${what} since this began; it was not switched to "${collection}".`,
    {
      remedy:
        "See `aura-retrieval collections`, then do it again, a reindex with the same mode: what is built already is not built twice.",
    },
  );
}

/** For a collection that was to go. */
export function isServing(collection: string): AppError {
  return new AppError("conflict", `The collection "${collection}" is being served.`, {
    remedy: "Point its alias at another collection first.",
  });
}

function isInForce(expiresAt: number, now: number): boolean {
  return expiresAt > now && expiresAt <= now + LEASE_TERM_MS + CLOCK_SLACK_MS;
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

/** A job whose process is gone or silent has failed. */
export function asSeenNow(job: Job): Job {
  if (job.state !== "queued" && job.state !== "running") return job;
  const isEnded = isGone(job.owner);
  if (!isEnded && Date.now() - Date.parse(job.updatedAt) < SILENT_MS) return job;
  const what = isEnded ? "has ended" : `has given no sign of life since ${job.updatedAt}`;
  return {
    ...job,
    state: "failed",
    error: {
      code: "cancelled",
      message: `The process that ran this job (${job.owner}) ${what}.`,
      remedy: `Run reindex again with mode ${job.mode}: it goes on, and documents that were written already are skipped.`,
    },
  };
}
