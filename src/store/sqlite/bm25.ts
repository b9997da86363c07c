/** BM25 exactly as FTS5 computes it (https://www.sqlite.org/fts5.html, section 5.1.1), as pure arithmetic. */

const K1 = 1.2;
const B = 0.75;
/** FTS5's floor for terms that are in more than half of the rows. */
const IDF_FLOOR = 1e-6;

export interface CorpusStats {
  readonly rows: number;
  /** Terms of all rows together. */
  readonly terms: number;
}

/** @param rowsWithTerm 0 for a term the collection does not hold */
export function idf(corpus: CorpusStats, rowsWithTerm: number): number {
  const value = Math.log((corpus.rows - rowsWithTerm + 0.5) / (rowsWithTerm + 0.5));
  return value > 0 ? value : IDF_FLOOR;
}

/** @param idfs of the query's distinct terms; @param row the row's terms, repeats kept */
export function bm25(corpus: CorpusStats, idfs: ReadonlyMap<string, number>, row: readonly string[]): number {
  const frequencies = new Map<string, number>();
  for (const term of row) if (idfs.has(term)) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
  const lengthNorm = K1 * (1 - B + (B * row.length) / (corpus.terms / corpus.rows));
  let score = 0;
  for (const [term, frequency] of frequencies) {
    score += ((idfs.get(term) as number) * frequency * (K1 + 1)) / (frequency + lengthNorm);
  }
  return score;
}

/** The most any row could score: every term, terms the collection lacks included, at a frequency without end. */
export function bm25Max(idfs: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const value of idfs.values()) sum += value * (K1 + 1);
  return sum;
}
