/** The state of the server as text. */
import { heldSentence } from "../../core/held-removals.js";
import type { ExpanderStatus, ModelStatus } from "../../core/ports.js";
import { oneLine } from "../../core/sanitize.js";
import { renderJob } from "../reindex/render.js";
import type { Health } from "./present.js";
import type { Output } from "./schema.js";

export function render(value: Output, health: Health): string {
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
        (c.matches_model === false && c.unsearchable === undefined ? ", built by another model" : "") +
        renderSources(c),
    ),
    ...(value.collections.length === 0
      ? ['collection: none yet; call reindex with {"source": "."}, then retrieve']
      : []),
    `metrics: ${metrics.state}${metrics.port ? ` on port ${metrics.port}` : ""}${metrics.reason ? ` (${metrics.reason})` : ""}`,
    `spans: ${value.spans_path}`,
    ...(value.data_folder.warning === undefined ? [] : [`data folder: ${value.data_folder.warning}`]),
    ...value.never_indexed.map(
      (root) => `never indexed: ${root}; call reindex with {"source": ${JSON.stringify(root)}}`,
    ),
    ...value.held_removals.map((held) => `stale: ${held.collection}: ${heldSentence(held)}`),
    ...(value.refused_roots ?? []).map((root) => `settings: RETRIEVAL_ROOTS names ${root}`),
    ...renderConfig(value.config),
  ];
  const jobs = health.jobs.slice(0, 3).map((job) => `job: ${renderJob(job)}`);
  return [...lines.map(oneLine), ...jobs].join("\n");
}

/** Nothing while the settings are those of the start. */
function renderConfig({ state, error, needs_restart: later }: Output["config"]): string[] {
  return [
    state === "loading" ? "settings: changed; the new models are being loaded" : undefined,
    error === undefined ? undefined : `settings: the last change was refused. ${error}`,
    later.length === 0 ? undefined : `settings: in force after a restart only: ${later.join(", ")}`,
  ].filter((line) => line !== undefined);
}

function renderStore({ kind, version, location, dense_scan, pool, breaker, nodes, api }: Output["store"]): string {
  return [
    `${kind} ${version} in ${location}`,
    dense_scan && `vectors scanned ${dense_scan}`,
    pool && `${pool.active} of ${pool.size} requests in flight, ${pool.waiting} waiting`,
    breaker && `circuit breaker ${breaker}`,
    nodes === undefined || nodes.total === 1 ? undefined : `${nodes.healthy} of ${nodes.total} nodes answer`,
    api && `API of ${api}`,
  ]
    .filter((part) => part !== undefined)
    .join("; ");
}

function renderSources({ sources, sources_total: total = 0 }: Output["collections"][number]): string {
  if (sources === undefined || sources.length === 0) return "";
  const more = total > sources.length ? `, and ${total - sources.length} more` : "";
  return `; sources: ${sources.map(({ name, kind }) => `${name} (${kind})`).join(", ")}${more}`;
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
