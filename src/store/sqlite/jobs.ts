/** The last re-index jobs, so that any process can report them. */
import type { Job } from "../../core/job.js";
import type { Job as Task } from "../../process/serve.js";
import { asSeenNow, JOBS_KEPT } from "../owners.js";
import type { Database } from "./database.js";

export function recordJob(task: Task, db: Database, job: Job): Promise<void> {
  return db.write(task, () => {
    const sql = "INSERT OR REPLACE INTO jobs (id, started_at, job) VALUES (?, ?, ?)";
    db.run(sql, job.id, job.startedAt, JSON.stringify(job));
    db.run(
      `DELETE FROM jobs WHERE id NOT IN (SELECT id FROM jobs ORDER BY started_at DESC, id DESC LIMIT ${JOBS_KEPT})`,
    );
  });
}

/** All that are kept, newest first. */
export function listJobs(db: Database): Job[] {
  return db
    .all<{ job: string }>("SELECT job FROM jobs ORDER BY started_at DESC, id DESC")
    .map((row) => asSeenNow(JSON.parse(row.job) as Job));
}
