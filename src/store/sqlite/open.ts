/** Opens database files: refuses what it must not touch, then sets and verifies what durability rests on. */
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import { DatabaseSync } from "@photostructure/sqlite";
import { load as loadVectorFunctions } from "sqlite-vec";
import { AppError } from "../../core/errors.js";
import { fitsPath } from "../../core/path-pattern.js";
import { Database } from "./database.js";
import type { FileKind } from "./schema.js";
import { damaged, missing, translate } from "./translate.js";

const BUSY_TIMEOUT_MS = 5_000;
/** Ten vectors of 384 dimensions to a page; with SQLite's 4 KiB it is two, and a scan reads a quarter more. */
const PAGE_BYTES = 16_384;
/** Each process has its own; the operating system keeps the rest of the file. */
const CACHE_KIB = 8_192;

/** https://www.sqlite.org/fileformat.html, section 1.3 */
const MAGIC = "SQLite format 3\0";
const USER_VERSION_OFFSET = 60;
const APPLICATION_ID_OFFSET = 68;
const HEADER_BYTES = 100;

/** @param first fills a file that is new; without it a file that is missing is an error. */
export function openDatabase(file: string, kind: FileKind, first?: (db: Database) => void): Database {
  try {
    checkHeader(file, kind, first !== undefined);
    const raw = new DatabaseSync(file, { allowExtension: true, timeout: BUSY_TIMEOUT_MS });
    const db = new Database(file, raw);
    try {
      checkVersion(file, kind, pragma(db, "user_version"));
      raw.enableLoadExtension(true);
      loadVectorFunctions(raw);
      raw.enableLoadExtension(false);
      raw.function("fits_path", { deterministic: true }, (pattern: string, path: string) =>
        Number(fitsPath(pattern, path)),
      );
      if (first !== undefined) createTables(db, kind, first);
      makeDurable(db);
      upgrade(db, kind);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  } catch (error) {
    throw translate(error, file);
  }
}

export function pragma(db: Database, name: string): number | string {
  return Object.values(db.get<Record<string, number | string>>(`PRAGMA ${name}`) ?? {})[0] as number | string;
}

/** Read from the file itself: opening a newer file with SQLite could already change it (a left-over WAL is merged). */
function checkHeader(file: string, kind: FileKind, mayBeNew: boolean): void {
  if (!existsSync(file)) {
    if (mayBeNew) return;
    throw missing(file);
  }
  const header = Buffer.alloc(HEADER_BYTES);
  const descriptor = openSync(file, "r");
  const length = readSync(descriptor, header, 0, HEADER_BYTES, 0);
  closeSync(descriptor);
  if (length === 0 && mayBeNew) return;
  if (header.toString("latin1", 0, MAGIC.length) !== MAGIC) throw damaged(file, "it does not begin as a database does");
  checkVersion(file, kind, header.readInt32BE(USER_VERSION_OFFSET));
  const applicationId = header.readInt32BE(APPLICATION_ID_OFFSET);
  if (applicationId !== kind.applicationId && applicationId !== 0) {
    throw new AppError("mismatch", `${file} belongs to another program.`, {
      remedy: "Use another data folder.",
    });
  }
}

function checkVersion(file: string, kind: FileKind, version: number | string): void {
  if (Number(version) <= kind.version) return;
  throw new AppError("mismatch", `${file} was written by a newer version (format ${version}, ours ${kind.version}).`, {
    remedy: "Upgrade aura-retrieval, or use another data folder.",
  });
}

/** Tables come before WAL: this way the version is in the header from the first moment. */
function createTables(db: Database, kind: FileKind, first: (db: Database) => void): void {
  if (pragma(db, "user_version") !== 0) return;
  db.exec(`PRAGMA page_size = ${PAGE_BYTES}; PRAGMA synchronous = FULL`);
  db.writeAtOnce(() => {
    if (pragma(db, "user_version") !== 0) return; // another process was first
    db.exec(`PRAGMA application_id = ${kind.applicationId}; PRAGMA user_version = ${kind.version}; ${kind.tables}`);
    first(db);
  });
}

/** A file that an earlier version wrote. Another process may have been first. */
function upgrade(db: Database, kind: FileKind): void {
  if (Number(pragma(db, "user_version")) === kind.version) return;
  db.writeAtOnce(() => {
    const from = Number(pragma(db, "user_version"));
    for (const step of kind.upgrades.slice(from - 1)) db.exec(step);
    db.exec(`PRAGMA user_version = ${kind.version}`);
  });
}

function makeDurable(db: Database): void {
  enterWal(db);
  db.exec(`PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -${CACHE_KIB}`);
  const found = { journal: pragma(db, "journal_mode"), synchronous: pragma(db, "synchronous") };
  if (found.journal === "wal" && found.synchronous === 2) return;
  throw new AppError(
    "store_down",
    `${basename(db.file)} cannot be written safely here (journal ${found.journal}, synchronous ${found.synchronous}).`,
    { remedy: "Put the data folder on a local disk." },
  );
}

/**
 * Changing the journal does not wait for the busy timeout when two processes do it at once. Not `retry` of the
 * resilience room: a file is opened in one synchronous step, as SQLite works.
 */
function enterWal(db: Database): void {
  const until = performance.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      db.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!(error instanceof AppError && error.code === "overloaded") || performance.now() > until) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}
