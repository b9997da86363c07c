/** Configuration → the expander, if expansion is on. Its lexicon is read by the first call that needs it. */
import { join } from "node:path";
import type { Config } from "../config/load.js";
import type { Expander } from "../core/ports.js";
import { createExpander } from "../expand/index.js";
import { LEXICON_FILE } from "../expand/lexicon.js";

export function expanderOf({ values, packageRoot }: Config): Expander | undefined {
  if (!values.QUERY_EXPANSION_ENABLED) return undefined;
  return createExpander({
    strategy: values.EXPANSION_STRATEGY,
    maxVariants: values.EXPANSION_MAX_VARIANTS,
    lexicon: join(packageRoot, LEXICON_FILE),
  });
}
