/** Errors of SQLite and of the file system as `AppError`s: no library's own error type leaves this folder. */
import { AppError } from "../../core/errors.js";

/** Primary result codes, https://www.sqlite.org/rescode.html */
const BUSY = 5;
const LOCKED = 6;
const CORRUPT = 11;
const FULL = 13;
const CONSTRAINT = 19;
const NOT_A_DATABASE = 26;

/** The package leaves the code off errors of `all()`; the texts are SQLite's own (`sqlite3_errstr`). */
const RESULT_TEXTS: Readonly<Record<string, number | undefined>> = {
  "database is locked": BUSY,
  "database table is locked": LOCKED,
  "attempt to write a readonly database": 8,
  "disk I/O error": 10,
  "database disk image is malformed": CORRUPT,
  "database or disk is full": FULL,
  "unable to open database file": 14,
  "file is not a database": NOT_A_DATABASE,
};

const RESTORE = "Restore a snapshot of the collection, or run reindex with mode full.";

const UNUSABLE: Readonly<Record<number, readonly [what: string, remedy: string]>> = {
  3: ["access is denied", "Give this user read and write access to the data folder."],
  8: ["it is read-only", "Make the data folder writable, or choose another one."],
  10: ["the disk failed", "Check the disk of the data folder, then restore a snapshot if data was lost."],
  14: ["it cannot be opened", "Check that the data folder exists and that this user may read and write it."],
};
const DISK_FULL = ["the disk is full", "Free space on the disk of the data folder, then try again."] as const;
const FILE_ERRORS: Readonly<Record<string, readonly [what: string, remedy: string] | undefined>> = {
  ENOSPC: DISK_FULL,
  EDQUOT: DISK_FULL,
  EACCES: UNUSABLE[3],
  EPERM: UNUSABLE[3],
  EROFS: UNUSABLE[8],
  EIO: UNUSABLE[10],
  ENOENT: UNUSABLE[14],
  ENOTDIR: UNUSABLE[14],
  EEXIST: UNUSABLE[14],
};

/** @param file the database file that was being used */
export function translate(thrown: unknown, file: string): unknown {
  if (thrown instanceof AppError || !(thrown instanceof Error)) return thrown;
  const { errcode, code, message } = thrown as Error & { errcode?: number; code?: string };
  if (code === "ERR_SQLITE_ERROR") {
    return fromResultCode((errcode ?? RESULT_TEXTS[message] ?? 0) & 0xff, message, file, thrown);
  }
  const known = FILE_ERRORS[code ?? ""];
  return known === undefined ? thrown : unusable(file, known, thrown);
}

export function damaged(file: string, detail: string, cause?: unknown): AppError {
  return new AppError("store_down", `The database file ${file} is damaged: ${detail}.`, { remedy: RESTORE, cause });
}

export function missing(file: string): AppError {
  return new AppError("store_down", `The database file ${file} is missing.`, { remedy: RESTORE });
}

function fromResultCode(code: number, message: string, file: string, cause: Error): unknown {
  if (code === BUSY || code === LOCKED) {
    return new AppError("overloaded", `The database file ${file} is being written by another process.`, {
      remedy: "Try again when the other process has finished writing.",
      retryAfterMs: 1_000,
      cause,
    });
  }
  if (code === CORRUPT || code === NOT_A_DATABASE) return damaged(file, message, cause);
  if (code === FULL) return unusable(file, DISK_FULL, cause);
  if (code === CONSTRAINT) {
    return new AppError("bad_request", `The data contradicts what is stored: ${message}.`, {
      remedy: "Give every point an id of its own.",
      cause,
    });
  }
  const known = UNUSABLE[code];
  return known === undefined ? cause : unusable(file, known, cause);
}

function unusable(file: string, [what, remedy]: readonly [what: string, remedy: string], cause: Error): AppError {
  return new AppError("store_down", `The database file ${file} cannot be used: ${what}.`, { remedy, cause });
}
