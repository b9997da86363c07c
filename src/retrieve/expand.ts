/** One question to the variants it is asked in. */
import type { Ctx } from "../core/context.js";
import type { Expander } from "../core/ports.js";
import type { Variant } from "../core/types.js";
import { stage } from "./stage.js";

/** Without an expander, or when it fails, the question alone. */
export async function expand(expander: Expander | undefined, query: string, ctx: Ctx): Promise<readonly Variant[]> {
  const alone: readonly Variant[] = [{ text: query, leg: "both", weight: 1 }];
  if (expander === undefined) return alone;
  return stage(
    ctx,
    "expand",
    async ({ attrs, degrade }) => {
      const { variants, skipped } = await expander.expand(query, ctx.signal);
      if (skipped !== undefined) attrs.skipped = skipped;
      if (skipped === "failed") degrade("expansion_failed");
      attrs.variants = variants;
      return variants;
    },
    (_why, { degrade }) => {
      degrade("expansion_failed");
      return alone;
    },
  );
}
