/** Entry of the thread that runs one statement. */
import { parentPort, workerData } from "node:worker_threads";
import { DatabaseSync } from "@photostructure/sqlite";
import type { ThreadStatement } from "./row-in-thread.js";

const { file, sql, values } = workerData as ThreadStatement;
const db = new DatabaseSync(file, { readOnly: true });
try {
  parentPort?.postMessage(db.prepare(sql).get(...values));
} finally {
  db.close();
}
