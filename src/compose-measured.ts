/** The same parts, their calls timed and counted. */
import type { Embedder, Expander, Reranker } from "./core/ports.js";
import type { ExpansionSkipped } from "./core/types.js";
import type { Metrics } from "./telemetry/metrics.js";

export function measuredEmbedder(embedder: Embedder, metrics: Metrics): Embedder {
  return {
    ...embedder,
    async embed(texts, role, signal) {
      const started = performance.now();
      const vectors = await embedder.embed(texts, role, signal);
      metrics.observe("embedding_latency_seconds", { role }, secondsSince(started));
      return vectors;
    },
  };
}

export function measuredReranker(reranker: Reranker, metrics: Metrics): Reranker {
  return {
    async score(query, passages, budgetMs, signal) {
      metrics.add("reranker_candidates_total", {}, passages.length);
      const started = performance.now();
      const reranked = await reranker.score(query, passages, budgetMs, signal);
      metrics.observe("reranker_latency_seconds", {}, secondsSince(started));
      for (const score of reranked.scores) {
        if (score !== undefined) metrics.observe("reranker_score_distribution", {}, score);
      }
      return reranked;
    },
    warmUp: () => reranker.warmUp(),
    status: () => reranker.status(),
    close: () => reranker.close(),
  };
}

/** A query that is searched as it is adds no variants, so that variants per expanded query stay meaningful. */
export function measuredExpander(expander: Expander, metrics: Metrics): Expander {
  const skip = (reason: ExpansionSkipped) => metrics.add("query_expansion_skipped_total", { reason });
  return {
    async expand(query, signal) {
      const started = performance.now();
      try {
        const expansion = await expander.expand(query, signal);
        if (expansion.skipped === undefined) {
          metrics.add("query_expansion_variants_total", {}, expansion.variants.length);
        } else skip(expansion.skipped);
        return expansion;
      } catch (error) {
        if (signal?.aborted !== true) skip("failed");
        throw error;
      } finally {
        metrics.observe("query_expansion_latency_seconds", {}, secondsSince(started));
      }
    },
    warmUp: () => expander.warmUp(),
    status: () => expander.status(),
  };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
