/** Sentence embeddings by an ONNX model in the inference processes. */
import { LRUCache } from "lru-cache";
import type { Call } from "../core/call.js";
import { throwIfAborted } from "../core/errors.js";
import type { Embedder, EmbedderStatus, Role } from "../core/ports.js";
import type { Embedding, Fingerprint } from "../core/types.js";
import type { InferencePool } from "../inference/pool.js";
import type { Loaded } from "../inference/protocol.js";
import type { ModelHandle } from "../models/model-handle.js";

/** Query vectors kept: 1,000 × 384 floats are 1.5 MB, their token vectors as much again at the most. */
const CACHED_QUERIES = 1_000;

type OnHit = (() => void) | undefined;

export interface OnnxEmbedderOptions {
  readonly handle: ModelHandle<InferencePool>;
  readonly fingerprint: Fingerprint;
  /** Whether the model has a projection for token vectors. */
  readonly tokens?: boolean;
  readonly onCacheHit?: (() => void) | undefined;
}

export function createOnnxEmbedder(options: OnnxEmbedderOptions): Embedder {
  const { handle, fingerprint, tokens, onCacheHit } = options;
  const cache = new LRUCache<string, Embedding>({ max: CACHED_QUERIES });

  /** With token vectors where the model has them: of a query they cost next to nothing, and are there if needed. */
  async function embedQueries(
    call: Call,
    pool: InferencePool,
    queries: readonly string[],
    onHit: OnHit,
  ): Promise<Embedding[]> {
    const known = new Map<string, Embedding>();
    for (const query of queries) {
      const embedding = cache.get(query);
      if (embedding !== undefined) known.set(query, embedding);
    }
    const missing = [...new Set(queries.filter((query) => !known.has(query)))];
    if (known.size > 0) onHit?.();
    const embeddings = await run(call, pool, missing, "query");
    for (const [i, query] of missing.entries()) {
      known.set(query, embeddings[i] as Embedding);
      cache.set(query, embeddings[i] as Embedding);
    }
    return queries.map((query) => known.get(query) as Embedding);
  }

  async function run(call: Call, pool: InferencePool, texts: readonly string[], role: Role): Promise<Embedding[]> {
    if (tokens) return pool.run<Required<Embedding>>(call, "embedTokens", withPrefix(texts, role), role);
    const vectors = await pool.run<Float32Array>(call, "embed", withPrefix(texts, role), role);
    return vectors.map((vector) => ({ vector }));
  }

  async function embed(call: Call, texts: readonly string[], role: Role, onHit: OnHit): Promise<Embedding[]> {
    const pool = await handle.use(call);
    return role === "query" ? embedQueries(call, pool, texts, onHit) : run(call, pool, texts, role);
  }

  function withPrefix(texts: readonly string[], role: Role): readonly string[] {
    const prefix = role === "query" ? fingerprint.queryPrefix : fingerprint.passagePrefix;
    return prefix === "" ? texts : texts.map((text) => prefix + text);
  }

  // A reranker asks for what the search has just asked for: that is no hit.
  const embedTokens = async (call: Call, texts: readonly string[], role: Role) =>
    (await embed(call, texts, role, undefined)) as Required<Embedding>[];

  return {
    degraded: handle.degraded,
    maxTokens: fingerprint.maxTokens,
    async fingerprint({ signal }) {
      throwIfAborted(signal);
      handle.assertUsable();
      return fingerprint;
    },
    embed: async (call, texts, role) => (await embed(call, texts, role, onCacheHit)).map(({ vector }) => vector),
    embedTokens: tokens ? embedTokens : undefined,
    async countTokens(call, texts) {
      const pool = await handle.open(call); // the tokenizer alone is loaded
      return pool.run<number>(call, "count", texts, "passage");
    },
    async knowsWords(call, text) {
      const pool = await handle.open(call);
      const [knows = true] = await pool.run<boolean>(call, "knows", [text], "query");
      return knows;
    },
    async warmUp(call) {
      await handle.use(call);
    },
    status: (): EmbedderStatus => ({ ...handle.status(), canary: canaryOf(handle.loaded) }),
    close: () => handle.close(),
  };
}

/** undefined for a model without a reference to be compared with. */
function canaryOf({ canaryCosine }: Partial<Loaded> = {}): EmbedderStatus["canary"] {
  return canaryCosine === undefined ? undefined : { cosine: Number(canaryCosine.toFixed(4)), ok: true };
}
