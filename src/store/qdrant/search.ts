/** Both legs in one request, the scores that are missing in a second. */

import { AppError } from "../../core/errors.js";
import type { Candidate, Filter, Leg } from "../../core/types.js";
import { checkLimit, checkQuery } from "../points.js";
import type { Known } from "./collections.js";
import type { Layout } from "./layout.js";
import {
  type PointId,
  type QdrantFilter,
  type QdrantPoint,
  type Requests,
  SPARSE,
  type SparseVector,
} from "./requests.js";
import { idf, maxScore, queryTerms } from "./sparse.js";

type Hit = QdrantPoint;

interface Query {
  readonly query: readonly number[] | SparseVector;
  readonly using?: string;
}

export async function searchCollection(
  requests: Requests,
  { name, layout, points, indexes }: Known,
  legs: readonly Leg[],
  ask: { readonly limit: number; readonly filter?: Filter },
  signal?: AbortSignal,
): Promise<Candidate[]> {
  checkLimit(ask.limit);
  if (layout.unsearchable !== undefined) throw refused(name, layout.unsearchable);
  for (const leg of legs) {
    if (leg.kind === "dense") checkQuery(leg.vector, layout.dimension);
    else if (!layout.hasTerms) throw refused(name, "it has no terms of ours to search by");
  }
  const filter = await layout.compileFilter(requests, name, ask.filter, indexes);
  if (filter === undefined) return [];
  const queries = legs.map((leg) => queryOf(leg, layout));
  const terms = [...new Set(legs.flatMap((leg) => (leg.kind === "lexical" ? queryTerms(leg.text) : [])))];
  const batch = (searches: readonly object[]) => queryBatch(requests, name, searches, signal);
  const found = await batch([
    ...queries.map((query) => ({ ...query, limit: ask.limit, filter, with_payload: layout.keyFields })),
    // The best text for a term alone tells the term's IDF: its score is the weight stored with it times that.
    ...terms.map((term) => ({ ...sparse([term]), limit: 1, with_vector: [SPARSE] })),
  ]);
  const idfOf = new Map(terms.map((term, i) => [term, idfFrom(found[legs.length + i]?.[0], term, points)]));
  const hits = new Map<PointId, Hit>();
  for (const hit of found.slice(0, legs.length).flat()) if (hit.score != null) hits.set(hit.id, hit);
  const scores = found.slice(0, legs.length).map(scoresOf);
  await complete(batch, queries, [...hits.keys()], scores);
  const scale = legs.map((leg) =>
    leg.kind === "dense" ? 1 : maxScore(queryTerms(leg.text).map((term) => idfOf.get(term) as number)),
  );
  return [...hits.values()].map((hit) => ({ ...layout.keyOf(hit), scores: completed(hit.id, scores, scale) }));
}

function refused(collection: string, why: string): AppError {
  return new AppError("mismatch", `Collection "${collection}" cannot be searched so: ${why}.`, {
    remedy: `Re-embed it: aura-retrieval index collection:${collection} --collection ${collection}`,
  });
}

function queryOf(leg: Leg, { vectorName }: Layout): Query {
  if (leg.kind === "lexical") return sparse(queryTerms(leg.text));
  return { query: Array.from(leg.vector), ...(vectorName === undefined ? {} : { using: vectorName }) };
}

function sparse(indices: readonly number[]): Query {
  return { query: { indices, values: indices.map(() => 1) }, using: SPARSE };
}

/** What another leg found gets its score here; a text with none of the words has 0. */
async function complete(
  batch: (searches: readonly object[]) => Promise<Hit[][]>,
  queries: readonly Query[],
  ids: readonly PointId[],
  scores: readonly Map<PointId, number>[],
): Promise<void> {
  const asked = queries.flatMap((query, leg) => {
    const missing = ids.filter((id) => !scores[leg]?.has(id));
    return missing.length === 0 ? [] : [{ leg, missing, query }];
  });
  if (asked.length === 0) return;
  const found = await batch(
    asked.map(({ query, missing }) => {
      const filter: QdrantFilter = { must: [{ has_id: missing }] };
      return { ...query, limit: missing.length, filter };
    }),
  );
  asked.forEach(({ leg }, i) => {
    for (const [id, score] of scoresOf(found[i] as Hit[])) scores[leg]?.set(id, score);
  });
}

async function queryBatch(
  requests: Requests,
  collection: string,
  searches: readonly object[],
  signal: AbortSignal | undefined,
): Promise<Hit[][]> {
  const answers = await requests.query<{ points: Hit[] }[]>(collection, searches, signal);
  return answers.map(({ points }) => points);
}

/** A vector that is not finite has no score: it is left out. */
function scoresOf(hits: readonly Hit[]): Map<PointId, number> {
  return new Map(hits.flatMap(({ id, score }) => (score == null ? [] : [[id, score] as const])));
}

/** Never below 0: after many removals the server's own can be, for a while. */
function idfFrom(best: Hit | undefined, term: number, points: number): number {
  const vector = best?.vector;
  const { indices = [], values = [] } = (vector !== undefined && SPARSE in vector ? vector[SPARSE] : undefined) ?? {};
  const weight = values[indices.indexOf(term)];
  return weight === undefined || best?.score == null ? idf(points, 0) : Math.max(1e-6, best.score / weight);
}

/** A point's score on every leg, absolute. */
function completed(id: PointId, scores: readonly Map<PointId, number>[], scale: readonly number[]): number[] {
  return scores.map((leg, i) => {
    const score = (leg.get(id) ?? 0) / (scale[i] as number);
    return scale[i] === 1 ? score : Math.min(1, Math.max(0, score));
  });
}
