/** A retrieval profile: how a call is answered, as plain data. "Off" is a profile without the part. */

export type Device = "cpu" | "cuda";

export type EmbedderChoice =
  | { readonly kind: "pseudo" }
  /** @property model catalogue id, or the folder of a user's own */
  | { readonly kind: "onnx"; readonly model: string; readonly device: Device };

export type ExpansionChoice =
  | { readonly kind: "none" }
  | { readonly kind: "synonyms" | "multi_query"; readonly maxVariants: number };

interface RerankingLimits {
  /** Passages to score; what follows keeps its fused order. */
  readonly topK: number;
  readonly budgetMs: number;
}

interface LateInteraction {
  readonly kind: "late-interaction";
}

interface CrossEncoder {
  readonly kind: "cross-encoder";
  /** Catalogue id. */
  readonly model: string;
  readonly device: Device;
}

export type RerankerChoice = LateInteraction | CrossEncoder;

interface AbsentVectors {
  /** Token vectors that the index lacks: computed within the budget, or the answer stays in fused order. */
  readonly absent: "compute" | "skip";
}

export type RerankingChoice =
  | { readonly kind: "none" }
  | (LateInteraction & AbsentVectors & RerankingLimits)
  | (CrossEncoder & RerankingLimits);

export interface RetrievalProfile {
  readonly name: string;
  readonly embedder: EmbedderChoice;
  /** `dense`: the lexical leg is off. */
  readonly legs: "hybrid" | "dense";
  /** Candidates that each leg brings. */
  readonly candidates: number;
  /** Share of the dense score in the fused one, 0..1; `auto`: by the question's form. */
  readonly denseWeight: number | "auto";
  readonly expansion: ExpansionChoice;
  readonly reranking: RerankingChoice;
}

/** The profile of calls that name none. */
export const DEFAULT_PROFILE = "default";

/** What is on in a profile, as spans and metrics name it. */
export type Flags = Readonly<Record<"hybrid" | "rerank" | "expansion" | "pseudo_embeddings", boolean>>;

export function flagsOf({ legs, reranking, expansion, embedder }: RetrievalProfile): Flags {
  return {
    hybrid: legs === "hybrid",
    rerank: reranking.kind !== "none",
    expansion: expansion.kind !== "none",
    pseudo_embeddings: embedder.kind === "pseudo",
  };
}
