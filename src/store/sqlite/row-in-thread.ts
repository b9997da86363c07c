/** One statement in a thread with a connection of its own: for what takes minutes, so that the process tells that it lives. */
import { Worker } from "node:worker_threads";

/** What the thread is told. */
export interface ThreadStatement {
  readonly file: string;
  readonly sql: string;
  readonly values: readonly string[];
  readonly access: Access;
}

type Access = "read" | "write";

/** @returns the first row, if there is one, when the thread has let go of the file @throws SQLite's error, with its code */
export function rowInThread<Row>(
  file: string,
  sql: string,
  values: readonly string[] = [],
  access: Access = "read",
): Promise<Row | undefined> {
  const workerData: ThreadStatement = { file, sql, values, access };
  const thread = new Worker(new URL("./row-thread.js", import.meta.url), { workerData });
  return new Promise((resolve, reject) => {
    let row: Row | undefined;
    thread.on("message", (first: Row | undefined) => {
      row = first;
    });
    thread.on("error", reject);
    thread.on("exit", () => resolve(row));
  });
}
