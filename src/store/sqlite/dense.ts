/** The dense leg: every vector is compared with the query. In memory where they fit, else by sqlite-vec over the file. */
import type { Database } from "./database.js";
import type { Fragment } from "./filter.js";
import { type Cut, firstByUuid, type Ranked } from "./ranked.js";
import type { VectorMatrix } from "./vector-matrix.js";
import { vectorBytes } from "./write.js";

export interface DenseQuery {
  readonly vector: Float32Array;
  /** A SELECT of the chunk ids to search among. */
  readonly filter: Fragment | undefined;
}

/** The best `limit`, best first; of equals at the cut the first uuids. @param among ids; undefined: all */
export function scanMemory(
  db: Database,
  matrix: VectorMatrix,
  { vector, among }: { readonly vector: Float32Array; readonly among: readonly number[] | undefined },
  limit: number,
): Ranked[] {
  const all = among?.length ?? matrix.rows;
  const nearest = (count: number) =>
    among === undefined ? matrix.nearest(vector, count) : matrix.nearestAmong(among, vector, count);
  let found = nearest(limit + 1);
  const cut = found[limit - 1]?.score;
  if (found.length <= limit || found[limit]?.score !== cut) return found.slice(0, limit);
  // All equals of the cut have to be known before their uuids can choose.
  while (found.length < all && found.at(-1)?.score === cut) found = nearest(found.length * 2);
  const sure = found.slice(
    0,
    found.findIndex(({ score }) => score === cut),
  );
  const equals = found.filter(({ score }) => score === cut);
  return [...sure, ...firstByUuid(db, equals, limit - sure.length)];
}

/** The cosine of a zero vector is no number: 0, as everywhere. */
const COSINE = "ifnull(1 - vec_distance_cosine(v.vector, ?), 0)";

export function scanFile(db: Database, { vector, filter }: DenseQuery, { limit, stable }: Cut): Ranked[] {
  const where = filter === undefined ? "" : `WHERE v.id IN (${filter.sql})`;
  const [join, order] = stable ? ["JOIN chunks c ON c.id = v.id", "score DESC, c.uuid"] : ["", "score DESC"];
  return db.all<Ranked>(
    `SELECT v.id, ${COSINE} AS score FROM vectors v ${join} ${where} ORDER BY ${order} LIMIT ?`,
    vectorBytes(vector),
    ...(filter?.values ?? []),
    limit,
  );
}

export function completeFromFile(db: Database, query: Float32Array, ids: readonly number[]): Ranked[] {
  return db.all<Ranked>(
    `SELECT v.id, ${COSINE} AS score FROM vectors v
     WHERE v.id IN (SELECT value FROM json_each(?))`,
    vectorBytes(query),
    JSON.stringify(ids),
  );
}
