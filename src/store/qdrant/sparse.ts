/**
 * BM25 as sparse vectors: a document's weights times the server's IDF. The same analyser as the embedded store's.
 * Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.4.
 */
import { createHash } from "node:crypto";
import { analyse } from "../../text/analyser.js";
import { rememberWords } from "../../text/remember-words.js";
import { type Json, vectorJson } from "./json.js";

const K1 = 1.2;
const B = 0.75;

/**
 * Weights to nine decimals, as the server takes them.
 * @param averageLength of the collection's texts in terms, fixed when its first texts are written
 */
export function documentVector(text: string, averageLength: number): Json {
  const terms = analyse(text);
  const frequencies = new Map<number, number>();
  for (const term of terms) {
    const index = indexOf(term);
    frequencies.set(index, (frequencies.get(index) ?? 0) + 1);
  }
  const lengthNorm = K1 * (1 - B + (B * terms.length) / averageLength);
  const values = [...frequencies.values()].map((frequency) => (frequency * (K1 + 1)) / (frequency + lengthNorm));
  return `{"indices":[${[...frequencies.keys()].join()}],"values":${vectorJson(values)}}`;
}

/** Distinct terms of a query, each once. */
export function queryTerms(text: string): number[] {
  return [...new Set(analyse(text).map(indexOf))];
}

export function termCount(text: string): number {
  return analyse(text).length;
}

/** The most any text could score, for the sum of its query terms' IDF: every term at a frequency without end. */
export function maxScore(idfs: readonly number[]): number {
  return idfs.reduce((sum, idf) => sum + idf, 0) * (K1 + 1);
}

/** As the server computes it. @param rows with and without the term */
export function idf(points: number, pointsWithTerm: number): number {
  return Math.log(1 + (points - pointsWithTerm + 0.5) / (pointsWithTerm + 0.5));
}

/** 32 bits of a hash: about 100 pairs of a million terms share one. */
const indexOf = rememberWords((term) => createHash("sha256").update(term).digest().readUInt32BE(0));
