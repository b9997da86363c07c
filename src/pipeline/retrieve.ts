/** One question to ranked passages: embed → search → fuse → group → read. */
import type { Ctx } from "../core/context.js";
import type { Embedder, VectorStore } from "../core/ports.js";
import type { CollectionInfo, EmptyReason, Filter, Leg, RetrieveMode, StoredPoint } from "../core/types.js";
import { diversify } from "./diversify.js";
import { fuse, type Scored } from "./fuse.js";
import { resolveServing } from "./serving.js";
import { stage } from "./stage.js";

export interface RetrieveParts {
  readonly embedder: Embedder;
  readonly store: VectorStore;
  /** Version of the analyser behind the lexical leg. */
  readonly analyser: string;
  readonly candidates: number;
  readonly denseWeight: number;
}

export interface RetrieveRequest {
  readonly query: string;
  readonly collection: string;
  readonly topK: number;
  readonly mode: RetrieveMode;
  readonly filter?: Filter;
  readonly minScore?: number;
}

export interface Passage extends Omit<Scored, "candidate"> {
  readonly point: StoredPoint;
}

export interface Retrieved {
  readonly passages: readonly Passage[];
  readonly collection: CollectionInfo;
  readonly emptyReason?: EmptyReason;
}

export async function retrieve(parts: RetrieveParts, request: RetrieveRequest, ctx: Ctx): Promise<Retrieved> {
  const { embedder, store } = parts;
  if (embedder.degraded) ctx.degraded.push({ stage: "embed", reason: embedder.degraded });
  const serving = await stage(ctx, "resolve", async () =>
    resolveServing(store, request.collection, await embedder.fingerprint(), parts.analyser, ctx.signal),
  );
  if (serving.degraded) ctx.degraded.push({ stage: "search", reason: serving.degraded });
  const { collection } = serving;

  const legs = await buildLegs(parts, request, ctx);
  const candidates = await stage(ctx, "search", async (attrs) => {
    const ask = { limit: parts.candidates, ...(request.filter ? { filter: request.filter } : {}) };
    const found = await store.search(collection.name, legs, ask, ctx.signal);
    attrs.candidates = found.length;
    return found;
  });

  const chosen = await stage(ctx, "fuse", () => {
    const ranked = fuse(candidates, request.mode, parts.denseWeight);
    const relevant = ranked.filter(({ fused }) => fused >= (request.minScore ?? 0));
    return { ranked, kept: diversify(relevant, request.topK) };
  });
  if (chosen.kept.length === 0) {
    return {
      passages: [],
      collection,
      emptyReason: await whyEmpty(store, collection, request, chosen.ranked, ctx.signal),
    };
  }

  const passages = await stage(ctx, "read", async () => {
    const points = await store.read(
      collection.name,
      chosen.kept.map(({ candidate }) => candidate.id),
      { signal: ctx.signal },
    );
    const byId = new Map(points.map((point) => [point.id, point]));
    // A passage that was replaced between search and read is left out: its text is gone.
    return chosen.kept.flatMap(({ candidate, ...scores }) => {
      const point = byId.get(candidate.id);
      return point === undefined ? [] : [{ ...scores, point }];
    });
  });
  return { passages, collection };
}

async function buildLegs(parts: RetrieveParts, request: RetrieveRequest, ctx: Ctx): Promise<Leg[]> {
  const lexical: Leg = { kind: "lexical", text: request.query };
  if (request.mode === "lexical") return [lexical];
  const { embedder } = parts;
  const [vector] = await stage(ctx, "embed", () => embedder.embed([request.query], "query", ctx.signal));
  const dense: Leg = { kind: "dense", vector: vector as Float32Array };
  return request.mode === "dense" ? [dense] : [dense, lexical];
}

async function whyEmpty(
  store: VectorStore,
  collection: CollectionInfo,
  request: RetrieveRequest,
  ranked: readonly Scored[],
  signal: AbortSignal,
): Promise<EmptyReason> {
  if (collection.points === 0) return "empty_collection";
  if (ranked.length > 0) return "below_min_score";
  if (request.filter !== undefined && !(await store.any(collection.name, request.filter, signal))) {
    return "filtered_out";
  }
  return "no_match";
}
