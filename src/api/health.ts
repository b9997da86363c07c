/** The `health` tool. */
import { z } from "zod";
import type { AppHealth } from "../compose-health.js";
import type { StoreStatus } from "../core/ports.js";
import { operation } from "./operation.js";
import { jobSchema, presentJob, renderJob } from "./reindex.js";

const output = z.strictObject({
  status: z.enum(["ok", "degraded", "down"]),
  version: z.string(),
  embedder: z.strictObject({
    state: z.enum(["idle", "downloading", "loading", "ready", "failed"]),
    download_percent: z.number().optional(),
    model: z.string(),
    revision: z.string().optional(),
    device: z.string(),
    checksum_verified: z.boolean().optional(),
    canary: z.strictObject({ cosine: z.number(), ok: z.boolean() }).optional(),
    processes: z.number().optional(),
    degraded: z.string().optional(),
    error: z.string().optional(),
    remedy: z.string().optional(),
  }),
  reranker: z.strictObject({ state: z.literal("off") }),
  expander: z.strictObject({ state: z.literal("off") }),
  store: z.strictObject({
    state: z.enum(["ok", "down"]),
    kind: z.string().optional(),
    version: z.string().optional(),
    location: z.string().optional(),
    dense_scan: z.string().optional(),
    pool: z.record(z.string(), z.number()).optional(),
    error: z.string().optional(),
    remedy: z.string().optional(),
  }),
  collections: z.array(
    z.strictObject({
      name: z.string(),
      alias: z.string(),
      serving: z.boolean(),
      state: z.string(),
      points: z.number(),
      documents: z.number(),
      fingerprint: z.string().optional(),
      matches_model: z.boolean(),
      created_at: z.string(),
    }),
  ),
  jobs: z.array(jobSchema),
  metrics: z.strictObject({ state: z.string(), port: z.number().optional(), reason: z.string().optional() }),
  spans_path: z.string(),
  flags: z.record(z.string(), z.boolean()),
  uptime_s: z.number(),
  rss_mb: z.number(),
  trace_id: z.string(),
});
type Output = z.output<typeof output>;

export const healthOperation = operation({
  name: "health",
  title: "State of the server",
  description:
    "Says whether the embedding model, the store, the metrics port and recent index jobs work, with a remedy for what does not. " +
    "Answers while the model still loads and when the store is down.",
  input: z.strictObject({}),
  output,
  readOnly: true,
  deadline: true,
  async run(app, _input, ctx) {
    const health = await app.health(ctx.signal);
    const value = present(health, app.config.version, ctx.traceId);
    return { value, text: render(value, health) };
  },
});

function present(health: AppHealth, version: string, traceId: string): Output {
  const { embedder: e, store } = health;
  return {
    status: health.state,
    version,
    embedder: {
      state: e.state,
      model: e.model,
      device: e.device,
      ...(e.downloadPercent === undefined ? {} : { download_percent: e.downloadPercent }),
      ...(e.revision === undefined ? {} : { revision: e.revision }),
      ...(e.checksumVerified === undefined ? {} : { checksum_verified: e.checksumVerified }),
      ...(e.canary === undefined ? {} : { canary: e.canary }),
      ...(e.processes === undefined ? {} : { processes: e.processes }),
      ...(health.embedderDegraded === undefined ? {} : { degraded: health.embedderDegraded }),
      ...(e.error === undefined ? {} : { error: e.error }),
      ...(e.remedy === undefined ? {} : { remedy: e.remedy }),
    },
    reranker: { state: "off" },
    expander: { state: "off" },
    store: store.state === "down" ? store : presentStore(store),
    collections: health.collections.map(({ info, fingerprint, matches }) => ({
      name: info.name,
      alias: info.alias,
      serving: info.serving,
      state: info.state,
      points: info.points,
      documents: info.documents,
      ...(fingerprint === undefined ? {} : { fingerprint }),
      matches_model: matches,
      created_at: info.createdAt,
    })),
    jobs: health.jobs.slice(0, 10).map(presentJob),
    metrics: health.metrics,
    spans_path: health.spansPath,
    flags: health.flags,
    uptime_s: Math.round(process.uptime()),
    rss_mb: Math.round(process.memoryUsage.rss() / 1e6),
    trace_id: traceId,
  };
}

function presentStore({ denseScan, ...store }: { readonly state: "ok" } & StoreStatus): Output["store"] {
  return { ...store, ...(denseScan === undefined ? {} : { dense_scan: denseScan }) };
}

function render(value: Output, health: AppHealth): string {
  const { embedder: e, store, metrics } = value;
  const canary = e.canary ? `, canary cosine ${e.canary.cosine}` : "";
  const percent = e.download_percent === undefined ? "" : ` ${e.download_percent} %`;
  const lines = [
    `status: ${value.status} (aura-retrieval ${value.version}, up ${value.uptime_s} s, ${value.rss_mb} MB)`,
    `embedder: ${e.state}${percent}, ${e.model} on ${e.device}${canary}${e.degraded ? `, degraded: ${e.degraded}` : ""}`,
    ...(e.error ? [`  ${e.error} ${e.remedy}`] : []),
    store.state === "ok"
      ? `store: ok, ${store.kind} ${store.version} in ${store.location}${store.dense_scan ? `; vectors scanned ${store.dense_scan}` : ""}${store.pool ? `; ${store.pool.active} of ${store.pool.size} requests in flight, ${store.pool.waiting} waiting` : ""}`
      : `store: down. ${store.error} ${store.remedy}`,
    ...value.collections.map(
      (c) =>
        `collection: ${c.alias}${c.serving ? " (serving)" : ""} ${c.name}, ${c.state}, ${c.documents} documents, ${c.points} passages` +
        `${c.matches_model ? "" : ", built by another model"}`,
    ),
    `metrics: ${metrics.state}${metrics.port ? ` on port ${metrics.port}` : ""}${metrics.reason ? ` (${metrics.reason})` : ""}`,
    `spans: ${value.spans_path}`,
    ...health.jobs.slice(0, 3).map((job) => `job: ${renderJob(job)}`),
  ];
  return lines.join("\n");
}
