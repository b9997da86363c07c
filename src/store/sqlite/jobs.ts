/** The last re-index jobs, so that any process can report them. */
import type { Job } from "../../core/types.js";
import type { Database } from "./database.js";
import { isGone } from "./leases.js";

const JOBS_KEPT = 50;
/** A job that runs writes its progress far more often than this. */
const SILENT_MS = 90_000;

export function recordJob(db: Database, job: Job): void {
  db.write(() => {
    const sql = "INSERT OR REPLACE INTO jobs (id, started_at, job) VALUES (?, ?, ?)";
    db.run(sql, job.id, job.startedAt, JSON.stringify(job));
    db.run(
      `DELETE FROM jobs WHERE id NOT IN (SELECT id FROM jobs ORDER BY started_at DESC, id DESC LIMIT ${JOBS_KEPT})`,
    );
  });
}

export function listJobs(db: Database, limit: number): Job[] {
  return db
    .all<{ job: string }>("SELECT job FROM jobs ORDER BY started_at DESC, id DESC LIMIT ?", limit)
    .map((row) => asSeenNow(JSON.parse(row.job) as Job));
}

function asSeenNow(job: Job): Job {
  if (job.state !== "queued" && job.state !== "running") return job;
  if (!isGone(job.owner) && Date.now() - Date.parse(job.updatedAt) < SILENT_MS) return job;
  return {
    ...job,
    state: "failed",
    error: {
      code: "cancelled",
      message: `The process that ran this job (${job.owner}) has ended.`,
      remedy: "Run reindex again; documents that were written already are skipped.",
    },
  };
}
