/** Configuration → the expander. No strategy is built yet. */
import type { Config } from "./config/load.js";
import type { Expander } from "./core/ports.js";

/** @returns undefined when QUERY_EXPANSION_ENABLED is 0 */
export function expanderOf(_config: Config): Expander | undefined {
  return undefined;
}
