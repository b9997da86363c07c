/** The catalogue file: small records, what each alias serves, and who may write. */

import { join } from "node:path";
import { makeFolderSync } from "../../files/make-folder.js";
import type { Database } from "./database.js";
import { openDatabase, pragma } from "./open.js";
import { CATALOG } from "./schema.js";
import { sweepTemporaries } from "./temporary-files.js";
import { translate } from "./translate.js";

export class Catalog {
  #db: Database | undefined;

  constructor(readonly folder: string) {}

  /** Opened, and created if need be, on first use. */
  get db(): Database {
    this.#db ??= this.#open();
    return this.#db;
  }

  /** Changes whenever another process has changed the catalogue. */
  get version(): number {
    return Number(pragma(this.db, "data_version"));
  }

  /** When the collection was made, which tells it from an earlier one of its name; undefined: there is none. */
  createdAt(name: string): string | undefined {
    const sql = `SELECT record ->> 'createdAt' AS createdAt FROM records
      WHERE kind = 'collection' AND key = ? AND record ->> 'state' <> 'dropping'`;
    return this.db.get<{ createdAt: string }>(sql, name)?.createdAt;
  }

  close(): void {
    this.#db?.checkpoint();
    this.#db?.close();
    this.#db = undefined;
  }

  #open(): Database {
    const file = join(this.folder, "catalog.db");
    try {
      for (const folder of ["", "collections", "snapshots"]) {
        makeFolderSync(join(this.folder, folder), 0o700);
        sweepTemporaries(join(this.folder, folder));
      }
    } catch (error) {
      throw translate(error, file);
    }
    return openDatabase(file, CATALOG, () => undefined);
  }
}
