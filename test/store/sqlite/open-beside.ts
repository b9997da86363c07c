/** A database file as another program opens it: without the store. */
import { DatabaseSync, type DatabaseSyncInstance } from "@photostructure/sqlite";

/** A process of the store that has closed a file still holds it for a moment, until its statements are collected. */
const BUSY_TIMEOUT_MS = 10_000;

export function openBeside(file: string): DatabaseSyncInstance {
  return new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS });
}
