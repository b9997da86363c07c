/** Reranking without a further model, by the embedder's vectors of every word of query and passage. */
import type { Call } from "../core/call.js";
import { throwIfAborted } from "../core/errors.js";
import type { Embedder, Reranker, Role } from "../core/ports.js";
import { type TokenVectors, unpackTokens } from "../core/token-vectors.js";
import { createBudget } from "./budget.js";
import { lateInteractionScore, maxSims, wordWeights } from "./max-sim.js";

export type TokenEmbedder = Embedder & { embedTokens: NonNullable<Embedder["embedTokens"]> };

export function canEmbedTokens(embedder: Embedder): embedder is TokenEmbedder {
  return embedder.embedTokens !== undefined;
}

export function createLateInteraction(embedder: TokenEmbedder): Reranker {
  async function tokensOf(call: Call, text: string, role: Role): Promise<TokenVectors | undefined> {
    const [embedding] = await embedder.embedTokens(call, [text], role);
    return embedding && unpackTokens(embedding.tokens);
  }

  return {
    readsTokens: true,
    async score(call, query, passages, budgetMs) {
      throwIfAborted(call.signal);
      const budget = createBudget(call, budgetMs);
      const vectors = passages.map(({ tokens }) => tokens && unpackTokens(tokens));
      let words: TokenVectors | undefined;
      try {
        // Known already where the dense leg was asked.
        words = await tokensOf(budget.call, query, "query");
        // A query of stop words or signs only has nothing to compare.
        if (words === undefined || words.words === 0) return { scores: passages.map(({ fused }) => fused) };
        // What the index lacks is computed, best first.
        for (const [i, { text }] of passages.entries()) {
          vectors[i] ??= await tokensOf(budget.call, text, "passage");
        }
      } catch (error) {
        if (!budget.over) throw error;
      } finally {
        budget.end();
      }
      throwIfAborted(call.signal);
      return { scores: words === undefined ? passages.map(() => undefined) : scoresOf(words, vectors) };
    },
    warmUp: (call) => embedder.warmUp(call),
    status() {
      const { state, device, processes, error, remedy } = embedder.status();
      return {
        state,
        model: "late-interaction",
        device,
        processes,
        error,
        remedy,
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
