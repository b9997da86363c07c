/** One question to the variants it is asked in. */
import type { Call } from "../core/call.js";
import type { Expander } from "../core/ports.js";
import type { ExpansionChoice } from "../core/profile.js";
import type { Variant } from "../core/types.js";
import type { RetrievalEngine } from "./engine.js";
import { stage } from "./stage.js";

export type ExpandStep = (call: Call, query: string) => Promise<readonly Variant[]>;

export function expandStep(engine: RetrievalEngine, choice: ExpansionChoice): ExpandStep {
  if (choice.kind === "none") return async (_call, query) => alone(query);
  const expander = engine.expander(choice);
  return (call, query) => expand(call, expander, query);
}

function alone(query: string): readonly Variant[] {
  return [{ text: query, leg: "both", weight: 1 }];
}

/** The question alone when the expander fails. */
function expand(call: Call, expander: Expander, query: string): Promise<readonly Variant[]> {
  return stage(
    call,
    "expand",
    async ({ attrs, degrade }) => {
      const { variants, skipped } = await expander.expand(call, query);
      if (skipped !== undefined) attrs.skipped = skipped;
      if (skipped === "failed") degrade("expansion_failed");
      attrs.variants = variants;
      return variants;
    },
    (_why, { degrade }) => {
      degrade("expansion_failed");
      return alone(query);
    },
  );
}
