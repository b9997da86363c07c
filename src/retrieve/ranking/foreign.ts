/**
 * Relevance in a language that the model does not know. To it any two texts of that language are alike, so a cosine
 * counts as far as it rises above those of the next passages (as in CSLS, Conneau et al. 2018), or the words count alone.
 */
import { type RelevanceParams, relevance } from "./relevance.js";

/** Passages behind the best that show how alike any two texts are: the neighbours of CSLS. */
const NEIGHBOURS = 10;

export interface ForeignEvidence {
  /** Mean cosine of the passages behind the best. */
  readonly background: number;
  /** Share of the dense score in the fused one. */
  readonly denseShare: number;
  readonly hybrid: RelevanceParams;
  readonly lexical: RelevanceParams;
}

/** @param cosines of all candidates */
export function backgroundOf(cosines: readonly number[]): number {
  const next = [...cosines].sort((a, b) => b - a).slice(1, 1 + NEIGHBOURS);
  return next.length === 0 ? 0 : Math.max(0, next.reduce((sum, cosine) => sum + cosine, 0) / next.length);
}

/** The same passages in the same order, each with its relevance for a score. @param passages best first */
export function withForeignRelevance<
  T extends { readonly score: number; readonly dense?: number; readonly lexical?: number },
>(passages: readonly T[], { background, denseShare, hybrid, lexical }: ForeignEvidence): T[] {
  const best = passages[0]?.score ?? 0;
  const cosine = passages.reduce((most, { dense = 0 }) => Math.max(most, dense), 0);
  const lift = background < 1 ? Math.max(0, (cosine - background) / (1 - background)) : 0;
  const lifted = { best: Math.max(0, best - denseShare * (cosine - lift)), cosine: lift };
  const words = { best: passages[0]?.lexical ?? 0, cosine: 0 };
  return passages.map((passage) => {
    const behind = best - passage.score;
    const score = Math.max(
      relevance(lifted.best - behind, lifted, hybrid),
      relevance(words.best - behind, words, lexical),
    );
    return { ...passage, score };
  });
}
