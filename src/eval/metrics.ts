/** What a ranking is worth, by query: trec_eval's definitions, so that the numbers compare with published ones. */

export const METRICS = ["nDCG@10", "recall@10", "recall@100", "MRR@10", "success@5"] as const;
export type Metric = (typeof METRICS)[number];
export type Scores = Readonly<Record<Metric, number>>;

/** Document → grade; above 0 is relevant, 0 and below are not. */
export type Grades = ReadonlyMap<string, number>;
/** Document → score. */
export type Ranking = ReadonlyMap<string, number>;

/**
 * Documents best first, as trec_eval orders a run (https://github.com/usnistgov/trec_eval): by score as the 32-bit float
 * it keeps, ties by document id in descending order of bytes; ranks written in the run are not looked at.
 */
export function ranked(ranking: Ranking): string[] {
  return [...ranking]
    .map(([document, score]) => ({ document, score: Math.fround(score) }))
    .sort((a, b) => b.score - a.score || Buffer.compare(Buffer.from(b.document), Buffer.from(a.document)))
    .map(({ document }) => document);
}

/**
 * All metrics of one query, each 0..1. A document without a judgement is not relevant. A query without relevant
 * documents scores 0 on every metric, and so does one without results.
 * @param documents distinct, best first
 */
export function scoreRanking(documents: readonly string[], grades: Grades): Scores {
  const gains = documents.slice(0, 100).map((document) => Math.max(0, grades.get(document) ?? 0));
  const ideal = [...grades.values()].filter((grade) => grade > 0).sort((a, b) => b - a);
  const hits = (depth: number) => gains.slice(0, depth).filter((gain) => gain > 0).length;
  const recall = (depth: number) => (ideal.length === 0 ? 0 : hits(depth) / ideal.length);
  const first = gains.slice(0, 10).findIndex((gain) => gain > 0);
  return {
    "nDCG@10": ideal.length === 0 ? 0 : dcg(gains, 10) / dcg(ideal, 10),
    "recall@10": recall(10),
    "recall@100": recall(100),
    "MRR@10": first === -1 ? 0 : 1 / (first + 1),
    "success@5": hits(5) > 0 ? 1 : 0,
  };
}

/** The grade itself is the gain, discounted by log2(rank + 1): Järvelin and Kekäläinen 2002 as trec_eval has it. */
function dcg(gains: readonly number[], depth: number): number {
  return gains.slice(0, depth).reduce((sum, gain, i) => sum + gain / Math.log2(i + 2), 0);
}
