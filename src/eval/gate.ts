/** A check for continuous integration: no metric may fall below its baseline by more than noise. */
import { readFileSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { AppError } from "../core/errors.js";
import type { Dataset } from "./dataset.js";
import type { Measured } from "./evaluate.js";
import { METRICS, type Metric, type Scores } from "./metrics.js";
import { type Estimate, estimate } from "./statistics.js";

const value = z.number().min(0).max(1);
const values = z.strictObject(Object.fromEntries(METRICS.map((metric) => [metric, value.optional()])));
const baselineSchema = z.strictObject({
  dataset: z.strictObject({ name: z.string(), sha256: z.string() }).optional(),
  /** Means; all that is needed when a baseline is written by hand. */
  metrics: values,
  /** Question → its values: with them the comparison is paired, and notices far smaller losses. */
  questions: z.record(z.string(), values).optional(),
});
export type Baseline = z.output<typeof baselineSchema>;

/** What rounding differs by between two processors or versions of the runtime (docs/tuning.md): never a failure. */
const LEAST_LOSS = 0.002;

export interface GateResult {
  readonly metric: Metric;
  readonly baseline: number;
  readonly now: number;
  /** now − baseline; its interval is that of the pairs, or of the run alone where the baseline has only means. */
  readonly change: Estimate;
  readonly paired: boolean;
  readonly passed: boolean;
}

/** @throws AppError `bad_request` when the file is no baseline, or one for other questions */
export function readBaseline(file: string, dataset: Dataset): Baseline {
  let parsed: z.ZodSafeParseResult<Baseline>;
  try {
    parsed = baselineSchema.safeParse(JSON.parse(readFileSync(file, "utf8")));
  } catch (cause) {
    throw new AppError("bad_request", `${file} is not a readable JSON file.`, { remedy: HOW_TO_WRITE, cause });
  }
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
    throw new AppError("bad_request", `${file} is no baseline: ${problems}.`, { remedy: HOW_TO_WRITE });
  }
  const { data } = parsed;
  if (METRICS.every((metric) => data.metrics[metric] === undefined)) {
    throw new AppError("bad_request", `${file} has no metric.`, { remedy: HOW_TO_WRITE });
  }
  if (data.dataset !== undefined && data.dataset.sha256 !== dataset.sha256) {
    throw new AppError("bad_request", `${file} was measured with other questions or judgements.`, {
      remedy: HOW_TO_WRITE,
    });
  }
  return data;
}
const HOW_TO_WRITE = "Write it anew with --gate-write, from a version whose quality you accept.";

export function writeBaseline(file: string, dataset: Dataset, { measurement, numbers }: Measured): void {
  const baseline: Baseline = {
    dataset: { name: dataset.name, sha256: dataset.sha256 },
    metrics: Object.fromEntries(METRICS.map((metric) => [metric, numbers.metrics[metric].mean])),
    questions: Object.fromEntries(measurement.answers.map(({ question, scores }) => [question.id, scores])),
  };
  writeFileSync(file, `${JSON.stringify(baseline, null, 1)}\n`);
}

/**
 * A metric fails when it lost more than `LEAST_LOSS` and the whole 95 % interval of its change lies below 0. Metrics the
 * baseline lacks are not judged.
 */
export function judge(baseline: Baseline, { measurement, numbers }: Measured, seed: number): GateResult[] {
  return METRICS.flatMap((metric) => {
    const before = baseline.metrics[metric];
    if (before === undefined) return [];
    const pairs = measurement.answers.flatMap(({ question, scores }) => {
      const earlier = (baseline.questions?.[question.id] as Partial<Scores> | undefined)?.[metric];
      return earlier === undefined ? [] : [scores[metric] - earlier];
    });
    const paired = pairs.length === measurement.answers.length;
    const { mean: now, low, high } = numbers.metrics[metric];
    const change = paired ? estimate(pairs, seed) : { mean: now - before, low: low - before, high: high - before };
    return [
      { metric, baseline: before, now, change, paired, passed: change.high >= -1e-9 || change.mean > -LEAST_LOSS },
    ];
  });
}
