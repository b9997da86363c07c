/** Configuration → the expander. No strategy is built yet. */
import type { Config } from "./config/load.js";
import type { Expander } from "./core/ports.js";
import type { Metrics } from "./telemetry/metrics.js";

/** @returns undefined when QUERY_EXPANSION_ENABLED is 0 */
export function createExpander(_config: Config, _metrics: Metrics): Expander | undefined {
  return undefined;
}
