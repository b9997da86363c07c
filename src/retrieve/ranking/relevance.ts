/**
 * A ranking score made a relevance: how probable it is that a passage answers the question, as far as judged questions
 * can say. A logistic of what the whole query found and of how far the passage falls behind the best one, so that a value
 * means the same for every query and the order within a query stays. Fitted as docs/tuning.md describes.
 */

export interface RelevanceParams {
  /** Weight of the query's best score. */
  readonly best: number;
  /** Weight of the query's best cosine: rare words can match anywhere, a close meaning seldom does. */
  readonly cosine: number;
  /** Weight of the root of the distance to the best score, not negative: the first steps down tell most. */
  readonly behind: number;
  readonly offset: number;
}

/** What a query found at best; `cosine` is 0 without a dense leg. */
export interface Evidence {
  readonly best: number;
  readonly cosine: number;
}

/** 0..1, never rising when the score falls. @param score at most `found.best` */
export function relevance(score: number, found: Evidence, params: RelevanceParams): number {
  const ofQuery = params.offset + params.best * found.best + params.cosine * found.cosine;
  return 1 / (1 + Math.exp(params.behind * Math.sqrt(Math.max(0, found.best - score)) - ofQuery));
}

/** The same passages in the same order, each with its relevance for a score. */
export function withRelevance<T extends { readonly score: number; readonly dense?: number }>(
  passages: readonly T[],
  params: RelevanceParams,
): T[] {
  const found = {
    best: passages.reduce((most, { score }) => Math.max(most, score), 0),
    cosine: passages.reduce((most, { dense = 0 }) => Math.max(most, dense), 0),
  };
  return passages.map((passage) => ({ ...passage, score: relevance(passage.score, found, params) }));
}
