/** A chunk, by its row id, with its score on one leg. */
export interface Ranked {
  readonly id: number;
  readonly score: number;
}
