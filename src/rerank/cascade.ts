/** Cascade of two rerankers: a small one scores every candidate, a large one the best few that fit the budget. */
import type { Reranker, RerankPassage } from "../core/ports.js";
import { attempt, reasonOf } from "./attempt.js";

/** The small model leaves the rest to the large one, whatever its speed. */
const SMALL_SHARE = 1 / 2;

type Scores = readonly (number | undefined)[];

export interface CascadeOptions {
  readonly small: Reranker;
  readonly large: Reranker;
  /** Milliseconds. */
  readonly now?: () => number;
}

export function createCascade({ small, large, now = () => performance.now() }: CascadeOptions): Reranker {
  return {
    async score(call, query, passages, budgetMs) {
      const start = now();
      const first = await attempt(() => small.score(call, query, passages, budgetMs * SMALL_SHARE));
      const order = bestFirst(first.scores ?? passages.map(() => undefined));
      const best = order.map((i) => passages[i] as RerankPassage);
      const left = Math.max(0, budgetMs - (now() - start));
      const second = await attempt(() => large.score(call, query, best, left));
      if (first.scores === undefined && second.scores === undefined) throw second.failure ?? first.failure;
      const fromLarge = new Array<number | undefined>(passages.length).fill(undefined);
      for (const [rank, i] of order.entries()) fromLarge[i] = second.scores?.[rank];
      const noTime = passages.length > 0 && fromLarge.every((score) => score === undefined);
      const degraded =
        reasonOf(second) ?? reasonOf(first) ?? second.degraded ?? (noTime ? "rerank_budget" : first.degraded);
      return {
        scores: combine(first.scores ?? [], fromLarge),
        degraded,
      };
    },
    async warmUp(call) {
      await Promise.all([small.warmUp(call), large.warmUp(call)]);
    },
    status: () => ({ ...large.status(), firstStage: small.status().model }),
    async close() {
      await Promise.all([small.close(), large.close()]);
    },
  };
}

/** Indexes by score, best first; those without one behind, in the order they came. */
function bestFirst(scores: Scores): number[] {
  const value = (i: number) => scores[i] ?? Number.NEGATIVE_INFINITY;
  return scores.map((_, i) => i).sort((a, b) => (value(a) === value(b) ? a - b : value(b) - value(a)));
}

/**
 * One scale, the large model's. What only the small one scored stands below all that the large one scored, in the small
 * one's order and proportions: at the border between the two, the small model's score is taken to mean what the large
 * one's lowest means.
 */
export function combine(fromSmall: Scores, fromLarge: Scores): Scores {
  const large = fromLarge.filter((score) => score !== undefined);
  if (large.length === 0) return fromSmall;
  const lowest = Math.min(...large);
  const [above, below] = [[] as number[], [] as number[]];
  for (const [i, score] of fromSmall.entries()) {
    if (score !== undefined) (fromLarge[i] === undefined ? below : above).push(score);
  }
  const border = Math.max(...below, ...(above.length > 0 ? [Math.min(...above)] : []));
  return fromLarge.map((score, i) => {
    const small = fromSmall[i];
    if (score !== undefined || small === undefined) return score;
    return border > 0 ? lowest * (small / border) : 0;
  });
}
