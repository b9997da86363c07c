/** The same parts, their calls timed and counted. */
import type { Embedder, Expander, Reranker, Role } from "../core/ports.js";
import type { ExpansionSkipped } from "../core/types.js";
import type { Metrics } from "../telemetry/metrics.js";

export function measuredEmbedder(embedder: Embedder, metrics: Metrics): Embedder {
  async function timed<T>(role: Role, embed: () => Promise<T>): Promise<T> {
    const started = performance.now();
    const embedded = await embed();
    metrics.observe("embedding_latency_seconds", { role }, secondsSince(started));
    return embedded;
  }
  const { embedTokens } = embedder;
  return {
    ...embedder,
    embed: (call, texts, role) => timed(role, () => embedder.embed(call, texts, role)),
    embedTokens: embedTokens && ((call, texts, role) => timed(role, () => embedTokens(call, texts, role))),
  };
}

export function measuredReranker(reranker: Reranker, metrics: Metrics): Reranker {
  return {
    ...reranker,
    async score(call, query, passages, budgetMs) {
      metrics.add("reranker_candidates_total", {}, passages.length);
      const started = performance.now();
      const reranked = await reranker.score(call, query, passages, budgetMs);
      metrics.observe("reranker_latency_seconds", {}, secondsSince(started));
      for (const score of reranked.scores) {
        if (score !== undefined) metrics.observe("reranker_score_distribution", {}, score);
      }
      return reranked;
    },
  };
}

/** A query that is searched as it is adds no variants, so that variants per expanded query stay meaningful. */
export function measuredExpander(expander: Expander, metrics: Metrics): Expander {
  const skip = (reason: ExpansionSkipped) => metrics.add("query_expansion_skipped_total", { reason });
  return {
    async expand(call, query) {
      const started = performance.now();
      try {
        const expansion = await expander.expand(call, query);
        if (expansion.skipped === undefined) {
          metrics.add("query_expansion_variants_total", {}, expansion.variants.length);
        } else skip(expansion.skipped);
        return expansion;
      } catch (error) {
        if (!call.signal.aborted) skip("failed");
        throw error;
      } finally {
        metrics.observe("query_expansion_latency_seconds", {}, secondsSince(started));
      }
    },
    warmUp: (call) => expander.warmUp(call),
    status: () => expander.status(),
  };
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}
