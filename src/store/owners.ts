/** Who holds a lease or runs a job, and whether they still do: the same for every store. */
import { randomBytes } from "node:crypto";
import { AppError } from "../core/errors.js";
import { isUnderWay, type Job } from "../core/job.js";
import { isGone, thisProcess } from "../process/owner.js";

export const LEASE_TERM_MS = 60_000;
/** A lease that ends later than any clock in step could say was taken before the clock was set back. */
const CLOCK_SLACK_MS = LEASE_TERM_MS;

/** Before a writer that has lost its lease is worth another try. */
const RETRY_LOST_MS = 1_000;

/** A job that runs writes its progress far more often than this. */
const SILENT_MS = 90_000;

export interface Held {
  /** `host:pid:random`; empty: nobody. */
  readonly owner: string;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** This process, by a name no other lease has. */
export function newOwner(): string {
  return `${thisProcess()}:${randomBytes(4).toString("hex")}`;
}

/** Whether it was given back, is this owner's own, or its holder has certainly ended. */
export function isFree({ owner: holder }: Held, owner: string): boolean {
  return holder === "" || holder === owner || isGone(holder);
}

/** @throws AppError `conflict` naming the holder, while somebody else holds it */
export function refuseIfHeld(alias: string, held: Held | undefined, owner: string): void {
  const now = Date.now();
  if (held === undefined || !isInForce(held.expiresAt, now) || isFree(held, owner)) return;
  const until = new Date(held.expiresAt).toISOString();
  throw new AppError("conflict", `"${alias}" is being written by ${held.owner}, until ${until} unless renewed.`, {
    remedy: "Wait for that reindex to end, or cancel it.",
    retryAfterMs: held.expiresAt - now,
  });
}

/** For a lease that is renewed though it had ended by this machine's clock. */
export function heldByAnotherClock(alias: string, { owner }: Held, termMs: number): AppError {
  const message = `"${alias}" is being written by ${owner}, which renewed its lease though it had ended by the clock of this machine.`;
  return new AppError("conflict", message, {
    remedy: "Wait for that reindex to end, or cancel it; set the clocks of both machines right.",
    retryAfterMs: termMs,
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

/** A job whose process is gone or silent has failed. */
export function asSeenNow(job: Job): Job {
  if (!isUnderWay(job)) return job;
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
