/** Rewrites database files so that nothing of what was removed stays in them, nor in their logs. */
import { readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { AppError } from "../../core/errors.js";
import type { Job } from "../../process/serve.js";
import { type Collections, removeFiles } from "./collections.js";
import { rowInThread } from "./row-in-thread.js";
import { translate } from "./translate.js";

/** A reader holds the log for as long as a query takes; each attempt waits for some seconds itself. */
const CHECKPOINT_ATTEMPTS = 2;
const DATABASE = /^(.+\.db)(?:-wal|-shm|-journal)?$/;

/** @param collection undefined: the catalogue, and the files that it does not list */
export async function scrub(job: Job, collections: Collections, collection: string | undefined): Promise<void> {
  if (collection === undefined) {
    await sweepUnlisted(job, collections);
    return rewrite(job, collections.catalog.db.file);
  }
  const { file } = collections.useExactly(collection).db;
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

/** Left by a process that ended between the catalogue and the file. Within a transaction no file waits to be listed. */
async function sweepUnlisted(job: Job, { catalog }: Collections): Promise<void> {
  await catalog.db.write(job, () => {
    for (const kind of ["collections", "snapshots"] as const) {
      const listed = new Set(
        catalog.db.all<{ name: string }>(`SELECT name FROM ${kind}`).map(({ name }) => `${name}.db`),
      );
      const folder = join(catalog.folder, kind);
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
