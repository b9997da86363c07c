/** One open database file: statements are prepared once, errors leave translated. */
import type { DatabaseSyncInstance, StatementSyncInstance } from "@photostructure/sqlite";
import { collectGarbage } from "../../process/collect-garbage.js";
import type { Job } from "../../process/serve.js";
import { translate } from "./translate.js";

export type Value = string | number | Uint8Array | null;

/** Filters make new statements; beyond this the oldest is prepared again when it is needed. */
const STATEMENTS_KEPT = 128;

export class Database {
  /** Held for as long as statements are: a statement does not keep its database open. */
  readonly #db: DatabaseSyncInstance;
  readonly #statements = new Map<string, StatementSyncInstance>();

  constructor(
    readonly file: string,
    db: DatabaseSyncInstance,
  ) {
    this.#db = db;
  }

  all<Row>(sql: string, ...values: Value[]): Row[] {
    return this.#guard(() => this.#prepare(sql).all(...values) as Row[]);
  }

  get<Row>(sql: string, ...values: Value[]): Row | undefined {
    return this.#guard(() => this.#prepare(sql).get(...values) as Row | undefined);
  }

  run(sql: string, ...values: Value[]): { changes: number; lastId: number } {
    return this.#guard(() => {
      const { changes, lastInsertRowid } = this.#prepare(sql).run(...values);
      return { changes, lastId: Number(lastInsertRowid) };
    });
  }

  exec(sql: string): void {
    this.#guard(() => this.#db.exec(sql));
  }

  /**
   * All of it or nothing; waits for other writers up to the busy timeout, and does not begin for a caller who left
   * meanwhile. Not to be nested. @param work may `hear` its job, and never `breathe`: another call would come into it
   */
  write<T>(job: Job, work: () => T | Promise<T>): Promise<T> {
    return this.#transaction("BEGIN IMMEDIATE", async () => {
      await job.hear();
      return work();
    });
  }

  /** One unchanging view of the file for several statements. @param work as that of `write` */
  view<T>(work: () => Promise<T>): Promise<T> {
    return this.#transaction("BEGIN", work);
  }

  /** All of it or nothing, for the opening of a file, which nobody can leave. */
  writeAtOnce(work: () => void): void {
    this.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.exec("COMMIT");
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  /** The package finalises a statement only when it is collected; until then SQLite holds the file open. */
  close(): void {
    this.#statements.clear();
    this.#db.close();
    collectGarbage();
  }

  /** Before leaving: moves the WAL into the file, unless another process uses it. What fails the next opening does. */
  checkpoint(): void {
    try {
      this.#db.exec("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");
    } catch {
      return;
    }
  }

  async #transaction<T>(begin: string, work: () => Promise<T>): Promise<T> {
    this.exec(begin);
    try {
      const result = await work();
      this.exec("COMMIT");
      return result;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
  }

  #rollBack(): void {
    if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
  }

  #prepare(sql: string): StatementSyncInstance {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#db.prepare(sql);
    const oldest = this.#statements.keys().next();
    if (this.#statements.size >= STATEMENTS_KEPT && !oldest.done) this.#statements.delete(oldest.value);
    this.#statements.set(sql, statement);
    return statement;
  }

  #guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw translate(error, this.file);
    }
  }
}
