/** Both legs of a search, and every leg's score for what only another leg found. */
import type { SearchOptions } from "../../core/store-options.js";
import type { Leg } from "../../core/types.js";
import type { Job } from "../../process/serve.js";
import { checkFilter, checkLegTexts } from "../check-text.js";
import { checkLimit, checkQuery } from "../points.js";
import type { Database } from "./database.js";
import { completeFromFile, scanFile, scanMemory } from "./dense.js";
import type { OpenFile } from "./files.js";
import { compileFilter, type Fragment } from "./filter.js";
import type { Found } from "./found.js";
import { bestLexical, type LexicalScores, scoreExact, scoreLexical } from "./lexical.js";
import type { Cut, Ranked } from "./ranked.js";
import type { SearchMemory } from "./search-memory.js";
import type { VectorMatrix } from "./vector-matrix.js";

interface PreparedLeg {
  /** The best `limit`, best first; which of several equals at the cut does not depend on the order of writing. */
  best(limit: number): Ranked[];
  complete(ids: readonly number[]): Ranked[];
}

export async function searchCollection(
  job: Job,
  collection: Pick<OpenFile, "db" | "dimension" | "vectors" | "memory" | "rows">,
  legs: readonly Leg[],
  ask: SearchOptions,
): Promise<Found> {
  const { db, dimension, vectors, memory, rows } = collection;
  checkLimit(ask.limit);
  checkFilter(ask.filter);
  checkLegTexts(legs);
  for (const leg of legs) if (leg.kind === "dense") checkQuery(leg.vector, dimension);
  const filter = chunksOf(compileFilter(ask.filter, ask.scope));
  const hasDense = legs.some((leg) => leg.kind === "dense");
  return await db.view(async () => {
    memory.follow(db);
    const matrix = hasDense ? await vectors.current(job, db) : undefined;
    const prepared: PreparedLeg[] = [];
    for (const leg of legs) {
      if (leg.kind === "dense") prepared.push(denseLeg({ db, memory, filter }, matrix, leg.vector));
      else prepared.push(lexicalLeg({ db, memory, filter }, await termScores(job, { db, memory }, leg)));
    }
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

/** What the legs of a search have in common. */
interface Place {
  readonly db: Database;
  readonly memory: SearchMemory;
  /** A SELECT of the chunk ids to search among. */
  readonly filter: Fragment | undefined;
}

/** @param matrix undefined: the file is scanned */
function denseLeg({ db, memory, filter }: Place, matrix: VectorMatrix | undefined, vector: Float32Array): PreparedLeg {
  if (matrix === undefined) {
    return {
      best: (limit) => breakTies(limit, (cut) => scanFile(db, { vector, filter }, cut)),
      complete: (ids) => completeFromFile(db, vector, ids),
    };
  }
  const among = filter && memory.selected(db, filter);
  return {
    best: (limit) => scanMemory(db, matrix, { vector, among }, limit),
    complete: (ids) => matrix.nearestAmong(ids, vector, ids.length),
  };
}

async function termScores(
  job: Job,
  { db, memory }: Pick<Place, "db" | "memory">,
  leg: Exclude<Leg, { kind: "dense" }>,
): Promise<LexicalScores> {
  return leg.kind === "lexical" ? await scoreLexical(job, db, memory, leg.text) : scoreExact(db, memory, leg.term);
}

function lexicalLeg({ db, memory, filter }: Place, scores: LexicalScores): PreparedLeg {
  const among = filter && memory.selected(db, filter);
  return {
    best: (limit) => bestLexical(db, scores, among, limit),
    complete: (ids) => ids.map((id) => ({ id, score: scores[id] as number })),
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
