/** The last re-index jobs, so that any process can report them. */
import type { Call } from "../core/call.js";
import type { Job } from "../core/job.js";
import type { Ledger } from "../core/ledger.js";
import { compare } from "./compare.js";
import { asSeenNow } from "./owners.js";
import { listRecords } from "./records.js";

const JOBS_KEPT = 50;

export async function recordJob(call: Call, ledger: Ledger, job: Job): Promise<void> {
  await ledger.put(call, "job", { key: job.id, record: job });
  for (const { id } of (await newestFirst(call, ledger)).slice(JOBS_KEPT)) await ledger.delete(call, "job", id);
}

/** @param isWanted which of them count towards the limit */
export async function listJobs(
  call: Call,
  ledger: Ledger,
  limit: number,
  isWanted: (job: Job) => boolean,
): Promise<Job[]> {
  return (await newestFirst(call, ledger)).filter(isWanted).slice(0, limit).map(asSeenNow);
}

async function newestFirst(call: Call, ledger: Ledger): Promise<Job[]> {
  const jobs = (await listRecords(call, ledger, "job")).map(([, job]) => job);
  return jobs.sort((a, b) => compare(b.startedAt, a.startedAt) || compare(b.id, a.id));
}
