/** One question to ranked passages: expand → embed → search → fuse → read → rerank → select. */
import type { Ctx } from "../core/context.js";
import type { Embedder, Expander, Reranker, VectorStore } from "../core/ports.js";
import type { CollectionInfo, EmptyReason, Filter, RetrieveMode, Variant } from "../core/types.js";
import { expand } from "./expand.js";
import { legsOf, variantsByLeg } from "./legs.js";
import type { Ranked } from "./ranking/blend.js";
import { diversify } from "./ranking/diversify.js";
import { denseShare, fuse, type Scored } from "./ranking/fuse.js";
import { formOf } from "./ranking/query-form.js";
import type { RankingParams } from "./ranking/ranking-params.js";
import { withRelevance } from "./ranking/relevance.js";
import { type Reranking, rerank } from "./rerank.js";
import { resolveServing } from "./serving.js";
import { stage } from "./stage.js";

export interface RetrieveParts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  /** Version of the analyser behind the lexical leg. */
  readonly analyser: string;
  /** Candidates that each leg brings. */
  readonly candidates: number;
  readonly ranking: RankingParams;
  readonly expander?: Expander | undefined;
  readonly reranking?: Reranking | undefined;
}

export interface RetrieveRequest {
  readonly query: string;
  readonly collection: string;
  readonly topK: number;
  readonly mode: RetrieveMode;
  readonly filter?: Filter;
  readonly minScore?: number;
  /** false leaves the stage out of this call. */
  readonly expand?: boolean;
  readonly rerank?: boolean;
}

export type Passage = Omit<Ranked, "candidate">;

export interface Retrieved {
  readonly passages: readonly Passage[];
  readonly collection: CollectionInfo;
  /** What was searched, the question itself first. */
  readonly variants: readonly Variant[];
  /** Share of the dense score in the fused ones. */
  readonly denseWeight: number;
  /** Absent when nothing was handed to a re-ranker. */
  readonly reranked?: { readonly candidates: number; readonly scored: number; readonly blend: number };
  readonly emptyReason?: EmptyReason;
}

export async function retrieve(parts: RetrieveParts, request: RetrieveRequest, ctx: Ctx): Promise<Retrieved> {
  const { embedder, store, ranking } = parts;
  const expander = request.expand === false ? undefined : parts.expander;
  const reranking = request.rerank === false ? undefined : parts.reranking;

  // It loads while the question is embedded and searched; what goes wrong is told when it is asked to score.
  reranking?.reranker.warmUp().catch(() => undefined);
  const collection = await resolve(parts, request.collection, ctx);
  const variants = await expand(expander, request.query, ctx);
  const mode = searchedBy(request.mode, collection, ctx);
  const { dense, lexical } = variantsByLeg(variants, mode);
  const vectors = await embedQueries(embedder, dense, ctx);
  const candidates = await stage(ctx, "search", async ({ attrs }) => {
    const ask = { limit: parts.candidates, filter: request.filter };
    const found = await store.search(collection.name, legsOf(vectors, lexical), ask, ctx.signal);
    attrs.candidates = found.length;
    return found;
  });

  const weights = { ...ranking, denseWeight: ranking.denseWeight[formOf(request.query)] };
  const judge = <T extends Pick<Ranked, "score" | "dense">>(passages: readonly T[]) =>
    withRelevance(passages, ranking.relevance[mode]);
  const select = <T extends Pick<Ranked, "candidate" | "score">>(passages: readonly T[]) =>
    diversify(
      passages.filter(({ score }) => score >= (request.minScore ?? 0)),
      request.topK,
    );
  const pool = await stage(ctx, "fuse", () => {
    const fused = fuse(candidates, { dense, lexical }, weights).map((scored) => ({ ...scored, score: scored.fused }));
    // A re-ranker may lift what is below `min_score`, or not yet among the best.
    return reranking === undefined ? select(judge(fused)) : diversify(fused, Math.max(request.topK, reranking.topK));
  });
  const read =
    pool.length === 0
      ? []
      : await stage(ctx, "read", () => readPassages(store, collection, pool, ctx.signal, reranking?.reranker));
  const reranked =
    reranking === undefined || read.length === 0
      ? undefined
      : await rerank(reranking, request.query, read, ranking.rerankBlend, ctx);
  const passages = select(reranking === undefined ? read : judge(reranked?.passages ?? read));

  return {
    passages: passages.map(({ candidate: _, ...passage }) => passage),
    collection,
    variants: variants.filter((variant) => dense.includes(variant) || lexical.includes(variant)),
    denseWeight: denseShare({ dense, lexical }, weights),
    ...(reranked && {
      reranked: { candidates: reranked.candidates, scored: reranked.scored, blend: ranking.rerankBlend },
    }),
    ...(passages.length === 0 && {
      emptyReason: await whyEmpty(store, collection, request, candidates.length > 0, ctx.signal),
    }),
  };
}

async function resolve(parts: RetrieveParts, name: string, ctx: Ctx): Promise<CollectionInfo> {
  const { embedder, store, analyser } = parts;
  if (embedder.degraded) ctx.degraded.push({ stage: "embed", reason: embedder.degraded });
  const serving = await stage(ctx, "resolve", async () =>
    resolveServing(store, name, await embedder.fingerprint(), analyser, ctx.signal),
  );
  if (serving.degraded) ctx.degraded.push({ stage: "search", reason: serving.degraded });
  return serving.collection;
}

/** What something else made has no terms; who asks for both legs gets the one there is, and is told. */
function searchedBy(mode: RetrieveMode, { denseOnly }: CollectionInfo, ctx: Ctx): RetrieveMode {
  if (mode !== "hybrid" || !denseOnly) return mode;
  ctx.degraded.push({ stage: "search", reason: "lexical_unavailable" });
  return "dense";
}

/** All variants in one call: one batch, one wait. */
async function embedQueries(embedder: Embedder, variants: readonly Variant[], ctx: Ctx): Promise<Float32Array[]> {
  if (variants.length === 0) return [];
  const texts = variants.map(({ text }) => text);
  return stage(ctx, "embed", () => embedder.embed(texts, "query", ctx.signal));
}

/** A passage that was replaced between search and read is left out: its text is gone. */
async function readPassages<T extends Scored>(
  store: VectorStore,
  collection: CollectionInfo,
  pool: readonly T[],
  signal: AbortSignal,
  reranker: Reranker | undefined,
) {
  const ids = pool.map(({ candidate }) => candidate.id);
  const points = await store.read(collection.name, ids, { tokens: reranker?.readsTokens ?? false, signal });
  const byId = new Map(points.map((point) => [point.id, point]));
  return pool.flatMap((scored) => {
    const point = byId.get(scored.candidate.id);
    return point === undefined ? [] : [{ ...scored, point }];
  });
}

async function whyEmpty(
  store: VectorStore,
  collection: CollectionInfo,
  { filter, minScore }: RetrieveRequest,
  found: boolean,
  signal: AbortSignal,
): Promise<EmptyReason> {
  if (collection.points === 0) return "empty_collection";
  if (found && minScore !== undefined) return "below_min_score";
  if (filter !== undefined && !(await store.any(collection.name, filter, signal))) return "filtered_out";
  return "no_match";
}
