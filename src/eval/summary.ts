/** Answers → the numbers that are printed, plotted and stored. */
import { auc, type Calibration, calibration } from "./calibration.js";
import type { Measurement } from "./measure.js";
import { METRICS, type Metric } from "./metrics.js";
import { type Estimate, estimate, mean, quantile } from "./statistics.js";

/** Milliseconds. */
export interface Latency {
  readonly p5: number;
  readonly p25: number;
  readonly p50: number;
  readonly p75: number;
  readonly p95: number;
}

export interface Numbers {
  readonly metrics: Readonly<Record<Metric, Estimate>>;
  /** By stage in the order they run, and `total`. */
  readonly latency: Readonly<Record<string, Latency>>;
  /** Chunks the search brings for a question, on average. */
  readonly candidates: number;
  /**
   * Of `score` over the ten best passages of every question. Passages of documents without a judgement count as not
   * relevant, so with sparse judgements the error is an upper bound; `judgedShare` says how sparse they are.
   */
  readonly calibration: Calibration & { readonly judgedShare: number };
  /** Of the best score: answerable questions against off-topic ones; absent when either are none. */
  readonly auc?: number;
  readonly degraded: Measurement["degraded"];
  readonly collection: Measurement["collection"];
}

export function summarise(measurement: Measurement, seed: number): Numbers {
  const { answers, offTopic, degraded, collection } = measurement;
  const metrics = METRICS.map((metric) => {
    const values = answers.map(({ scores }) => scores[metric]);
    return [metric, estimate(values, seed)] as const;
  });
  const timed = answers.map(({ timings }) => timings).filter((timings) => timings !== undefined);
  const stages = new Set(timed.flatMap((timings) => Object.keys(timings)));
  const latency = [...stages].map((stage) => [stage, latencyOf(timed.map((timings) => timings[stage] ?? 0))]);
  const passages = answers.flatMap(({ top }) => top);
  const answerable = answers.filter(({ question }) => [...question.grades.values()].some((grade) => grade > 0));
  const separation = auc(
    answerable.map(({ top }) => top[0]?.score ?? 0),
    offTopic,
  );
  return {
    metrics: Object.fromEntries(metrics) as Record<Metric, Estimate>,
    latency: Object.fromEntries(latency),
    candidates: mean(answers.map(({ candidates }) => candidates)),
    calibration: {
      ...calibration(passages.map(({ score, grade }) => ({ score, relevant: (grade ?? 0) > 0 }))),
      judgedShare: mean(passages.map(({ grade }) => (grade === undefined ? 0 : 1))),
    },
    auc: separation,
    degraded,
    collection,
  };
}

function latencyOf(values: readonly number[]): Latency {
  const at = (share: number) => quantile(values, share);
  return { p5: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) };
}
