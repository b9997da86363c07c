/** Both legs in one request, the scores that are missing in a second. */
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import type { Candidate, Filter, Leg, Scope } from "../../core/types.js";
import { idf, maxScore, rarity, rowsOfIdf } from "../bm25.js";
import { checkLegTexts } from "../check-text.js";
import { checkLimit, checkQuery } from "../points.js";
import { anything, fields, listOf, optional, positive, stored } from "../shapes.js";
import { Hits, type Scale } from "./hits.js";
import { type Json, vectorJson, withField } from "./json.js";
import type { Known } from "./known.js";
import type { Layout } from "./layout.js";
import { type QdrantFilter, type QdrantPoint, type Requests, SPARSE } from "./requests.js";
import { indexOf, queryTerms } from "./sparse.js";

const WHERE = "the terms of a passage";
const TERMS = optional(fields({ [SPARSE]: optional(fields({ indices: listOf(anything), values: listOf(anything) })) }));

/** A query vector and the name of the vectors it is compared with; one unnamed vector needs no name. */
interface Query {
  readonly vector: Json;
  readonly using?: string;
}

/** A leg as it is asked; a dense one has no terms. */
interface Asked {
  readonly query: Query;
  readonly terms?: readonly number[];
  readonly isExact?: boolean;
}

interface SearchAsk {
  readonly legs: readonly Leg[];
  readonly limit: number;
  readonly filter?: Filter | undefined;
  readonly scope?: Scope | undefined;
}

export async function searchCollection(
  call: Call,
  requests: Requests,
  { name, layout, points, indexes }: Known,
  { legs, ...ask }: SearchAsk,
): Promise<Candidate[]> {
  checkLimit(ask.limit);
  checkLegTexts(legs);
  if (layout.unsearchable !== undefined) throw refused(name, layout.unsearchable);
  for (const leg of legs) {
    if (leg.kind === "dense") checkQuery(leg.vector, layout.dimension);
    else if (!layout.hasTerms) throw refused(name, "it has no terms of ours to search by");
  }
  const filter = await layout.compileFilter(call, ask.filter, {
    requests,
    collection: name,
    indexes,
    scope: ask.scope,
  });
  if (filter === undefined) return [];
  const asked = legs.map((leg) => askedBy(leg, layout));
  const terms = [...new Set(asked.flatMap((leg) => leg.terms ?? []))];
  const batch = (searches: readonly Json[], goesOn: boolean) => requests.query(call, name, searches, { goesOn });
  const first = [
    ...asked.map(({ query }) => searchFor(query, { limit: ask.limit, filter, with_payload: layout.keyFields })),
    // The best text for a term alone tells the term's IDF: its score is the weight stored with it times that.
    ...terms.map((term) => searchFor(sparse([term]), { limit: 1, with_vector: [SPARSE] })),
  ];
  const answers = await batch(first, false);
  const idfOf = new Map(terms.map((term, i) => [term, idfFrom(answers[legs.length + i]?.[0], term, points)]));
  const hits = new Hits(asked.map(({ terms: own }, leg) => sharing(answers[leg] as readonly QdrantPoint[], own)));
  await complete((searches) => batch(searches, true), asked, hits);
  const scales = asked.map(({ terms: own, isExact }): Scale => {
    if (own === undefined) return (cosine) => cosine;
    const idfs = own.map((term) => idfOf.get(term) as number);
    return isExact ? exactScale(points, idfs[0] as number) : lexicalScale(maxScore(idfs));
  });
  return hits.points.map((hit, at) => layout.toCandidate(hit, hits.absoluteScores(at, scales)));
}

/** A text without terms could score nothing at all. */
function lexicalScale(most: number): Scale {
  return (score) => (most === 0 ? score : Math.min(1, Math.max(0, score / most)));
}

function exactScale(points: number, idfOfTerm: number): Scale {
  const worth = rarity(points, rowsOfIdf(points, idfOfTerm));
  return (score) => (score > 0 ? worth : 0);
}

/** 1.11 fills a short lexical answer up with points that share no term; what shares one never scores 0. */
function sharing(hits: readonly QdrantPoint[], terms: readonly number[] | undefined): readonly QdrantPoint[] {
  return terms === undefined ? hits : hits.filter(({ score }) => score !== 0);
}

function refused(collection: string, why: string): AppError {
  return new AppError("mismatch", `Collection "${collection}" cannot be searched so: ${why}.`, {
    remedy: `Re-embed it: aura-retrieval index collection:${collection} --collection ${collection}`,
  });
}

function askedBy(leg: Leg, { vectorName }: Layout): Asked {
  if (leg.kind === "dense") {
    return { query: { vector: vectorJson(leg.vector), using: vectorName } };
  }
  const terms = leg.kind === "lexical" ? queryTerms(leg.text) : [indexOf(leg.term)];
  return { query: sparse(terms), terms, isExact: leg.kind === "exact" };
}

function sparse(indices: readonly number[]): Query {
  return { vector: JSON.stringify({ indices, values: indices.map(() => 1) }), using: SPARSE };
}

function searchFor({ vector, ...using }: Query, ask: object): Json {
  return withField({ ...using, ...ask }, "query", vector);
}

/** What another leg found gets its score here. */
async function complete(
  batch: (searches: readonly Json[]) => Promise<(readonly QdrantPoint[])[]>,
  asked: readonly Asked[],
  hits: Hits,
): Promise<void> {
  const legs = asked.map(({ query }, leg) => ({ leg, query, missing: hits.missing(leg) }));
  const incomplete = legs.filter(({ missing }) => missing.length > 0);
  if (incomplete.length === 0) return;
  const found = await batch(
    incomplete.map(({ query, missing }) => {
      const filter: QdrantFilter = { must: [{ has_id: missing }] };
      return searchFor(query, { limit: missing.length, filter });
    }),
  );
  for (const [i, { leg }] of incomplete.entries()) hits.complete(leg, found[i] as readonly QdrantPoint[]);
}

/** Never below 0: after many removals the server's own can be, for a while. */
function idfFrom(best: QdrantPoint | undefined, term: number, points: number): number {
  if (best?.score == null) return idf(points, 0);
  const { indices = [], values = [] } = stored(TERMS, best.vector, WHERE)?.[SPARSE] ?? {};
  const at = indices.indexOf(term);
  return at === -1 ? idf(points, 0) : Math.max(1e-6, best.score / stored(positive, values[at], WHERE));
}
