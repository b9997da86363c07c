/** Unit vectors of one collection, held in memory in rows for an exact scan. */
import { exactSearch, MetricKind } from "usearch";
import { isZero, normalize } from "../../core/vector.js";
import type { Ranked } from "./ranked.js";

/** Memory is taken in blocks, so that growing copies nothing. */
const BLOCK_BYTES = 16 * 1024 * 1024;

/** Room for `rows` vectors, in bytes, whole blocks. */
export function matrixBytes(rows: number, dimension: number): number {
  return Math.ceil(rows / rowsInBlock(dimension)) * BLOCK_BYTES;
}

function rowsInBlock(dimension: number): number {
  return Math.max(1, Math.floor(BLOCK_BYTES / (dimension * Float32Array.BYTES_PER_ELEMENT)));
}

export class VectorMatrix {
  readonly #dimension: number;
  readonly #rowsInBlock: number;
  readonly #blocks: Float32Array[] = [];
  /** Row → chunk id, without gaps: the last row moves into a removed one's place. */
  readonly #ids: number[] = [];
  readonly #rows = new Map<number, number>();
  /** Where rows that lie apart are gathered, so that one routine scores them all. */
  readonly #gathered: Float32Array;

  constructor(dimension: number) {
    this.#dimension = dimension;
    this.#rowsInBlock = rowsInBlock(dimension);
    this.#gathered = new Float32Array(Math.min(this.#rowsInBlock, 1_024) * dimension);
  }

  get rows(): number {
    return this.#ids.length;
  }

  /** @param vector copied, and scaled to length 1 exactly, so that the inner product is the cosine */
  add(id: number, vector: Float32Array): void {
    const row = this.#ids.length;
    if (row === this.#blocks.length * this.#rowsInBlock) {
      this.#blocks.push(new Float32Array(this.#rowsInBlock * this.#dimension));
    }
    const place = this.#row(row);
    place.set(vector);
    if (!isZero(place)) normalize(place);
    this.#ids.push(id);
    this.#rows.set(id, row);
  }

  /** Does nothing for an id that is not here. */
  remove(id: number): void {
    const row = this.#rows.get(id);
    if (row === undefined) return;
    const last = this.#ids.length - 1;
    const lastId = this.#ids[last] as number;
    this.#row(row).set(this.#row(last));
    this.#ids[row] = lastId;
    this.#rows.set(lastId, row);
    this.#rows.delete(id);
    this.#ids.pop();
    if (last % this.#rowsInBlock === 0) this.#blocks.pop();
  }

  /** The `limit` nearest by cosine, best first; equals in no order. */
  nearest(query: Float32Array, limit: number): Ranked[] {
    const found = this.#blocks.flatMap((block, i) => {
      const first = i * this.#rowsInBlock;
      const rows = Math.min(this.#rowsInBlock, this.#ids.length - first);
      return this.#scan(block.subarray(0, rows * this.#dimension), query, limit, (row) => first + row);
    });
    return best(found, limit);
  }

  /** The `limit` nearest among these ids; ids that are not here are left out. */
  nearestAmong(ids: readonly number[], query: Float32Array, limit: number): Ranked[] {
    const rows: number[] = [];
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (row !== undefined) rows.push(row);
    }
    const capacity = this.#gathered.length / this.#dimension;
    const found: Ranked[] = [];
    for (let first = 0; first < rows.length; first += capacity) {
      const part = rows.slice(first, first + capacity);
      for (const [i, row] of part.entries()) this.#gathered.set(this.#row(row), i * this.#dimension);
      const gathered = this.#gathered.subarray(0, part.length * this.#dimension);
      found.push(...this.#scan(gathered, query, limit, (i) => part[i] as number));
    }
    return best(found, limit);
  }

  /** @param vectors must begin where its buffer does: the library reads the buffer, whatever the view's offset */
  #scan(vectors: Float32Array, query: Float32Array, limit: number, rowOf: (index: number) => number): Ranked[] {
    const count = Math.min(limit, vectors.length / this.#dimension);
    const matches = exactSearch(vectors, query.slice(), this.#dimension, count, MetricKind.IP, 1);
    return Array.from(matches.keys, (key, i) => ({
      id: this.#ids[rowOf(Number(key))] as number,
      score: 1 - (matches.distances[i] as number),
    }));
  }

  #row(row: number): Float32Array {
    const block = this.#blocks[Math.floor(row / this.#rowsInBlock)] as Float32Array;
    const start = (row % this.#rowsInBlock) * this.#dimension;
    return block.subarray(start, start + this.#dimension);
  }
}

function best(found: Ranked[], limit: number): Ranked[] {
  return found.sort((a, b) => b.score - a.score).slice(0, limit);
}
