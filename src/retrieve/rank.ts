/** Candidates to passages: in fused order, or scored again by a re-ranker first. */
import type { Call } from "../core/call.js";
import type { Embedder } from "../core/ports.js";
import type { RetrievalProfile } from "../core/profile.js";
import { areCurrentTokens } from "../core/token-vectors.js";
import type { CollectionInfo, StoredPoint } from "../core/types.js";
import type { RetrievalEngine } from "./engine.js";
import { isForeign } from "./foreign-language.js";
import type { Ranked } from "./ranking/blend.js";
import { diversify } from "./ranking/diversify.js";
import { type ForeignEvidence, withForeignRelevance } from "./ranking/foreign.js";
import type { Scored } from "./ranking/fuse.js";
import { type RelevanceParams, withRelevance } from "./ranking/relevance.js";
import { type Reranking, rerank } from "./rerank.js";
import { stage } from "./stage.js";

export interface RankRequest {
  readonly query: string;
  readonly collection: CollectionInfo;
  readonly topK: number;
  readonly minScore: number;
  readonly relevance: RelevanceParams;
  /** What counts instead where the passages are in a language that the model does not know; absent: the question is not. */
  readonly foreign?: ForeignEvidence | undefined;
}

/** A candidate with the score it is ordered by. */
export type Fused = Scored & Pick<Ranked, "score">;

export interface RankedAnswer {
  readonly passages: readonly Ranked[];
  /** Absent when nothing was handed to a re-ranker. */
  readonly reranked?: { readonly candidates: number; readonly scored: number; readonly blend: number } | undefined;
}

export interface RankStep {
  /** Loads what it needs while the question is embedded and searched; what goes wrong surfaces at `rank`. */
  warmUp(call: Call): void;
  /** The candidates whose texts are worth reading. @param fused best first */
  pool(fused: readonly Fused[], request: RankRequest): Fused[];
  rank(call: Call, pool: readonly Fused[], request: RankRequest): Promise<RankedAnswer>;
}

export function rankStep(engine: RetrievalEngine, { reranking, embedder }: RetrievalProfile): RankStep {
  const order = ordering(engine, engine.embedder(embedder));
  if (reranking.kind === "none") return inFusedOrder(engine, order);
  const { topK, budgetMs } = reranking;
  const onlyIndexed = reranking.kind === "late-interaction" && reranking.absent === "skip";
  return reranked(engine, order, { reranker: engine.reranker(reranking, embedder), topK, budgetMs, onlyIndexed });
}

/** The passages of the answer, each with its relevance for a score. @param passages best first */
type Order = (call: Call, passages: readonly Ranked[], request: RankRequest) => Promise<Ranked[]>;

function ordering(engine: RetrievalEngine, embedder: Embedder): Order {
  return async (call, passages, request) => {
    const { foreign, relevance } = request;
    const best = passages[0]?.point.text;
    const isRead = foreign === undefined || best === undefined || !(await isForeign(call, { engine, embedder }, best));
    return select(isRead ? withRelevance(passages, relevance) : withForeignRelevance(passages, foreign), request);
  };
}

/** Read for each passage that is asked for: which are versions of one another shows in their texts. */
const READ_FOR_EACH = 2;

function inFusedOrder(engine: RetrievalEngine, order: Order): RankStep {
  return {
    warmUp: () => undefined,
    pool(fused, request) {
      const wide = { ...request, topK: READ_FOR_EACH * request.topK };
      const kept = new Set(select(withRelevance(fused, request.relevance), wide).map(({ candidate }) => candidate));
      return fused.filter(({ candidate }) => kept.has(candidate));
    },
    rank: async (call, pool, request) => ({
      passages: await order(call, await readPassages(call, engine, pool, request), request),
    }),
  };
}

/** @property onlyIndexed an answer stays in fused order where the index lacks a candidate's token vectors */
type Step = Reranking & { readonly onlyIndexed: boolean };

function reranked(engine: RetrievalEngine, order: Order, reranking: Step): RankStep {
  const { reranker, topK, onlyIndexed } = reranking;
  return {
    warmUp: (call) => void reranker.warmUp(call).catch(() => undefined),
    // A re-ranker may lift what is below `min_score`, or not yet among the best.
    pool: (fused, request) => diversify(fused, Math.max(request.topK, topK)),
    async rank(call, pool, request) {
      const { collection, query } = request;
      const read = await readPassages(call, engine, pool, { collection, tokens: reranker.readsTokens });
      const lacking = onlyIndexed && !read.slice(0, topK).every(hasTokens);
      if (lacking || read.length === 0) return { passages: await order(call, read, request) };
      const { ranking } = engine;
      const { passages, candidates, scored } = await rerank(call, reranking, read, { query, ranking });
      return {
        passages: await order(call, passages, request),
        reranked: { candidates, scored, blend: ranking.rerankBlend },
      };
    },
  };
}

function hasTokens({ point: { tokens } }: { readonly point: StoredPoint }): boolean {
  return tokens !== undefined && areCurrentTokens(tokens);
}

function select<T extends Fused>(passages: readonly T[], { minScore, topK }: RankRequest): T[] {
  return diversify(
    passages.filter(({ score }) => score >= minScore),
    topK,
  );
}

interface ReadRequest {
  readonly collection: CollectionInfo;
  /** Whether token vectors are read too. */
  readonly tokens?: boolean | undefined;
}

/** A passage that was replaced between search and read is left out: its text is gone. */
async function readPassages<T extends Fused>(
  call: Call,
  { store }: RetrievalEngine,
  pool: readonly T[],
  { collection, tokens = false }: ReadRequest,
): Promise<(T & { readonly point: StoredPoint })[]> {
  if (pool.length === 0) return [];
  return stage(call, "read", async () => {
    const ids = pool.map(({ candidate }) => candidate.id);
    const points = await store.read(call, collection.name, ids, { tokens });
    const byId = new Map(points.map((point) => [point.id, point]));
    return pool.flatMap((scored) => {
      const point = byId.get(scored.candidate.id);
      return point === undefined ? [] : [{ ...scored, point }];
    });
  });
}
