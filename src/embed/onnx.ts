/** Sentence embeddings by an ONNX model in the inference processes. */
import { LRUCache } from "lru-cache";
import { AppError, raceAbort } from "../core/errors.js";
import type { Embedder, EmbedderStatus, Role } from "../core/ports.js";
import type { DegradedReason, Embedding, Fingerprint } from "../core/types.js";
import type { InferencePool } from "../inference/pool.js";
import type { Loaded } from "../inference/protocol.js";
import { WarmUp } from "../inference/warm-up.js";

/** Query vectors kept: 1,000 × 384 floats are 1.5 MB, their token vectors as much again at the most. */
const CACHED_QUERIES = 1_000;

type OnHit = (() => void) | undefined;

export interface OnnxEmbedderOptions {
  readonly fingerprint: Fingerprint;
  readonly revision?: string | undefined;
  readonly device: string;
  readonly pool: InferencePool;
  /** Whether the pool's model has a projection for token vectors. */
  readonly tokens?: boolean;
  readonly degraded?: DegradedReason;
  readonly onCacheHit?: () => void;
}

export function createOnnxEmbedder(options: OnnxEmbedderOptions): Embedder {
  const { pool, fingerprint } = options;
  const cache = new LRUCache<string, Embedding>({ max: CACHED_QUERIES });
  const warmUp = new WarmUp(pool);

  /** With token vectors where the model has them: of a query they cost next to nothing, and are there if needed. */
  async function embedQueries(queries: readonly string[], onHit: OnHit, signal?: AbortSignal): Promise<Embedding[]> {
    const known = new Map<string, Embedding>();
    for (const query of queries) {
      const embedding = cache.get(query);
      if (embedding !== undefined) known.set(query, embedding);
    }
    const missing = [...new Set(queries.filter((query) => !known.has(query)))];
    if (known.size > 0) onHit?.();
    const embeddings = await run(missing, "query", signal);
    for (const [i, query] of missing.entries()) {
      known.set(query, embeddings[i] as Embedding);
      cache.set(query, embeddings[i] as Embedding);
    }
    return queries.map((query) => known.get(query) as Embedding);
  }

  async function run(texts: readonly string[], role: Role, signal?: AbortSignal): Promise<Embedding[]> {
    if (options.tokens) return pool.run<Required<Embedding>>("embedTokens", withPrefix(texts, role), role, signal);
    const vectors = await pool.run<Float32Array>("embed", withPrefix(texts, role), role, signal);
    return vectors.map((vector) => ({ vector }));
  }

  async function embed(texts: readonly string[], role: Role, onHit: OnHit, signal?: AbortSignal): Promise<Embedding[]> {
    await raceAbort(warmUp.run(), signal);
    return role === "query" ? embedQueries(texts, onHit, signal) : run(texts, role, signal);
  }

  function withPrefix(texts: readonly string[], role: Role): readonly string[] {
    const prefix = role === "query" ? fingerprint.queryPrefix : fingerprint.passagePrefix;
    return prefix === "" ? texts : texts.map((text) => prefix + text);
  }

  return {
    degraded: options.degraded,
    maxTokens: fingerprint.maxTokens,
    fingerprint: async () => fingerprint,
    embed: async (texts, role, signal) =>
      (await embed(texts, role, options.onCacheHit, signal)).map(({ vector }) => vector),
    ...(options.tokens && {
      // A re-ranker asks for what the search has just asked for: that is no hit.
      embedTokens: async (texts, role, signal) =>
        (await embed(texts, role, undefined, signal)) as Required<Embedding>[],
    }),
    countTokens: (texts, signal) => pool.run<number>("count", texts, "passage", signal),
    warmUp: () => warmUp.run(),
    status: (): EmbedderStatus => ({
      model: fingerprint.model,
      revision: options.revision,
      device: options.device,
      ...warmUp.status(),
      ...(pool.loaded ? canaryOf(pool.loaded) : {}),
    }),
    close: () => pool.close(),
  };
}

/** Nothing when the model has no reference to be compared with. */
function canaryOf({ canaryCosine }: Loaded): Pick<EmbedderStatus, "canary"> {
  return canaryCosine === undefined ? {} : { canary: { cosine: Number(canaryCosine.toFixed(4)), ok: true } };
}

/** An embedder that cannot work, and says why when it is used: the server still starts and answers `health`. */
export function createBrokenEmbedder(model: string, device: string, why: AppError): Embedder {
  const fail = () => Promise.reject(new AppError(why.code, why.message, { remedy: why.remedy, cause: why }));
  return {
    maxTokens: 0,
    fingerprint: fail,
    embed: fail,
    countTokens: fail,
    warmUp: fail,
    status: () => ({ state: "failed", model, device, error: why.message, remedy: why.remedy }),
    close: async () => undefined,
  };
}
