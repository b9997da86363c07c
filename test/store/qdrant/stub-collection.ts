/** A collection of the stub: points in memory, compared one by one. */

interface SparseVector {
  readonly indices: readonly number[];
  readonly values: readonly number[];
}
type Vectors = Readonly<Record<string, readonly number[] | SparseVector>>;

interface StubPoint {
  readonly id: string;
  readonly vector: Vectors;
  readonly payload: object;
}

interface Clause {
  readonly key?: string;
  readonly match?: { readonly value?: unknown; readonly any?: readonly unknown[] };
  readonly range?: { readonly gte?: number; readonly lte?: number };
  readonly has_id?: readonly string[];
  readonly must?: readonly Clause[];
  readonly must_not?: readonly Clause[];
  readonly should?: readonly Clause[];
  readonly is_empty?: { readonly key: string };
}

export interface Ask {
  readonly query?: readonly number[] | SparseVector;
  readonly using?: string;
  readonly filter?: Clause;
  readonly limit?: number;
  readonly offset?: string;
  readonly ids?: readonly string[];
  readonly key?: string;
  readonly order_by?: { readonly key: string; readonly start_from: number };
  readonly with_payload?: false | Choice;
  readonly with_vector?: boolean | readonly string[];
}

export type Operation =
  | { readonly upsert: { readonly points: readonly StubPoint[] } }
  | { readonly delete: { readonly points?: readonly string[]; readonly filter?: Clause } }
  | { readonly set_payload: { readonly payload: object; readonly points: readonly string[] } };

export interface Shape {
  readonly vectors: Readonly<Record<string, { readonly size: number; readonly distance: string }>>;
  readonly sparse_vectors?: Readonly<Record<string, { readonly modifier: string }>>;
}

/** A request that the server refuses, with what it says. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export class StubCollection {
  readonly indexes = new Map<string, string>();
  #points = new Map<string, StubPoint>();

  constructor(readonly shape: Shape) {}

  get size(): number {
    return this.#points.size;
  }

  copy(): StubCollection {
    const copy = new StubCollection(this.shape);
    copy.#points = new Map(this.#points);
    for (const [path, kind] of this.indexes) copy.indexes.set(path, kind);
    return copy;
  }

  write(operations: readonly Operation[]): void {
    for (const operation of operations) {
      if ("upsert" in operation) for (const point of operation.upsert.points) this.#put(point);
      else if ("set_payload" in operation) this.#setPayload(operation.set_payload);
      else {
        const { points, filter } = operation.delete;
        for (const id of points ?? this.#fitting(filter).map((point) => point.id)) this.#points.delete(id);
      }
    }
  }

  #setPayload({ payload, points }: { payload: object; points: readonly string[] }): void {
    for (const id of points) {
      const point = this.#points.get(id);
      if (point !== undefined) this.#points.set(id, { ...point, payload: { ...point.payload, ...payload } });
    }
  }

  #put(point: StubPoint): void {
    const vector: Record<string, readonly number[] | SparseVector> = { ...point.vector };
    for (const [name, { size }] of Object.entries(this.shape.vectors)) {
      const dense = vector[name] as readonly number[] | undefined;
      if (dense === undefined) continue;
      checkSize(dense, size);
      const norm = Math.hypot(...dense) || 1; // a zero vector stays as it is
      vector[name] = dense.map((value) => Math.fround(value / norm));
    }
    this.#points.set(point.id, { ...point, vector });
  }

  read({ ids = [], ...ask }: Ask): object[] {
    return ids.flatMap((id) => this.#points.get(id) ?? []).map((point) => shown(point, ask));
  }

  scroll({ filter, limit = 10, offset, order_by, ...ask }: Ask): object {
    if (order_by !== undefined) return this.#ordered(order_by, { filter, limit, ...ask });
    const rest = this.#fitting(filter).filter(({ id }) => offset === undefined || id >= offset);
    const next = rest[limit]?.id ?? null;
    return { points: rest.slice(0, limit).map((point) => shown(point, ask)), next_page_offset: next };
  }

  #ordered({ key, start_from }: NonNullable<Ask["order_by"]>, { filter, limit, ...ask }: Ask): object {
    const kind = this.indexes.get(key);
    if (kind !== "integer") refuse(400, `Wrong input: No range index for \`order_by\` key: \`${key}\``);
    const numberOf = ({ payload }: StubPoint) => Number(valuesAt(payload, key)[0]);
    const rest = this.#fitting(filter).filter((point) => numberOf(point) >= start_from);
    const points = rest.sort((a, b) => numberOf(a) - numberOf(b)).slice(0, limit);
    return { points: points.map((point) => shown(point, ask)), next_page_offset: null };
  }

  count(filter: Clause | undefined): number {
    return this.#fitting(filter).length;
  }

  facet({ key = "", limit = 10 }: Ask): object {
    const counts = new Map<unknown, number>();
    for (const point of this.#points.values()) {
      for (const value of valuesAt(point.payload, key)) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    return { hits: [...counts].slice(0, limit).map(([value, count]) => ({ value, count })) };
  }

  query({ query = [], using = "", filter, limit = 10, ...ask }: Ask): object {
    const score = Array.isArray(query) ? this.#cosine(query, using) : this.#sparse(query as SparseVector, using);
    const scored = this.#fitting(filter).flatMap((point) => {
      const value = score(point);
      return value === undefined ? [] : [{ point, score: value }];
    });
    const best = scored.sort((a, b) => b.score - a.score).slice(0, limit);
    return { points: best.map((hit) => ({ version: 0, score: hit.score, ...shown(hit.point, ask) })) };
  }

  #cosine(query: readonly number[], using: string): (point: StubPoint) => number | undefined {
    const { size } = this.shape.vectors[using] ?? refuse(400, `Wrong input: Not existing vector name error: ${using}`);
    checkSize(query, size);
    const norm = Math.hypot(...query) || 1;
    return ({ vector }) => {
      const own = vector[using] as readonly number[] | undefined;
      return own?.reduce((sum, value, i) => sum + (value * (query[i] as number)) / norm, 0);
    };
  }

  /** With the IDF of BM25 over all points, the filter aside; a point with none of the terms is not found. */
  #sparse(query: SparseVector, using: string): (point: StubPoint) => number | undefined {
    const all = [...this.#points.values()].map(({ vector }) => vector[using] as SparseVector | undefined);
    const weights = new Map(
      query.indices.map((term, i) => {
        const having = all.filter((vector) => vector?.indices.includes(term)).length;
        const idf = Math.log(1 + (all.length - having + 0.5) / (having + 0.5));
        return [term, (query.values[i] as number) * idf];
      }),
    );
    return ({ vector }) => {
      const { indices, values } = (vector[using] as SparseVector | undefined) ?? { indices: [], values: [] };
      if (!indices.some((term) => weights.has(term))) return undefined;
      return indices.reduce((sum, term, i) => sum + (weights.get(term) ?? 0) * (values[i] as number), 0);
    };
  }

  #fitting(filter: Clause | undefined): StubPoint[] {
    const points = [...this.#points.values()].filter((point) => filter === undefined || fits(point, filter));
    return points.sort((a, b) => (a.id < b.id ? -1 : 1));
  }
}

function fits(
  point: StubPoint,
  { must = [], must_not = [], should = [], key, match, range, has_id, is_empty }: Clause,
): boolean {
  const values = key === undefined ? [] : valuesAt(point.payload, key);
  return (
    must.every((clause) => fits(point, clause)) &&
    !must_not.some((clause) => fits(point, clause)) &&
    (is_empty === undefined || valuesAt(point.payload, is_empty.key).length === 0) &&
    (should.length === 0 || should.some((clause) => fits(point, clause))) &&
    (has_id === undefined || has_id.includes(point.id)) &&
    (match === undefined || values.some((value) => (match.any ?? [match.value]).includes(value))) &&
    (range === undefined || values.some((value) => within(value, range)))
  );
}

function within(value: unknown, { gte = -Infinity, lte = Infinity }: NonNullable<Clause["range"]>): boolean {
  return typeof value === "number" && gte <= value && value <= lte;
}

function valuesAt(payload: object, path: string): unknown[] {
  let at: unknown = payload;
  for (const key of path.split(".")) at = (at as Record<string, unknown> | undefined)?.[key];
  return at === undefined ? [] : [at].flat();
}

function shown({ id, payload, vector }: StubPoint, { with_payload, with_vector }: Ask): object {
  return {
    id,
    ...(with_payload ? { payload: chosen(payload, with_payload) } : {}),
    ...(with_vector ? { vector: chosen(vector, with_vector) } : {}),
  };
}

type Choice = true | readonly string[] | { readonly exclude: readonly string[] };

function chosen(fields: object, which: Choice): object {
  if (which === true) return fields;
  const isWanted = (key: string) => ("exclude" in which ? !which.exclude.includes(key) : which.includes(key));
  return Object.fromEntries(Object.entries(fields).filter(([key]) => isWanted(key)));
}

function checkSize(vector: readonly number[], size: number): void {
  if (vector.length === size) return;
  refuse(400, `Wrong input: Vector dimension error: expected dim: ${size}, got ${vector.length}`);
}

export function refuse(status: number, message: string): never {
  throw new Refused(status, message);
}
