/** Which variants of a question go to which leg, and the search legs made of them. */
import type { Leg, RetrieveMode, Variant } from "../core/types.js";

/** Variants of one question by the leg that asks them; a mode without a leg leaves its list empty. */
export interface VariantsByLeg {
  readonly dense: readonly Variant[];
  readonly lexical: readonly Variant[];
}

/** The question goes to both legs, another wording to the dense one, other words to the lexical one. */
export function variantsByLeg(variants: readonly Variant[], mode: RetrieveMode): VariantsByLeg {
  const of = (kind: "dense" | "lexical") =>
    mode === "hybrid" || mode === kind ? variants.filter(({ leg }) => leg === "both" || leg === kind) : [];
  return { dense: of("dense"), lexical: of("lexical") };
}

/**
 * One leg for each variant: the dense ones, then the lexical ones.
 * @param vectors of the dense variants, in their order
 */
export function legsOf(vectors: readonly Float32Array[], lexical: readonly Variant[]): Leg[] {
  return [
    ...vectors.map((vector): Leg => ({ kind: "dense", vector })),
    ...lexical.map(({ text }): Leg => ({ kind: "lexical", text })),
  ];
}
