/** BM25 as sparse vectors: a document's weights times the server's IDF. The same analyser as the embedded store's. */
import { createHash } from "node:crypto";
import { questionTerms } from "../../text/analyser.js";
import { rememberWords } from "../../text/remember-words.js";
import { termWeight } from "../bm25.js";
import { type Json, vectorJson } from "./json.js";

/** Of a text without terms, so that the server counts it among the passages; no query has it. */
const NO_TERM = "";

/**
 * Weights to nine decimals, as the server takes them.
 * @param terms of a passage
 * @param referenceLength what the collection's weights are made with
 */
export function documentVector(terms: readonly string[], referenceLength: number): Json {
  const frequencies = new Map<number, number>();
  for (const term of terms.length === 0 ? [NO_TERM] : terms) {
    const index = indexOf(term);
    frequencies.set(index, (frequencies.get(index) ?? 0) + 1);
  }
  const values = [...frequencies.values()].map((frequency) => termWeight(frequency, terms.length, referenceLength));
  return `{"indices":[${[...frequencies.keys()].join()}],"values":${vectorJson(values)}}`;
}

/** Distinct terms of a query, each once. */
export function queryTerms(text: string): number[] {
  return [...new Set(questionTerms(text).map(indexOf))];
}

/** 32 bits of a hash: about 100 pairs of a million terms share one. */
export const indexOf = rememberWords((term) => createHash("sha256").update(term).digest().readUInt32BE(0));
