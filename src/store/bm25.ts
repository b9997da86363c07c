/**
 * BM25 as pure functions of counts, the same for every store: a passage's score does not depend on where it is kept.
 * Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.4.
 */

const K1 = 1.2;
const B = 0.75;

/**
 * Terms of a passage whose length neither helps nor harms it. Fixed, where BM25 has the collection's average: a store
 * that keeps weights would have to write them all again whenever the average moves.
 */
export const REFERENCE_LENGTH = 100;

/** As Lucene's: above 0 for a term in every row. @param rowsWithTerm 0 for a term that no row holds */
export function idf(rows: number, rowsWithTerm: number): number {
  return Math.log(1 + Math.max(0, rows - rowsWithTerm + 0.5) / (rowsWithTerm + 0.5));
}

/** Share of the rows that do not have a term, above 0: what having it is worth. @param rowsWithTerm at least 1 */
export function rarity(rows: number, rowsWithTerm: number): number {
  return Math.max(Number.EPSILON, 1 - rowsWithTerm / Math.max(rows, rowsWithTerm));
}

/** How many rows have a term of this IDF. */
export function rowsOfIdf(rows: number, value: number): number {
  return Math.max(1, (rows + 1) / Math.exp(value) - 0.5);
}

/** What one term adds to a passage's score for each unit of its IDF: more than 0, less than `K1 + 1`. @param length in terms */
export function termWeight(frequency: number, length: number, referenceLength = REFERENCE_LENGTH): number {
  return (frequency * (K1 + 1)) / (frequency + K1 * (1 - B + (B * length) / referenceLength));
}

/** The most any passage could score: every term of the query, also those that no row holds, at a frequency without end. */
export function maxScore(idfs: readonly number[]): number {
  return idfs.reduce((sum, value) => sum + value, 0) * (K1 + 1);
}
