/** Lexical scores are those of one pure function, whatever store counts for it. */
import fc from "fast-check";
import type { VectorStore } from "#src/core/ports.js";
import type { IndexedDocument, Leg } from "#src/core/types.js";
import { idf, maxScore, termWeight } from "#src/store/bm25.js";
import { analyse, questionTerms } from "#src/text/analyser.js";
import { passFor, testCall } from "../support/call.js";
import { document, spec, vectorOf } from "./fixtures.js";

const call = testCall();

/** Frequent and rare ones, one that the analyser splits, one that it drops, and one of a script without spaces. */
const WORDS = ["fox", "dog", "key", "lock", "night", "maxTokens", "naïve", "日本語", "rare", "the"];
const words = (most: number) => fc.array(fc.constantFrom(...WORDS), { maxLength: most }).map((list) => list.join(" "));
const documents = (most: number, name: string, passages = 3) =>
  fc
    .array(fc.array(words(most), { minLength: 1, maxLength: passages }), { minLength: 1, maxLength: 8 })
    .map((list) => list.map((texts, i) => document(`${name}${i}`, texts)));

/**
 * Short texts, then longer ones in the place of some and beside them; and what is asked of all. No passage goes without
 * another in its place: a Qdrant counts those that are gone until it has cleared them away.
 */
export const GROWTH = fc.record({
  first: documents(6, "d", 1),
  later: fc.tuple(documents(60, "d"), documents(60, "e")).map((lists) => lists.flat()),
  query: words(5).map((text) => `${text} unheard fox`),
});
export type Growth = typeof GROWTH extends fc.Arbitrary<infer T> ? T : never;

/** Writes both parts, then asks as a retrieval does. */
export async function grownAndAsked(store: VectorStore, collection: string, { first, later, query }: Growth) {
  await store.create(call, collection, spec(collection.replace(/-1$/, "")));
  await store.write(call, collection, first);
  await store.write(call, collection, later);
  // A store that remembers how many passages there are looks again.
  await store.describe(call, passFor(collection));
  const legs: Leg[] = [
    { kind: "lexical", text: query },
    { kind: "dense", vector: vectorOf(query) },
  ];
  return store.search(call, collection, legs, { limit: 100 });
}

/** Of all passages that are there in the end. */
export function expectedScores({ first, later, query }: Growth): Map<string, number> {
  const last = new Map<string, IndexedDocument>([...first, ...later].map((each) => [each.document, each]));
  const passages = [...last.values()].flatMap(({ points }) => points);
  return scoresOf(
    passages.map(({ id, embedText }) => ({ id, text: embedText })),
    query,
  );
}

/** Passage → score, by the shared function over the passages' own counts. */
export function scoresOf(
  passages: readonly { readonly id: string; readonly text: string }[],
  query: string,
): Map<string, number> {
  const rows = passages.map(({ id, text }) => ({ id, terms: analyse(text) }));
  const weights = questionTerms(query).map((term) => ({
    term,
    weight: idf(rows.length, rows.filter(({ terms }) => terms.includes(term)).length),
  }));
  const most = maxScore(weights.map(({ weight }) => weight));
  const scored = rows.map(({ id, terms }): [string, number] => {
    const score = weights.reduce((sum, { term, weight }) => {
      const frequency = terms.filter((each) => each === term).length;
      return frequency === 0 ? sum : sum + weight * termWeight(frequency, terms.length);
    }, 0);
    return [id, weights.length === 0 ? 0 : score / most];
  });
  return new Map(scored);
}
