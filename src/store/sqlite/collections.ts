/** Collection files: making, opening and dropping them. Open handles follow what other processes drop. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../core/errors.js";
import type { Fence } from "../../core/ledger.js";
import { noCollection } from "../../core/not-found.js";
import type { DropOptions } from "../../core/store-options.js";
import type { CollectionInfo, CollectionSpec, SourceInfo } from "../../core/types.js";
import type { Job } from "../../process/serve.js";
import { checkName } from "../names.js";
import { CandidateRows } from "./candidate-rows.js";
import type { Catalog, CatalogRow } from "./catalog.js";
import type { Database } from "./database.js";
import { assertHolds, raiseFence } from "./leases.js";
import { openDatabase } from "./open.js";
import { COLLECTION } from "./schema.js";
import { SearchMemory } from "./search-memory.js";
import { translate } from "./translate.js";
import { type MemoryBudget, VectorMemory } from "./vector-memory.js";

/** Each holds file descriptors and a page cache; the one unused for longest is closed. */
const HANDLES_KEPT = 8;

interface Handle {
  readonly uid: string;
  readonly db: Database;
  readonly vectors: VectorMemory;
  readonly memory: SearchMemory;
  readonly rows: CandidateRows;
}

export type OpenCollection = CatalogRow & Handle;

export interface NewCollection {
  readonly collection: string;
  readonly spec: CollectionSpec;
  /** Of the caller's making, so that the same request, sent again, is known. */
  readonly uid: string;
  readonly fence?: Fence | undefined;
}

/** What a collection's file says of itself. */
interface About {
  readonly points: number;
  readonly documents: number;
  /** JSON. */
  readonly sources: string | null;
}

export class Collections {
  /** Least recently used first. */
  readonly #open = new Map<string, Handle>();
  #catalogVersion = -1;

  constructor(
    readonly catalog: Catalog,
    readonly memory: MemoryBudget,
  ) {}

  async create(job: Job, { collection: name, spec, uid, fence }: NewCollection): Promise<void> {
    checkName("collection", name);
    checkName("alias", spec.alias);
    const { dimension } = spec.fingerprint;
    if (!Number.isInteger(dimension) || dimension < 1) {
      throw new AppError("bad_request", `${dimension} is not a dimension.`, { remedy: "Check the embedding model." });
    }
    if (name === spec.alias) {
      throw new AppError("conflict", `A collection cannot have its alias's name, "${name}".`, {
        remedy: "Choose another name.",
      });
    }
    await this.catalog.db.write(job, () => {
      if (this.catalog.find(name)?.uid === uid) return;
      assertHolds(this.catalog.db, fence);
      this.catalog.add({ name, uid, spec, state: "building" });
      const file = this.file(name);
      removeFiles(file); // not in the catalogue: left by a create or a drop that was cut off
      openDatabase(file, COLLECTION, (db) =>
        db.run("INSERT INTO about (one, spec, fence) VALUES (1, ?, ?)", JSON.stringify(spec), fence?.token ?? 0),
      ).close();
    });
  }

  /** Whoever writes into a version of the alias under an older lease is refused from now on. */
  async fence(job: Job, fence: Fence): Promise<void> {
    for (const { name, spec } of this.catalog.list()) {
      if (spec.alias !== fence.alias) continue;
      const db = this.#readable(name);
      if (db !== undefined) await raiseFence(job, db, fence);
    }
  }

  /** undefined: its file is damaged, and nobody can write into it. */
  #readable(name: string): Database | undefined {
    try {
      return this.use(name).db;
    } catch (error) {
      if (error instanceof AppError && error.code === "store_down") return undefined;
      throw error;
    }
  }

  /** By name or alias. @throws AppError `not_found` */
  use(nameOrAlias: string): OpenCollection {
    checkName("collection", nameOrAlias);
    this.#closeDropped();
    const row = this.catalog.find(nameOrAlias);
    if (row === undefined) throw noCollection(nameOrAlias);
    const handle = this.#open.get(row.name) ?? {
      uid: row.uid,
      db: openDatabase(this.file(row.name), COLLECTION),
      vectors: new VectorMemory(this.memory, row.spec.fingerprint.dimension),
      memory: new SearchMemory(),
      rows: new CandidateRows(),
    };
    this.#open.delete(row.name);
    this.#open.set(row.name, handle);
    for (const name of this.#open.keys()) {
      if (this.#open.size <= HANDLES_KEPT) break;
      this.#closeHandle(name);
    }
    return { ...row, ...handle };
  }

  /** By its own name only: an alias may move between two calls of one writer. */
  useExactly(name: string): OpenCollection {
    const collection = this.use(name);
    if (collection.name !== name) throw noCollection(name);
    return collection;
  }

  describe(nameOrAlias: string): CollectionInfo | undefined {
    checkName("collection", nameOrAlias);
    const row = this.catalog.find(nameOrAlias);
    return row && this.#info(row);
  }

  /** Newest first. @param alias whose versions; undefined: all */
  async list(job: Job, alias: string | undefined): Promise<CollectionInfo[]> {
    if (alias !== undefined) checkName("alias", alias);
    const infos: CollectionInfo[] = [];
    for (const row of this.catalog.list()) {
      if (alias !== undefined && row.spec.alias !== alias) continue;
      infos.push(this.#info(row));
      await job.breathe();
    }
    return infos;
  }

  async drop(job: Job, name: string, options: DropOptions): Promise<boolean> {
    checkName("collection", name);
    if (!(await this.catalog.remove(job, name, options))) return false;
    this.#closeHandle(name);
    removeFiles(this.file(name));
    return true;
  }

  file(name: string): string {
    return join(this.catalog.folder, "collections", `${name}.db`);
  }

  close(): void {
    for (const { db } of this.#open.values()) db.checkpoint();
    for (const name of [...this.#open.keys()]) this.#closeHandle(name);
    this.catalog.close();
  }

  #info(row: CatalogRow): CollectionInfo {
    const about = this.#about(row);
    return {
      name: row.name,
      alias: row.spec.alias,
      spec: row.spec,
      dimension: row.spec.fingerprint.dimension,
      state: about === undefined ? "damaged" : row.state,
      serving: row.serving,
      points: about?.points ?? 0,
      documents: about?.documents ?? 0,
      sources: about?.sources ? (JSON.parse(about.sources) as SourceInfo[]) : undefined,
      createdAt: row.createdAt,
    };
  }

  /**
   * undefined when the file cannot be read: the other collections can still be listed, and this one replaced. Where all
   * handles are taken it is opened for this only: a list must not close what is searched.
   */
  #about({ name, uid }: CatalogRow): About | undefined {
    const read = (db: Database) => db.get<About>("SELECT points, documents, sources FROM about");
    const open = this.#open.get(name);
    try {
      if (open?.uid === uid) return read(open.db);
      if (this.#open.size < HANDLES_KEPT) return read(this.use(name).db);
      const db = openDatabase(this.file(name), COLLECTION);
      try {
        return read(db);
      } finally {
        db.close();
      }
    } catch (error) {
      if (error instanceof AppError && error.code === "store_down") return undefined;
      throw error;
    }
  }

  #closeDropped(): void {
    const { version } = this.catalog;
    if (version === this.#catalogVersion) return;
    this.#catalogVersion = version;
    const uids = new Map(this.catalog.list().map((row) => [row.name, row.uid]));
    for (const [name, handle] of this.#open) if (uids.get(name) !== handle.uid) this.#closeHandle(name);
  }

  #closeHandle(name: string): void {
    const handle = this.#open.get(name);
    this.#open.delete(name);
    handle?.vectors.clear();
    handle?.db.close();
  }
}

export function removeFiles(file: string): void {
  try {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(`${file}${suffix}`, { force: true });
  } catch (error) {
    throw translate(error, file);
  }
}
