/** Output of `health`. */
import { z } from "zod";

/** An optional part: its state, "off" when it is not there, and what that part has to say. Short, as the list of tools must be. */
const optionalPart = z.looseObject({ state: z.string() });
export const output = z.object({
  status: z.enum(["ok", "degraded", "down"]),
  version: z.string(),
  embedder: z.object({
    state: z.enum(["idle", "downloading", "loading", "ready", "failed"]),
    download_percent: z.number().optional(),
    model: z.string(),
    revision: z.string().optional(),
    device: z.string(),
    checksum_verified: z.boolean().optional(),
    canary: z.object({ cosine: z.number(), ok: z.boolean() }).optional(),
    processes: z.number().optional(),
    degraded: z.string().optional(),
    error: z.string().optional(),
    remedy: z.string().optional(),
  }),
  reranker: optionalPart,
  expander: optionalPart,
  store: z.object({
    state: z.enum(["ok", "down"]),
    kind: z.string().optional(),
    version: z.string().optional(),
    location: z.string().optional(),
    dense_scan: z.string().optional(),
    pool: z.record(z.string(), z.number()).optional(),
    breaker: z.string().optional(),
    nodes: z.record(z.string(), z.number()).optional(),
    api: z.string().optional(),
    error: z.string().optional(),
    remedy: z.string().optional(),
  }),
  collections: z.array(
    z.object({
      name: z.string(),
      alias: z.string(),
      serving: z.boolean(),
      state: z.string(),
      points: z.number(),
      documents: z.number(),
      fingerprint: z.string().optional(),
      matches_model: z.boolean().optional(),
      unsearchable: z.string().optional(),
      /** Of what serves: the first of them, and how many there are. */
      sources: z.array(z.object({ name: z.string(), kind: z.string() })).optional(),
      sources_total: z.number().optional(),
      created_at: z.string(),
    }),
  ),
  /** Each as `reindex` answers it. */
  jobs: z.array(z.looseObject({ id: z.string(), state: z.string() })),
  metrics: z.object({ state: z.string(), port: z.number().optional(), reason: z.string().optional() }),
  spans_path: z.string(),
  data_folder: z.object({ path: z.string(), warning: z.string().optional() }),
  never_indexed: z.array(z.string()),
  held_removals: z.array(
    z.object({
      collection: z.string(),
      source: z.string(),
      documents: z.number(),
      of: z.number(),
      remedy: z.string(),
    }),
  ),
  /** What RETRIEVAL_ROOTS names that is no folder. */
  refused_roots: z.array(z.string()).optional(),
  flags: z.record(z.string(), z.boolean()),
  profiles: z.array(z.string()),
  config: z.object({
    state: z.string(),
    loaded_at: z.string(),
    error: z.string().optional(),
    needs_restart: z.array(z.string()),
  }),
  uptime_s: z.number(),
  rss_mb: z.number(),
  trace_id: z.string(),
});
export type Output = z.output<typeof output>;
