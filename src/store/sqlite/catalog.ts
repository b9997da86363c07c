/** The catalogue file: which collections there are, and which one each alias serves. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../core/errors.js";
import type { Switched, SwitchTerms } from "../../core/ledger.js";
import { noCollection } from "../../core/not-found.js";
import type { DropOptions } from "../../core/store-options.js";
import type { CollectionSpec } from "../../core/types.js";
import type { Job } from "../../process/serve.js";
import { servesAnother } from "../owners.js";
import type { Database } from "./database.js";
import { assertHolds } from "./leases.js";
import { openDatabase, pragma } from "./open.js";
import { CATALOG } from "./schema.js";
import { sweepTemporaries } from "./temporary-files.js";
import { translate } from "./translate.js";

/** A switch of an alias, and when it is refused. */
export interface Switch {
  readonly alias: string;
  readonly collection: string;
  readonly terms: SwitchTerms;
}

export interface CatalogRow {
  readonly name: string;
  readonly uid: string;
  readonly spec: CollectionSpec;
  readonly state: "building" | "ready";
  readonly createdAt: string;
  readonly serving: boolean;
}

interface RawRow extends Omit<CatalogRow, "spec" | "serving"> {
  readonly spec: string;
  readonly serving: number;
}

const COLLECTION = `SELECT c.name, c.uid, c.spec, c.state, c.created_at AS createdAt,
  EXISTS (SELECT 1 FROM aliases a WHERE a.collection = c.name) AS serving FROM collections c`;

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

  find(nameOrAlias: string): CatalogRow | undefined {
    const row = this.db.get<RawRow>(
      `${COLLECTION} WHERE c.name = coalesce((SELECT collection FROM aliases WHERE alias = ?1), ?1)`,
      nameOrAlias,
    );
    return row && toRow(row);
  }

  /** Newest first. */
  list(): CatalogRow[] {
    return this.db.all<RawRow>(`${COLLECTION} ORDER BY c.created_at DESC, c.rowid DESC`).map(toRow);
  }

  /** Within a transaction of `db`. @throws AppError `conflict` when the name is taken */
  add(row: Omit<CatalogRow, "serving" | "createdAt">): void {
    this.assertFree(row.name);
    if (this.db.get("SELECT 1 FROM collections WHERE name = ?", row.spec.alias) !== undefined)
      throw taken(row.spec.alias);
    this.db.run(
      "INSERT INTO collections (name, uid, spec, state, created_at) VALUES (?, ?, ?, ?, ?)",
      row.name,
      row.uid,
      JSON.stringify(row.spec),
      row.state,
      new Date().toISOString(),
    );
  }

  assertFree(name: string): void {
    const sql = "SELECT 1 FROM collections WHERE name = ?1 UNION SELECT 1 FROM aliases WHERE alias = ?1";
    if (this.db.get(sql, name) !== undefined) throw taken(name);
  }

  publish(job: Job, change: Switch): Promise<Switched> {
    const { collection } = change;
    return this.db.write(job, () => {
      if (this.db.run("UPDATE collections SET state = 'ready' WHERE name = ?", collection).changes === 0) {
        throw noCollection(collection);
      }
      return this.#repoint(change);
    });
  }

  repoint(job: Job, change: Switch): Promise<Switched> {
    return this.db.write(job, () => this.#repoint(change));
  }

  #repoint({ alias, collection, terms: { from, fence } }: Switch): Switched {
    assertHolds(this.db, fence);
    const target = this.#physical(collection);
    if (target === undefined) throw noCollection(collection);
    if (target.state !== "ready") {
      throw new AppError("conflict", `The collection "${collection}" is not complete.`, {
        remedy: "Run reindex again; an incomplete collection never serves.",
      });
    }
    if (this.#physical(alias) !== undefined) throw taken(alias);
    const now = this.db.get<{ previous: string }>("SELECT collection AS previous FROM aliases WHERE alias = ?", alias);
    if (from !== undefined && from !== (now?.previous ?? null)) throw servesAnother(alias, now?.previous, collection);
    this.db.run("INSERT OR REPLACE INTO aliases (alias, collection) VALUES (?, ?)", alias, collection);
    return now ?? {};
  }

  /**
   * False when it was not there. @param options `serving`: with the alias that points at it
   * @throws AppError `conflict` when one does, unless that is asked for
   */
  remove(job: Job, name: string, { serving, fence }: DropOptions): Promise<boolean> {
    return this.db.write(job, () => {
      assertHolds(this.db, fence);
      const row = this.#physical(name);
      if (row === undefined) return false;
      if (row.serving && !serving) {
        throw new AppError("conflict", `The collection "${name}" is being served.`, {
          remedy: "Point its alias at another collection first.",
        });
      }
      this.db.run("DELETE FROM aliases WHERE collection = ?", name);
      this.db.run("DELETE FROM collections WHERE name = ?", name);
      return true;
    });
  }

  close(): void {
    this.#db?.checkpoint();
    this.#db?.close();
    this.#db = undefined;
  }

  #physical(name: string): CatalogRow | undefined {
    const row = this.db.get<RawRow>(`${COLLECTION} WHERE c.name = ?`, name);
    return row && toRow(row);
  }

  #open(): Database {
    const file = join(this.folder, "catalog.db");
    try {
      for (const folder of ["", "collections", "snapshots"]) {
        mkdirSync(join(this.folder, folder), { recursive: true, mode: 0o700 });
        sweepTemporaries(join(this.folder, folder));
      }
    } catch (error) {
      throw translate(error, file);
    }
    return openDatabase(file, CATALOG, () => undefined);
  }
}

function taken(name: string): AppError {
  return new AppError("conflict", `The name "${name}" is taken.`, { remedy: "Choose another name." });
}

function toRow(row: RawRow): CatalogRow {
  return { ...row, spec: JSON.parse(row.spec) as CollectionSpec, serving: row.serving === 1 };
}
