/** Collection files: making, opening and dropping them. Open handles follow what other processes drop. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../../core/errors.js";
import type { Fence } from "../../core/ledger.js";
import { noCollection } from "../../core/not-found.js";
import type { IndexInfo } from "../../core/passage-index.js";
import type { CollectionSpec } from "../../core/types.js";
import type { Job } from "../../process/serve.js";
import { CandidateRows } from "./candidate-rows.js";
import type { Catalog } from "./catalog.js";
import type { Database } from "./database.js";
import { assertHolds, raiseFence } from "./ledger.js";
import { openDatabase } from "./open.js";
import { COLLECTION } from "./schema.js";
import { SearchMemory } from "./search-memory.js";
import { translate } from "./translate.js";
import { type MemoryBudget, VectorMemory } from "./vector-memory.js";

/** Each holds file descriptors and a page cache; the one unused for longest is closed. */
const HANDLES_KEPT = 8;

export interface OpenFile {
  readonly name: string;
  readonly createdAt: string;
  readonly dimension: number;
  readonly db: Database;
  readonly vectors: VectorMemory;
  readonly memory: SearchMemory;
  readonly rows: CandidateRows;
}

export interface Written {
  readonly collection: string;
  readonly fence?: Fence | undefined;
}

/** What a collection's file says of itself. */
interface About {
  readonly dimension: number;
  readonly points: number;
  readonly documents: number;
  /** JSON, of an earlier version: the catalogue has them now. */
  readonly sources: string | null;
}

export class Files {
  /** Least recently used first. */
  readonly #open = new Map<string, OpenFile>();
  #catalogVersion = -1;

  constructor(
    readonly catalog: Catalog,
    readonly memory: MemoryBudget,
  ) {}

  /** In a transaction of the catalogue, so that whoever lost the lease makes none. */
  async create(
    job: Job,
    { collection: name, spec, fence }: Written & { readonly spec: CollectionSpec },
  ): Promise<void> {
    await this.catalog.db.write(job, () => {
      assertHolds(this.catalog.db, fence);
      const file = this.file(name);
      removeFiles(file); // left by one that was cut off
      openDatabase(file, COLLECTION, (db) =>
        db.run("INSERT INTO about (one, spec, fence) VALUES (1, ?, ?)", JSON.stringify(spec), fence?.token ?? 0),
      ).close();
    });
  }

  /** Whoever writes into it under an older lease is refused from now on. Into a damaged one nobody can. */
  async fence(job: Job, name: string, fence: Fence): Promise<void> {
    if (this.#about(name) !== undefined) await raiseFence(job, this.use(name).db, fence);
  }

  /** @throws AppError `not_found` for one that the catalogue does not have, `store_down` for a file that cannot be read */
  use(name: string): OpenFile {
    this.#closeDropped();
    const createdAt = this.catalog.createdAt(name);
    if (createdAt === undefined) throw noCollection(name);
    if (this.#open.get(name)?.createdAt !== createdAt) this.#close(name);
    const handle = this.#open.get(name) ?? this.#openFile(name, createdAt);
    this.#open.delete(name);
    this.#open.set(name, handle);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= HANDLES_KEPT) break;
      this.#close(oldest);
    }
    return handle;
  }

  describe(name: string): IndexInfo | undefined {
    if (this.catalog.createdAt(name) === undefined || !existsSync(this.file(name))) return undefined;
    const about = this.#about(name);
    if (about === undefined) return { dimension: 0, points: 0, documents: 0, isDamaged: true };
    const { dimension, points, documents, sources } = about;
    return { dimension, points, documents, sources: sources === null ? undefined : JSON.parse(sources) };
  }

  drop(name: string): boolean {
    this.#close(name);
    const wasThere = existsSync(this.file(name));
    removeFiles(this.file(name));
    return wasThere;
  }

  file(name: string): string {
    return join(this.catalog.folder, "collections", `${name}.db`);
  }

  close(): void {
    for (const { db } of this.#open.values()) db.checkpoint();
    for (const name of [...this.#open.keys()]) this.#close(name);
    this.catalog.close();
  }

  #openFile(name: string, createdAt: string): OpenFile {
    const db = openDatabase(this.file(name), COLLECTION);
    const { dimension } = aboutOf(db);
    const vectors = new VectorMemory(this.memory, dimension);
    return { name, createdAt, dimension, db, vectors, memory: new SearchMemory(), rows: new CandidateRows() };
  }

  /**
   * undefined when the file cannot be read: the other collections can still be listed, and this one replaced. Where all
   * handles are taken it is opened for this only: a list must not close what is searched.
   */
  #about(name: string): About | undefined {
    try {
      if (this.#open.has(name) || this.#open.size < HANDLES_KEPT) return aboutOf(this.use(name).db);
      const db = openDatabase(this.file(name), COLLECTION);
      try {
        return aboutOf(db);
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
    for (const { name, createdAt } of this.#open.values()) {
      if (this.catalog.createdAt(name) !== createdAt) this.#close(name);
    }
  }

  #close(name: string): void {
    const handle = this.#open.get(name);
    this.#open.delete(name);
    handle?.vectors.clear();
    handle?.db.close();
  }
}

function aboutOf(db: Database): About {
  const sql = `SELECT points, documents, sources, spec -> 'fingerprint' ->> 'dimension' AS dimension FROM about`;
  return db.get<About>(sql) as About;
}

export function removeFiles(file: string): void {
  try {
    for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(`${file}${suffix}`, { force: true });
  } catch (error) {
    throw translate(error, file);
  }
}
