/** An evaluation as plain JSON: what `--json` prints and the results file holds. */
import type { Comparison } from "./compare.js";
import { type Evaluation, isMeasured, type Row } from "./evaluate.js";
import { judgeExpansion } from "./expansion.js";
import type { GateResult } from "./gate.js";
import type { Estimate } from "./statistics.js";
import type { Numbers } from "./summary.js";

export function present(evaluation: Evaluation, gate: readonly GateResult[] | undefined, out: string) {
  const { request, version, rows, warnings } = evaluation;
  const { dataset, kind, seed, offTopic } = request;
  return {
    dataset: { name: dataset.name, questions: dataset.questions.length, sha256: dataset.sha256 },
    kind,
    seed,
    version,
    off_topic_questions: offTopic.length,
    configurations: rows.map(presentRow),
    expansion: kind === "grid" ? judgeExpansion(rows).map(rounded) : undefined,
    gate: gate?.map(rounded),
    warnings,
    out,
  };
}

function presentRow(row: Row) {
  const { name, fields, mode } = row.configuration;
  const settings = Object.fromEntries(Object.entries(fields).map(([field, value]) => [field.toUpperCase(), value]));
  const head = { name, settings, mode };
  if (!isMeasured(row)) return { ...head, unavailable: row.unavailable };
  return {
    ...head,
    ...presentNumbers(row.numbers),
    comparison: row.comparison && presentComparison(row.comparison),
  };
}

function presentNumbers({ metrics, latency, candidates, calibration, auc, degraded, collection }: Numbers) {
  const { error, passages, judgedShare, bins } = calibration;
  return {
    metrics: mapValues<Estimate, object>(metrics, rounded),
    latency_ms: mapValues(latency, ({ p50, p95 }) => ({ p50: round(p50, 2), p95: round(p95, 2) })),
    candidates: round(candidates, 1),
    calibration: { error: round(error), passages, judged_share: round(judgedShare), bins: bins.map(rounded) },
    auc: auc === undefined ? undefined : round(auc),
    degraded,
    collection,
  };
}

function presentComparison({ differences, helped, hurt, ...rest }: Comparison) {
  return {
    ...rest,
    differences: mapValues<Estimate, object>(differences, rounded),
    helped: helped.map(rounded),
    hurt: hurt.map(rounded),
  };
}

function mapValues<V, W>(values: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, change(value)]));
}

function round(value: number, digits = 6): number {
  return Number(value.toFixed(digits));
}

/** Its numbers, nested ones too, at six digits. */
function rounded<T extends object>(value: T): T {
  const entries = Object.entries(value).map(([name, each]: [string, unknown]) => [
    name,
    typeof each === "number" ? round(each) : typeof each === "object" && each !== null ? rounded(each) : each,
  ]);
  return Object.fromEntries(entries) as T;
}
