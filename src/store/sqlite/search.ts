/** Both legs of a search, and every leg's score for what only another leg found. */
import { AppError } from "../../core/errors.js";
import type { Candidate, CollectionSpec, Filter, Leg } from "../../core/types.js";
import { vectorProblem } from "../../core/vector.js";
import type { Database } from "./database.js";
import { compileFilter, type Fragment } from "./filter.js";
import { completeLexical, lexicalQuery, searchLexical } from "./lexical.js";
import type { Ranked } from "./ranked.js";
import { vectorBytes } from "./write.js";

interface PreparedLeg {
  /** The best `limit` + 1, best first; with `stable`, equals ordered by uuid. */
  best(limit: number, stable: boolean): Ranked[];
  complete(ids: readonly number[]): Ranked[];
}

export function searchCollection(
  db: Database,
  spec: CollectionSpec,
  legs: readonly Leg[],
  ask: { readonly limit: number; readonly filter?: Filter },
): Candidate[] {
  if (!Number.isInteger(ask.limit) || ask.limit < 1) {
    throw new AppError("bad_request", `${ask.limit} is not a number of results.`, { remedy: "Ask for 1 or more." });
  }
  const filter = compileFilter(ask.filter);
  return db.view(() => {
    const prepared = legs.map((leg) =>
      leg.kind === "dense" ? denseLeg(db, spec, leg.vector, filter) : lexicalLeg(db, leg.text, filter),
    );
    const found = prepared.map((leg) => scores(bestOf(leg, ask.limit)));
    const ids = [...new Set(found.flatMap((leg) => [...leg.keys()]))];
    for (const [i, leg] of prepared.entries()) {
      const known = found[i] as Map<number, number>;
      const missing = ids.filter((id) => !known.has(id));
      if (missing.length > 0) for (const { id, score } of leg.complete(missing)) known.set(id, score);
    }
    return candidates(db, ids, found);
  });
}

/** Only a tie at the cut needs the slower, ordered query. */
function bestOf(leg: PreparedLeg, limit: number): Ranked[] {
  const ranked = leg.best(limit + 1, false);
  const tied = ranked.length > limit && ranked[limit]?.score === ranked[limit - 1]?.score;
  return (tied ? leg.best(limit, true) : ranked).slice(0, limit);
}

function scores(ranked: readonly Ranked[]): Map<number, number> {
  return new Map(ranked.map(({ id, score }) => [id, score]));
}

function denseLeg(db: Database, spec: CollectionSpec, vector: Float32Array, filter: Fragment | undefined): PreparedLeg {
  const problem = vectorProblem(vector, spec.fingerprint.dimension);
  if (problem !== undefined) {
    throw new AppError(
      vector.length === spec.fingerprint.dimension ? "bad_request" : "mismatch",
      `The query's vector ${problem}.`,
      { remedy: "Search with the model the collection was made with." },
    );
  }
  const query = vectorBytes(vector);
  const cosine = "1 - vec_distance_cosine(v.vector, ?) AS score";
  return {
    best(limit, stable) {
      const where = filter === undefined ? "" : `WHERE v.id IN (${chunksOf(filter)})`;
      const [join, order] = stable ? ["JOIN chunks c ON c.id = v.id", "score DESC, c.uuid"] : ["", "score DESC"];
      return db.all<Ranked>(
        `SELECT v.id, ${cosine} FROM vectors v ${join} ${where} ORDER BY ${order} LIMIT ?`,
        query,
        ...(filter?.values ?? []),
        limit,
      );
    },
    complete: (ids) =>
      db.all<Ranked>(
        `SELECT v.id, ${cosine} FROM vectors v WHERE v.id IN (SELECT value FROM json_each(?))`,
        query,
        JSON.stringify(ids),
      ),
  };
}

function lexicalLeg(db: Database, text: string, filter: Fragment | undefined): PreparedLeg {
  const query = lexicalQuery(db, text);
  return {
    best: (limit, stable) => searchLexical(db, query, filter && { ...filter, sql: chunksOf(filter) }, limit, stable),
    complete: (ids) => completeLexical(db, query, ids),
  };
}

function chunksOf(filter: Fragment): string {
  return `SELECT id FROM chunks WHERE document_id IN (${filter.sql})`;
}

function candidates(db: Database, ids: readonly number[], found: readonly Map<number, number>[]): Candidate[] {
  return db
    .all<{ id: number; uuid: string; source: string; document: string; ordinal: number; text_hash: string }>(
      `SELECT c.id, c.uuid, d.source, d.document, c.ordinal, c.text_hash
       FROM chunks c JOIN documents d ON d.id = c.document_id WHERE c.id IN (SELECT value FROM json_each(?))`,
      JSON.stringify(ids),
    )
    .map((row) => ({
      id: row.uuid,
      source: row.source,
      document: row.document,
      ordinal: row.ordinal,
      textHash: row.text_hash,
      scores: found.map((leg) => leg.get(row.id) ?? 0),
    }));
}
