/** Whether `score` can be read as a relevance: how far off it is, and whether it tells answerable questions from others. */
import { mean } from "./statistics.js";

const BINS = 10;

/** A passage's score, and whether its document was judged relevant. */
export interface Scored {
  readonly score: number;
  readonly relevant: boolean;
}

export interface CalibrationBin {
  /** Mean score of what fell into the bin, and the share of it that is relevant. */
  readonly score: number;
  readonly relevant: number;
  readonly passages: number;
}

export interface Calibration {
  /** Expected calibration error, 0..1: Σ over bins, share of passages · |mean score − share relevant|. */
  readonly error: number;
  readonly passages: number;
  /** Bins of equal width over 0..1, lowest first, empty ones left out. */
  readonly bins: readonly CalibrationBin[];
}

/** Naeini et al. 2015, with ten bins. */
export function calibration(scored: readonly Scored[]): Calibration {
  const binOf = ({ score }: Scored) => Math.min(BINS - 1, Math.max(0, Math.floor(score * BINS)));
  const bins = Array.from({ length: BINS }, (_, bin) => scored.filter((each) => binOf(each) === bin))
    .filter((members) => members.length > 0)
    .map((members) => ({
      score: mean(members.map(({ score }) => score)),
      relevant: mean(members.map(({ relevant }) => Number(relevant))),
      passages: members.length,
    }));
  const error = bins.reduce(
    (sum, { score, relevant, passages }) => sum + (passages / scored.length) * Math.abs(score - relevant),
    0,
  );
  return { error, passages: scored.length, bins };
}

/**
 * Area under the ROC curve: how often a value of the first kind is above one of the second, ties counting half
 * (the Mann-Whitney statistic); undefined when either has none.
 */
export function auc(higher: readonly number[], lower: readonly number[]): number | undefined {
  if (higher.length === 0 || lower.length === 0) return undefined;
  let above = 0;
  for (const high of higher) for (const low of lower) above += high > low ? 1 : high === low ? 0.5 : 0;
  return above / (higher.length * lower.length);
}
