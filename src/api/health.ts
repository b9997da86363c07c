/** The `health` tool. */
import { z } from "zod";
import type { AppHealth } from "../app/health.js";
import type { ExpanderStatus, ModelStatus, RerankerStatus, StoreStatus } from "../core/ports.js";
import { operation } from "./operation.js";
import { presentJob, renderJob } from "./reindex.js";

/** An optional part: its state, "off" when it is not there, and what that part has to say. Short, as the list of tools must be. */
const optionalPart = z.looseObject({ state: z.string() });
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
  reranker: optionalPart,
  expander: optionalPart,
  store: z.strictObject({
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
    z.strictObject({
      name: z.string(),
      alias: z.string(),
      serving: z.boolean(),
      state: z.string(),
      points: z.number(),
      documents: z.number(),
      fingerprint: z.string().optional(),
      matches_model: z.boolean().optional(),
      unsearchable: z.string().optional(),
      created_at: z.string(),
    }),
  ),
  /** Each as `reindex` answers it. */
  jobs: z.array(z.looseObject({ id: z.string(), state: z.string() })),
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
      ...presentModel(e),
      canary: e.canary,
      degraded: health.embedderDegraded,
    },
    reranker: health.reranker === undefined ? { state: "off" } : presentReranker(health.reranker),
    expander: health.expander === undefined ? { state: "off" } : { ...health.expander },
    store: store.state === "down" ? store : presentStore(store),
    collections: health.collections.map(({ info, fingerprint, matches }) => ({
      name: info.name,
      alias: info.alias,
      serving: info.serving,
      state: info.state,
      points: info.points,
      documents: info.documents,
      fingerprint,
      matches_model: matches,
      unsearchable: info.unsearchable,
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

function presentReranker({ firstStage, ...status }: RerankerStatus) {
  return { ...presentModel(status), first_stage: firstStage };
}

function presentModel(status: ModelStatus) {
  const { state, model, device, downloadPercent, revision, checksumVerified, processes, error, remedy } = status;
  return {
    state,
    model,
    device,
    download_percent: downloadPercent,
    revision,
    checksum_verified: checksumVerified,
    processes,
    error,
    remedy,
  };
}

function presentStore({ denseScan, ...store }: { readonly state: "ok" } & StoreStatus): Output["store"] {
  return { ...store, dense_scan: denseScan };
}

function render(value: Output, health: AppHealth): string {
  const { store, metrics } = value;
  const e = health.embedder;
  const canary = e.canary ? `, canary cosine ${e.canary.cosine}` : "";
  const lines = [
    `status: ${value.status} (aura-retrieval ${value.version}, up ${value.uptime_s} s, ${value.rss_mb} MB)`,
    `embedder: ${renderModel(e)}${canary}${value.embedder.degraded ? `, degraded: ${value.embedder.degraded}` : ""}`,
    ...problem(e),
    ...(health.reranker ? [`reranker: ${renderModel(health.reranker)}`, ...problem(health.reranker)] : []),
    ...(health.expander ? [`expander: ${renderExpander(health.expander)}`, ...problem(health.expander)] : []),
    store.state === "ok" ? `store: ok, ${renderStore(store)}` : `store: down. ${store.error} ${store.remedy}`,
    ...value.collections.map(
      (c) =>
        `collection: ${c.alias}${c.serving ? " (serving)" : ""} ${c.name}, ${c.state}, ${c.documents} documents, ${c.points} passages` +
        (c.unsearchable === undefined ? "" : `, cannot be searched: ${c.unsearchable}`) +
        (c.matches_model === false && c.unsearchable === undefined ? ", built by another model" : ""),
    ),
    `metrics: ${metrics.state}${metrics.port ? ` on port ${metrics.port}` : ""}${metrics.reason ? ` (${metrics.reason})` : ""}`,
    `spans: ${value.spans_path}`,
    ...health.jobs.slice(0, 3).map((job) => `job: ${renderJob(job)}`),
  ];
  return lines.join("\n");
}

function renderStore({ kind, version, location, dense_scan, pool, breaker, nodes, api }: Output["store"]): string {
  return [
    `${kind} ${version} in ${location}`,
    ...(dense_scan === undefined ? [] : [`vectors scanned ${dense_scan}`]),
    ...(pool === undefined ? [] : [`${pool.active} of ${pool.size} requests in flight, ${pool.waiting} waiting`]),
    ...(breaker === undefined ? [] : [`circuit breaker ${breaker}`]),
    ...(nodes === undefined || nodes.total === 1 ? [] : [`${nodes.healthy} of ${nodes.total} nodes answer`]),
    ...(api === undefined ? [] : [`API of ${api}`]),
  ].join("; ");
}

function renderModel({ state, downloadPercent, model, device }: ModelStatus): string {
  const percent = downloadPercent === undefined ? "" : ` ${downloadPercent} %`;
  return `${state}${percent}, ${model} on ${device}`;
}

function renderExpander({ state, strategy, wordnet }: ExpanderStatus): string {
  const lexicon = wordnet === undefined ? "" : `, WordNet ${wordnet.version} with ${wordnet.synsets} synsets`;
  return `${state}, ${strategy}${lexicon}`;
}

function problem({ error, remedy }: { readonly error?: string; readonly remedy?: string }): string[] {
  return error === undefined ? [] : [`  ${error} ${remedy ?? ""}`];
}
