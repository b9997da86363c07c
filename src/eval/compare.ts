/** Two configurations, query by query. */
import type { Measurement } from "./measure.js";
import { METRICS, type Metric } from "./metrics.js";
import { type Estimate, estimate, randomisationP } from "./statistics.js";

/** The metric that queries are won and lost by. */
export const MAIN: Metric = "nDCG@10";
const SHOWN = 5;
/** Values closer than this are the same: sums in another order. */
const SAME = 1e-9;

export interface Difference extends Estimate {
  /** Of the randomisation test, two-sided. */
  readonly p: number;
}

export interface Moved {
  readonly id: string;
  readonly question: string;
  readonly before: number;
  readonly after: number;
}

export interface Comparison {
  readonly against: string;
  readonly differences: Readonly<Record<Metric, Difference>>;
  /** Of queries, by nDCG@10. */
  readonly wins: number;
  readonly ties: number;
  readonly losses: number;
  /** Most first. */
  readonly helped: readonly Moved[];
  readonly hurt: readonly Moved[];
}

/** Both measured the same questions in the same order. */
export function compare(against: string, before: Measurement, after: Measurement, seed: number): Comparison {
  const differences = METRICS.map((metric) => {
    const values = after.answers.map(
      ({ scores }, i) => scores[metric] - (before.answers[i] as Measurement["answers"][number]).scores[metric],
    );
    return [metric, { ...estimate(values, seed), p: randomisationP(values, seed) }] as const;
  });
  const moved = after.answers.map(({ question, scores }, i) => ({
    id: question.id,
    question: question.text,
    before: (before.answers[i] as Measurement["answers"][number]).scores[MAIN],
    after: scores[MAIN],
  }));
  const gain = ({ before, after }: Moved) => after - before;
  const byGain = [...moved].sort((a, b) => gain(b) - gain(a) || (a.id < b.id ? -1 : 1));
  const helped = byGain.filter((each) => gain(each) > SAME);
  const hurt = byGain.filter((each) => gain(each) < -SAME).reverse();
  return {
    against,
    differences: Object.fromEntries(differences) as Record<Metric, Difference>,
    wins: helped.length,
    ties: moved.length - helped.length - hurt.length,
    losses: hurt.length,
    helped: helped.slice(0, SHOWN),
    hurt: hurt.slice(0, SHOWN),
  };
}
