/** Whether query expansion does harm on these documents: a grid says so for each strategy. */
import { MAIN } from "./compare.js";
import { gridName, STRATEGIES } from "./configurations.js";
import { isMeasured, type Row } from "./evaluate.js";

/** Loss of nDCG@10 that still counts as none; recall@100 must not fall at all. */
const TOLERANCE = 0.003;
/** Means of the same values in another order differ in their last bits. */
const SAME = 1e-9;

export interface ExpansionVerdict {
  readonly strategy: string;
  /** Differences with expansion − without. */
  readonly ndcg: number;
  readonly recall: number;
  readonly hurts: boolean;
}

/** Judged on both legs and without a re-ranker, which could hide what it does. What was not measured is left out. */
export function judgeExpansion(rows: readonly Row[]): ExpansionVerdict[] {
  const metricsOf = (name: string) =>
    rows.filter(isMeasured).find(({ configuration }) => configuration.name === name)?.numbers.metrics;
  const before = metricsOf(gridName("hybrid", undefined, false));
  return STRATEGIES.flatMap((strategy) => {
    const after = metricsOf(gridName("hybrid", strategy, false));
    if (before === undefined || after === undefined) return [];
    const ndcg = after[MAIN].mean - before[MAIN].mean;
    const recall = after["recall@100"].mean - before["recall@100"].mean;
    return [{ strategy, ndcg, recall, hurts: ndcg < -TOLERANCE || recall < -SAME }];
  });
}
