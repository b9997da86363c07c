/** A chunk, by its row id, with its score on one leg. */
export interface Ranked {
  readonly id: number;
  readonly score: number;
}

/** Which of a leg's chunks are wanted: the best `limit`, best first. */
export interface Cut {
  readonly limit: number;
  /** Equals by uuid, which is slower. */
  readonly stable: boolean;
}
