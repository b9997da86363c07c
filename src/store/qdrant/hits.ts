/** What the legs of a search found: every point once, with its score on each leg. Loops, because it is the hot part. */
import type { PointId, QdrantPoint } from "./requests.js";

/** From the server's score to an absolute one. */
export type Scale = (score: number) => number;

export class Hits {
  readonly points: QdrantPoint[] = [];
  readonly #at = new Map<PointId, number>();
  /** By leg, then by place in `points`. */
  readonly #scores: (number | undefined)[][];

  /** @param answers one for each leg; a vector that is not finite has no score: it is left out */
  constructor(answers: readonly (readonly QdrantPoint[])[]) {
    this.#scores = answers.map(() => []);
    for (const [leg, answer] of answers.entries()) {
      for (const hit of answer) {
        if (hit.score == null) continue;
        let at = this.#at.get(hit.id);
        if (at === undefined) {
          at = this.points.push(hit) - 1;
          this.#at.set(hit.id, at);
        }
        (this.#scores[leg] as number[])[at] = hit.score;
      }
    }
  }

  /** Points that only other legs found. */
  missing(leg: number): PointId[] {
    const scores = this.#scores[leg] as (number | undefined)[];
    const ids: PointId[] = [];
    for (const [at, { id }] of this.points.entries()) if (scores[at] === undefined) ids.push(id);
    return ids;
  }

  /** Scores of points that are here already. */
  complete(leg: number, answer: readonly QdrantPoint[]): void {
    for (const { id, score } of answer) {
      const at = this.#at.get(id);
      if (at !== undefined && score != null) (this.#scores[leg] as number[])[at] = score;
    }
  }

  /** A point's on every leg, 0 where it has none of the words, each made absolute by its leg's scale. */
  absoluteScores(at: number, scales: readonly Scale[]): number[] {
    const scores = new Array<number>(scales.length);
    for (let leg = 0; leg < scales.length; leg++) {
      const score = (this.#scores[leg] as (number | undefined)[])[at] ?? 0;
      scores[leg] = (scales[leg] as Scale)(score);
    }
    return scores;
  }
}
