/** Re-ranking without a further model: by the vectors that the embedder has of every word of query and passage. */
import { throwIfAborted } from "../core/errors.js";
import type { Embedder, Reranker, RerankPassage } from "../core/ports.js";
import { type TokenVectors, unpackTokens } from "../core/token-vectors.js";
import { createBudget } from "./budget.js";
import { lateInteractionScore, maxSims, wordWeights } from "./max-sim.js";

export type TokenEmbedder = Embedder & Required<Pick<Embedder, "embedTokens">>;

export function canEmbedTokens(embedder: Embedder): embedder is TokenEmbedder {
  return embedder.embedTokens !== undefined;
}

export function createLateInteraction(embedder: TokenEmbedder): Reranker {
  /** What the index lacks is computed, best first, until the time is over. */
  async function computeMissing(
    passages: readonly RerankPassage[],
    known: (TokenVectors | undefined)[],
    budgetMs: number,
    caller: AbortSignal | undefined,
  ): Promise<void> {
    const budget = createBudget(budgetMs, caller);
    try {
      for (const [i, { text }] of passages.entries()) {
        if (known[i] !== undefined) continue;
        const [embedding] = await embedder.embedTokens([text], "passage", budget.signal);
        known[i] = embedding && unpackTokens(embedding.tokens);
      }
    } catch (error) {
      if (!budget.over) throw error;
    } finally {
      budget.end();
    }
  }

  return {
    readsTokens: true,
    async score(query, passages, budgetMs, signal) {
      const started = performance.now();
      throwIfAborted(signal);
      const [asked] = await embedder.embedTokens([query], "query", signal);
      const words = asked && unpackTokens(asked.tokens);
      // A query of stop words or signs only has nothing to compare.
      if (words === undefined || words.words === 0) return { scores: passages.map(({ fused }) => fused) };
      const vectors = passages.map(({ tokens }) => tokens && unpackTokens(tokens));
      if (vectors.includes(undefined)) {
        const left = budgetMs - (performance.now() - started);
        if (left > 0) await computeMissing(passages, vectors, left, signal);
      }
      return { scores: scoresOf(words, vectors) };
    },
    warmUp: () => embedder.warmUp(),
    status() {
      const { state, device, processes, error, remedy } = embedder.status();
      return {
        state,
        model: "late-interaction",
        device,
        ...(processes === undefined ? {} : { processes }),
        ...(error === undefined ? {} : { error }),
        ...(remedy === undefined ? {} : { remedy }),
      };
    },
    close: async () => undefined, // the embedder is not its own
  };
}

function scoresOf(query: TokenVectors, passages: readonly (TokenVectors | undefined)[]): (number | undefined)[] {
  const sims = passages.map((passage) => passage && maxSims(query, passage));
  const weights = wordWeights(
    sims.filter((each) => each !== undefined),
    query.words,
  );
  return passages.map((passage, i) => {
    const similar = sims[i];
    return passage && similar && lateInteractionScore(similar, weights, passage.words);
  });
}
