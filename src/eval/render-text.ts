/** An evaluation as text for a terminal. */
import { sanitize, sanitizeLine } from "../core/sanitize.js";
import { type Comparison, MAIN, type Moved } from "./compare.js";
import { type Evaluation, isMeasured, type Measured, type Row } from "./evaluate.js";
import { judgeExpansion } from "./expansion.js";
import type { GateResult } from "./gate.js";
import { METRICS } from "./metrics.js";
import { signed } from "./signed.js";
import type { Estimate } from "./statistics.js";

const QUESTION_LENGTH = 100;

export function renderEvaluation(evaluation: Evaluation): string {
  const { request, rows, warnings } = evaluation;
  const { dataset, kind, seed, offTopic } = request;
  const head = `${dataset.name}: ${dataset.questions.length} questions; intervals are 95 %, seed ${seed}`;
  const [first] = rows.filter(isMeasured);
  const body =
    kind === "single" && first !== undefined
      ? [renderOne(first, offTopic.length)]
      : [renderTable(rows), ...rows.flatMap(renderComparison), ...renderExpansion(rows)];
  // Names of files and reasons may hold anything.
  return sanitize([head, ...warnings.map((warning) => `warning: ${warning}`), "", ...body].join("\n"));
}

function renderOne({ numbers }: Measured, offTopic: number): string {
  const { metrics, latency, candidates, calibration, auc, degraded, collection } = numbers;
  return [
    ...METRICS.map((metric) => `${metric.padEnd(12)}${interval(metrics[metric])}`),
    "",
    "ms           p50     p95",
    ...Object.entries(latency).map(([stage, { p50, p95 }]) => `${stage.padEnd(8)}${ms(p50)}${ms(p95)}`),
    `${candidates.toFixed(0)} candidates a question, out of ${collection.points} passages in ${collection.name}`,
    "",
    `score: calibration error ${calibration.error.toFixed(3)} over ${calibration.passages} passages ` +
      `(${percent(calibration.judgedShare)} of them judged, the others count as not relevant)`,
    auc === undefined
      ? undefined
      : `top score of answerable against ${offTopic} off-topic questions: AUC ${auc.toFixed(3)}`,
    ...renderDegraded(degraded),
  ]
    .filter((line) => line !== undefined)
    .join("\n");
}

function renderTable(rows: readonly Row[]): string {
  const width = Math.max(...rows.map(({ configuration }) => configuration.name.length)) + 2;
  const title = `${"".padEnd(width)}${METRICS.map((metric) => metric.padStart(11)).join("")}   ms p50  ms p95  candidates`;
  const lines = rows.flatMap((row) => [
    `${row.configuration.name.padEnd(width)}${cells(row)}`,
    ...(isMeasured(row) ? renderDegraded(row.numbers.degraded).map((line) => `  ${line}`) : []),
  ]);
  return [title, ...lines].join("\n");
}

function cells(row: Row): string {
  if (!isMeasured(row)) return `  not available: ${row.unavailable}`;
  const { metrics, latency, candidates } = row.numbers;
  const values = METRICS.map((metric) => metrics[metric].mean.toFixed(4).padStart(11)).join("");
  return `${values}  ${ms(latency.total?.p50 ?? 0)}${ms(latency.total?.p95 ?? 0)}${candidates.toFixed(0).padStart(12)}`;
}

function renderComparison(row: Row): string[] {
  if (!isMeasured(row) || row.comparison === undefined) return [];
  const { against, differences, wins, ties, losses, helped, hurt }: Comparison = row.comparison;
  return [
    "",
    `${row.configuration.name}, against ${against}: questions better ${wins}, the same ${ties}, worse ${losses} (${MAIN})`,
    ...METRICS.map(
      (metric) => `  ${metric.padEnd(12)}${interval(differences[metric], true)}  p ${differences[metric].p.toFixed(4)}`,
    ),
    ...renderMoved("most helped", helped),
    ...renderMoved("most hurt", hurt),
  ];
}

function renderMoved(title: string, moved: readonly Moved[]): string[] {
  return moved.map(({ id, question, before, after }, i) => {
    const text = sanitizeLine(`${id}: ${question}`, QUESTION_LENGTH);
    return `  ${(i === 0 ? title : "").padEnd(12)}${before.toFixed(2)} → ${after.toFixed(2)}  ${text}`;
  });
}

function renderExpansion(rows: readonly Row[]): string[] {
  return judgeExpansion(rows).map(
    ({ strategy, ndcg, recall, hurts }) =>
      `\nexpansion ${strategy} ${hurts ? "HURTS" : "does not hurt"} here: nDCG@10 ${signed(ndcg)}, recall@100 ${signed(recall)}`,
  );
}

function renderDegraded(degraded: Readonly<Record<string, number>>): string[] {
  return Object.entries(degraded).map(([reason, answers]) => `degraded: ${reason} on ${answers} answers`);
}

export function renderGate(results: readonly GateResult[]): string {
  return results
    .map(({ metric, baseline, now, change, paired, passed }) => {
      const how = paired ? "paired" : "against the mean alone";
      return `gate ${passed ? "ok  " : "FAIL"} ${metric.padEnd(12)}${baseline.toFixed(4)} → ${now.toFixed(4)}, change ${interval(change, true)} ${how}`;
    })
    .join("\n");
}

function interval({ mean, low, high }: Estimate, asChange = false): string {
  const show = (value: number) => (asChange ? signed(value) : value.toFixed(4));
  return `${show(mean)} [${show(low)}, ${show(high)}]`;
}

function ms(value: number): string {
  return value.toFixed(1).padStart(8);
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
