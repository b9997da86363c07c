/** Rewrites database files so that nothing of what was removed stays in them, nor in their logs. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { AppError } from "../../core/errors.js";
import type { Job } from "../../process/serve.js";
import { type Files, removeFiles } from "./files.js";
import { rowInThread } from "./row-in-thread.js";
import { translate } from "./translate.js";

/** A reader holds the log for as long as a query takes; each attempt waits for some seconds itself. */
const CHECKPOINT_ATTEMPTS = 2;
const DATABASE = /^(.+\.db)(?:-wal|-shm|-journal)?$/;

/** @param collection undefined: the catalogue, and the files that it does not list */
export async function scrub(job: Job, files: Files, collection: string | undefined): Promise<void> {
  if (collection === undefined) {
    await sweepUnlisted(job, files);
    return rewrite(job, files.catalog.db.file);
  }
  const { db } = files.use(collection);
  const { file } = db;
  const kept = "SELECT record ->> 'sources' AS sources FROM records WHERE kind = 'collection' AND key = ?";
  // An earlier version kept them here: by now they are in the catalogue, without what was forgotten.
  if (files.catalog.db.get<{ sources: string | null }>(kept, collection)?.sources) {
    await db.write(job, () => void db.run("UPDATE about SET sources = NULL"));
  }
  // FTS5 keeps the terms of removed rows in its segments until these are merged.
  await inThread(job, file, "INSERT INTO terms (terms) VALUES ('optimize')");
  await rewrite(job, file);
}

/**
 * `secure_delete` would not do: it overwrites what is deleted from now on, at every write's expense, and not what was
 * deleted or replaced before, nor the log.
 */
async function rewrite(job: Job, file: string): Promise<void> {
  await inThread(job, file, "VACUUM");
  for (let attempt = 0; attempt < CHECKPOINT_ATTEMPTS; attempt++) {
    await job.breathe();
    const row = await inThread<{ busy: number }>(job, file, "PRAGMA wal_checkpoint(TRUNCATE)");
    if (row?.busy === 0) return;
  }
  throw new AppError(
    "overloaded",
    `Another process still reads what ${basename(file)} held before: its log keeps that.`,
    {
      remedy: "Run the same command again when the other process has finished or ended.",
    },
  );
}

async function inThread<Row>(job: Job, file: string, sql: string): Promise<Row | undefined> {
  try {
    return await job.during(rowInThread<Row>(file, sql, [], "write"));
  } catch (error) {
    throw translate(error, file);
  }
}

/** Left by a process that ended between the catalogue and the file: what has a file has a record before. */
async function sweepUnlisted(job: Job, { catalog }: Files): Promise<void> {
  const sql = "SELECT key FROM records WHERE kind = ? AND record ->> 'state' IS NOT 'dropping'";
  await catalog.db.write(job, () => {
    for (const kind of ["collection", "snapshot"] as const) {
      const listed = new Set(catalog.db.all<{ key: string }>(sql, kind).map(({ key }) => `${key}.db`));
      const folder = join(catalog.folder, `${kind}s`);
      for (const file of databasesIn(folder)) if (!listed.has(file)) removeFiles(join(folder, file));
    }
  });
}

/** Names of the files, also of those of which only the log is left. */
function databasesIn(folder: string): ReadonlySet<string> {
  try {
    return new Set(readdirSync(folder).flatMap((name) => DATABASE.exec(name)?.[1] ?? []));
  } catch (error) {
    throw translate(error, folder);
  }
}
