/** Both legs of a search, and every leg's score for what only another leg found. */
import type { Filter, Leg, Scope } from "../../core/types.js";
import type { Job } from "../../process/serve.js";
import { checkFilter, checkLegTexts } from "../check-text.js";
import { checkLimit, checkQuery } from "../points.js";
import type { OpenCollection } from "./collections.js";
import type { Database } from "./database.js";
import { completeFromFile, type DenseQuery, scanFile, scanMemory } from "./dense.js";
import { compileFilter, type Fragment } from "./filter.js";
import type { Found } from "./found.js";
import { completeLexical, lexicalQuery, RowTerms, searchLexical } from "./lexical.js";
import type { Cut, Ranked } from "./ranked.js";
import type { VectorMatrix } from "./vector-matrix.js";
import type { VectorMemory } from "./vector-memory.js";

interface PreparedLeg {
  /** The best `limit`, best first; which of several equals at the cut does not depend on the order of writing. */
  best(limit: number): Ranked[];
  complete(ids: readonly number[]): Ranked[];
}

export async function searchCollection(
  job: Job,
  { db, spec, vectors, rows }: Pick<OpenCollection, "db" | "spec" | "vectors" | "rows">,
  legs: readonly Leg[],
  ask: { readonly limit: number; readonly filter?: Filter; readonly scope?: Scope },
): Promise<Found> {
  checkLimit(ask.limit);
  checkFilter(ask.filter);
  checkLegTexts(legs);
  for (const leg of legs) if (leg.kind === "dense") checkQuery(leg.vector, spec.fingerprint.dimension);
  const filter = chunksOf(compileFilter(ask.filter, ask.scope));
  const hasDense = legs.some((leg) => leg.kind === "dense");
  return await db.view(async () => {
    const terms = new RowTerms(db);
    const matrix = hasDense ? await vectors.current(job, db) : undefined;
    const prepared = legs.map((leg) =>
      leg.kind === "dense"
        ? denseLeg(db, matrix && { matrix, vectors }, { vector: leg.vector, filter })
        : lexicalLeg(db, terms, leg.text, filter),
    );
    const found = prepared.map((leg) => scores(leg.best(ask.limit)));
    const ids = [...new Set(found.flatMap((leg) => [...leg.keys()]))];
    for (const [i, leg] of prepared.entries()) {
      const known = found[i] as Map<number, number>;
      const missing = ids.filter((id) => !known.has(id));
      if (missing.length > 0) for (const { id, score } of leg.complete(missing)) known.set(id, score);
    }
    return { rows: rows.of(db, ids), scores: found.map((leg) => Float64Array.from(ids, (id) => leg.get(id) ?? 0)) };
  });
}

function scores(ranked: readonly Ranked[]): Map<number, number> {
  return new Map(ranked.map(({ id, score }) => [id, score]));
}

interface InMemory {
  readonly matrix: VectorMatrix;
  readonly vectors: VectorMemory;
}

/** @param memory undefined: the file is scanned */
function denseLeg(db: Database, memory: InMemory | undefined, query: DenseQuery): PreparedLeg {
  if (memory === undefined) {
    return {
      best: (limit) => breakTies(limit, (cut) => scanFile(db, query, cut)),
      complete: (ids) => completeFromFile(db, query.vector, ids),
    };
  }
  const { matrix, vectors } = memory;
  const { vector, filter } = query;
  const among = filter && vectors.selected(db, filter);
  return {
    best: (limit) => scanMemory(db, matrix, { vector, among }, limit),
    complete: (ids) => matrix.nearestAmong(ids, vector, ids.length),
  };
}

function lexicalLeg(db: Database, terms: RowTerms, text: string, filter: Fragment | undefined): PreparedLeg {
  const query = lexicalQuery(db, text);
  return {
    best: (limit) => breakTies(limit, (cut) => searchLexical(db, query, filter, cut)),
    complete: (ids) => completeLexical(terms, query, ids),
  };
}

/** Only a tie at the cut needs the slower query, whose equals are ordered by uuid. */
function breakTies(limit: number, best: (cut: Cut) => Ranked[]): Ranked[] {
  const ranked = best({ limit: limit + 1, stable: false });
  const tied = ranked.length > limit && ranked[limit]?.score === ranked[limit - 1]?.score;
  return (tied ? best({ limit, stable: true }) : ranked).slice(0, limit);
}

function chunksOf(documents: Fragment | undefined): Fragment | undefined {
  return documents && { ...documents, sql: `SELECT id FROM chunks WHERE document_id IN (${documents.sql})` };
}
