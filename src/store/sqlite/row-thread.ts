/** Entry of the thread that runs one statement. */
import { parentPort, workerData } from "node:worker_threads";
import { DatabaseSync } from "@photostructure/sqlite";
import type { ThreadStatement } from "./row-in-thread.js";

/** A statement that writes waits so long for other writers. */
const BUSY_TIMEOUT_MS = 5_000;

const { file, sql, values, access } = workerData as ThreadStatement;
const db = new DatabaseSync(file, { readOnly: access === "read", timeout: BUSY_TIMEOUT_MS });
try {
  parentPort?.postMessage(db.prepare(sql).get(...values));
} finally {
  db.close();
}
