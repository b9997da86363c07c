/** Configuration → the re-ranker. No model is built yet. */
import type { Config } from "./config/load.js";
import type { Reranker } from "./core/ports.js";
import type { Metrics } from "./telemetry/metrics.js";

/** @returns undefined when RERANK_ENABLED is 0 */
export function createReranker(_config: Config, _metrics: Metrics): Reranker | undefined {
  return undefined;
}
