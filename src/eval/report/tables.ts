/** The tables of the report. */
import { MAIN, type Moved } from "../compare.js";
import { isMeasured, type Row } from "../evaluate.js";
import type { ExpansionVerdict } from "../expansion.js";
import type { GateResult } from "../gate.js";
import { METRICS } from "../metrics.js";
import { signed } from "../signed.js";
import type { Estimate } from "../statistics.js";
import { escapeHtml } from "./escape-html.js";
import { type Numbered, nameOf } from "./plots.js";

export function numbersTable(rows: readonly (Row & { readonly number: number })[]): string {
  const heads = [...METRICS, "p50 ms", "p95 ms", "candidates"].map(numberHead);
  const body = rows.map((row) => {
    const head = `<td class="number">${row.number}</td><td>${escapeHtml(row.configuration.name)}</td>`;
    if (!isMeasured(row)) return `${head}<td colspan="8">not available: ${escapeHtml(row.unavailable)}</td>`;
    const { metrics, latency, candidates, degraded } = row.numbers;
    const values = METRICS.map((metric) => estimateCell(metrics[metric], unsigned));
    const cost = [latency.total?.p50, latency.total?.p95].map((ms) => number((ms ?? 0).toFixed(1)));
    const notes = Object.entries(degraded).map(
      ([reason, answers]) => `<br><small>${escapeHtml(reason)} on ${answers} answers</small>`,
    );
    return `${head.replace(/<\/td>$/, `${notes.join("")}</td>`)}${values.join("")}${cost.join("")}${number(candidates.toFixed(0))}`;
  });
  return table(["", "configuration"].map((name) => `<th>${name}</th>`).concat(heads), body);
}

export function gateTable(results: readonly GateResult[]): string {
  const body = results.map(({ metric, baseline, now, change, paired, passed }) =>
    [
      `<td>${metric}</td>`,
      number(baseline.toFixed(4)),
      number(now.toFixed(4)),
      estimateCell(change, signed),
      `<td>${paired ? "paired" : "against the mean alone"}</td>`,
      passed ? `<td class="good">passed</td>` : `<td class="bad">failed</td>`,
    ].join(""),
  );
  return table(["<th>metric</th>", ...["baseline", "now", "change"].map(numberHead), "<th></th><th></th>"], body);
}

export function expansionTable(verdicts: readonly ExpansionVerdict[]): string {
  if (verdicts.length === 0) return `<p class="muted">No strategy could be measured.</p>`;
  const body = verdicts.map(({ strategy, ndcg, recall, hurts }) =>
    [
      `<td>${strategy}</td>`,
      number(signed(ndcg)),
      number(signed(recall)),
      hurts ? `<td class="bad">hurts</td>` : `<td class="good">does not hurt</td>`,
    ].join(""),
  );
  return table(["<th>strategy</th>", ...["nDCG@10", "recall@100"].map(numberHead), "<th></th>"], body);
}

/** Empty without a comparison. */
export function comparisonSection(row: Numbered): string {
  if (row.comparison === undefined) return "";
  const { against, differences, wins, ties, losses, helped, hurt } = row.comparison;
  const body = METRICS.map((metric) => {
    const difference = differences[metric];
    const tone = difference.p >= 0.05 ? "" : difference.mean > 0 ? "good" : "bad";
    return `<td>${metric}</td>${estimateCell(difference, signed, tone)}${number(difference.p.toFixed(4))}`;
  });
  return [
    `<h3>${escapeHtml(nameOf(row))}, against ${escapeHtml(against)}</h3>`,
    `<p>Questions better: ${wins}, the same: ${ties}, worse: ${losses}.</p>`,
    table(["<th>metric</th>", numberHead("difference"), numberHead("p")], body),
    movedTable("Most helped", helped),
    movedTable("Most hurt", hurt),
  ].join("\n");
}

function movedTable(caption: string, moved: readonly Moved[]): string {
  if (moved.length === 0) return "";
  const body = moved.map(({ id, question, before, after }) =>
    [
      `<td class="id">${escapeHtml(id)}</td><td class="text">${escapeHtml(question)}</td>`,
      number(before.toFixed(2)),
      number(after.toFixed(2)),
    ].join(""),
  );
  const heads = [`<th>id</th><th>question</th>`, numberHead("before"), numberHead("after")];
  return table(heads, body, `${caption}, by ${MAIN}`);
}

export function settingsTable({ settings, configuration, numbers }: Numbered): string {
  const rows = [
    ["collection", numbers.collection.name],
    ["mode", configuration.mode ?? ""],
    ...Object.entries(settings),
  ].filter(([, value]) => value !== "");
  return table(
    [],
    rows.map(
      ([name, value]) => `<td>${escapeHtml(name as string)}</td><td class="text">${escapeHtml(value as string)}</td>`,
    ),
  );
}

function table(heads: readonly string[], rows: readonly string[], caption?: string): string {
  const head = heads.length === 0 ? "" : `<thead><tr>${heads.join("")}</tr></thead>`;
  const title = caption === undefined ? "" : `<caption>${caption}</caption>`;
  return `<table>${title}${head}<tbody>${rows.map((row) => `<tr>${row}</tr>`).join("\n")}</tbody></table>`;
}

function estimateCell({ mean, low, high }: Estimate, show: (value: number) => string, tone = ""): string {
  return `<td class="number ${tone}">${show(mean)}<br><small>${show(low)} to ${show(high)}</small></td>`;
}

function number(text: string): string {
  return `<td class="number">${text}</td>`;
}

function numberHead(name: string): string {
  return `<th class="number">${name}</th>`;
}

function unsigned(value: number): string {
  return value.toFixed(4);
}
