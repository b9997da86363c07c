/** Choice → expander. Its lexicon is read by the first call that needs it. */
import { join } from "node:path";
import type { Expander } from "../core/ports.js";
import { createExpander as create } from "../expand/index.js";
import type { SomeExpansion } from "../retrieve/engine.js";
import { LEXICON_FILE } from "../text/lexicon.js";

export function createExpander({ kind, maxVariants }: SomeExpansion, packageRoot: string): Expander {
  return create({ strategy: kind, maxVariants, lexicon: join(packageRoot, LEXICON_FILE) });
}
