/** Which variants of a question go to which leg, and the search legs made of them. */
import type { ExactTerm, Leg, RetrieveMode, Variant } from "../core/types.js";

/** What each leg asks of one question; a mode without a leg leaves its list empty. */
export interface AskedByLeg {
  readonly dense: readonly Variant[];
  readonly lexical: readonly Variant[];
  /** What the question itself names. */
  readonly exact: readonly ExactTerm[];
}

/** The question goes to both legs, another wording to the dense one, other words to the lexical one. */
export function askedByLeg(variants: readonly Variant[], exact: readonly ExactTerm[], mode: RetrieveMode): AskedByLeg {
  const of = (kind: "dense" | "lexical") =>
    mode === "hybrid" || mode === kind ? variants.filter(({ leg }) => leg === "both" || leg === kind) : [];
  return { dense: of("dense"), lexical: of("lexical"), exact: mode === "dense" ? [] : exact };
}

/**
 * One leg for each variant, the dense ones, then the lexical ones, and for each exact term.
 * @param vectors of the dense variants, in their order
 */
export function legsOf(vectors: readonly Float32Array[], { lexical, exact }: AskedByLeg): Leg[] {
  return [
    ...vectors.map((vector): Leg => ({ kind: "dense", vector })),
    ...lexical.map(({ text }): Leg => ({ kind: "lexical", text })),
    ...exact.map(({ term }): Leg => ({ kind: "exact", term })),
  ];
}
