/** Sentence embeddings by an ONNX model in the inference processes. */
import { LRUCache } from "lru-cache";
import { AppError, raceAbort } from "../core/errors.js";
import type { Embedder, EmbedderStatus, Role } from "../core/ports.js";
import type { DegradedReason, Fingerprint } from "../core/types.js";
import type { InferencePool } from "../inference/pool.js";
import type { Loaded } from "../inference/protocol.js";
import { WarmUp } from "../inference/warm-up.js";

/** Query vectors kept: 1,000 × 384 floats are 1.5 MB. */
const CACHED_QUERIES = 1_000;

export interface OnnxEmbedderOptions {
  readonly fingerprint: Fingerprint;
  readonly revision?: string | undefined;
  readonly device: string;
  readonly pool: InferencePool;
  readonly degraded?: DegradedReason;
  readonly onCacheHit?: () => void;
}

export function createOnnxEmbedder(options: OnnxEmbedderOptions): Embedder {
  const { pool, fingerprint } = options;
  const cache = new LRUCache<string, Float32Array>({ max: CACHED_QUERIES });
  const warmUp = new WarmUp(pool);

  async function embedQueries(queries: readonly string[], signal?: AbortSignal): Promise<Float32Array[]> {
    const known = new Map<string, Float32Array>();
    for (const query of queries) {
      const vector = cache.get(query);
      if (vector !== undefined) known.set(query, vector);
    }
    const missing = [...new Set(queries.filter((query) => !known.has(query)))];
    if (known.size > 0) options.onCacheHit?.();
    const vectors = await pool.run<Float32Array>("embed", withPrefix(missing, "query"), "query", signal);
    for (const [i, query] of missing.entries()) {
      known.set(query, vectors[i] as Float32Array);
      cache.set(query, vectors[i] as Float32Array);
    }
    return queries.map((query) => known.get(query) as Float32Array);
  }

  function withPrefix(texts: readonly string[], role: Role): readonly string[] {
    const prefix = role === "query" ? fingerprint.queryPrefix : fingerprint.passagePrefix;
    return prefix === "" ? texts : texts.map((text) => prefix + text);
  }

  return {
    ...(options.degraded === undefined ? {} : { degraded: options.degraded }),
    maxTokens: fingerprint.maxTokens,
    fingerprint: async () => fingerprint,
    async embed(texts, role, signal) {
      await raceAbort(warmUp.run(), signal);
      if (role === "query") return embedQueries(texts, signal);
      return pool.run<Float32Array>("embed", withPrefix(texts, role), "passage", signal);
    },
    countTokens: (texts, signal) => pool.run<number>("count", texts, "passage", signal),
    warmUp: () => warmUp.run(),
    status: (): EmbedderStatus => ({
      model: fingerprint.model,
      ...(options.revision === undefined ? {} : { revision: options.revision }),
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
