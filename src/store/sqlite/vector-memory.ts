/** Which collections' vectors are in memory: brought up to date by each query, within one bound for all of them. */
import { vectorProblem } from "../../core/vector.js";
import { collectGarbage } from "../../process/collect-garbage.js";
import type { Job } from "../../process/serve.js";
import type { Database } from "./database.js";
import { toVector } from "./read.js";
import { damaged } from "./translate.js";
import type { VectorMatrix } from "./vector-matrix.js";

const PAGE_ROWS = 1_024;

interface About {
  readonly points: number;
  readonly lastId: number;
  readonly lastRemoval: number;
  readonly firstRemoval: number;
}

type MatrixModule = typeof import("./vector-matrix.js");

/** The library has no binary for some platforms; there the database scans. */
const matrixModule: MatrixModule | undefined = await import("./vector-matrix.js").catch(() => undefined);

/** Whether this platform can scan in memory at all. */
export const CAN_SCAN_IN_MEMORY = matrixModule !== undefined;

/** Bytes that all collections' vectors may take together; the one unused for longest makes room. */
export class MemoryBudget {
  readonly #limit: number;
  /** Least recently used first. */
  readonly #held = new Map<VectorMemory, number>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  get used(): number {
    return [...this.#held.values()].reduce((sum, bytes) => sum + bytes, 0);
  }

  /** False when it can not fit, whoever else leaves. */
  reserve(memory: VectorMemory, bytes: number): boolean {
    if (bytes > this.#limit) return false;
    this.#held.delete(memory);
    for (const other of [...this.#held.keys()]) {
      if (this.used + bytes <= this.#limit) break;
      other.clear();
    }
    this.#held.set(memory, bytes);
    return true;
  }

  release(memory: VectorMemory): void {
    this.#held.delete(memory);
  }
}

/** One collection's vectors. */
export class VectorMemory {
  readonly #budget: MemoryBudget;
  readonly #dimension: number;
  #matrix: VectorMatrix | undefined;
  #lastId = 0;
  #lastRemoval = 0;

  constructor(budget: MemoryBudget, dimension: number) {
    this.#budget = budget;
    this.#dimension = dimension;
  }

  /**
   * The vectors as the transaction that is open on `db` sees them; only what changed since the last call is read.
   * undefined when they do not fit into memory. What was read before an abort is kept.
   */
  async current(job: Job, db: Database): Promise<VectorMatrix | undefined> {
    if (matrixModule === undefined) return undefined;
    const about = db.get<About>(
      `SELECT points, last_id AS lastId, ifnull((SELECT max(seq) FROM removed), 0) AS lastRemoval,
         ifnull((SELECT min(seq) FROM removed), 1) AS firstRemoval FROM about`,
    ) as About;
    if (!this.#budget.reserve(this, matrixModule.matrixBytes(about.points, this.#dimension))) {
      this.clear();
      return undefined;
    }
    if (about.firstRemoval > this.#lastRemoval + 1 || this.#matrix === undefined) {
      this.#matrix = new matrixModule.VectorMatrix(this.#dimension);
      this.#lastId = 0;
    } else if (about.lastRemoval > this.#lastRemoval) {
      const removed = db.all<{ id: number }>("SELECT id FROM removed WHERE seq > ?", this.#lastRemoval);
      for (const { id } of removed) this.#matrix.remove(id);
    }
    this.#lastRemoval = about.lastRemoval;
    if (about.lastId > this.#lastId) await this.#add(job, this.#matrix, db);
    this.#lastId = about.lastId;
    return this.#matrix;
  }

  clear(): void {
    this.#budget.release(this);
    this.#matrix = undefined;
    this.#lastId = 0;
  }

  async #add(job: Job, matrix: VectorMatrix, db: Database): Promise<void> {
    const before = matrix.rows;
    while (this.#addPage(matrix, db)) await job.hear();
    // What SQLite handed out is as large as what is kept.
    if (matrix.rows - before > PAGE_ROWS) collectGarbage();
  }

  /** Whether there may be more. */
  #addPage(matrix: VectorMatrix, db: Database): boolean {
    try {
      const rows = db.all<{ id: number; vector: Uint8Array }>(
        `SELECT id, vector FROM vectors WHERE id > ? ORDER BY id LIMIT ${PAGE_ROWS}`,
        this.#lastId,
      );
      for (const { id, vector } of rows) matrix.add(id, this.#checked(toVector(vector), db, id));
      this.#lastId = rows.at(-1)?.id ?? this.#lastId;
      return rows.length === PAGE_ROWS;
    } catch (error) {
      this.clear(); // it holds some of the page, and would hold them twice
      throw error;
    }
  }

  #checked(vector: Float32Array, db: Database, id: number): Float32Array {
    const problem = vectorProblem(vector, this.#dimension);
    if (problem !== undefined) throw damaged(db.file, `the vector of chunk ${id} ${problem}`);
    return vector;
  }
}
