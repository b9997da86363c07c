/** Why an answer is not the best that this server could give, and which step of the pipeline says so. */

export type StageName =
  | "resolve"
  | "expand"
  | "embed"
  | "search"
  | "fuse"
  | "rerank"
  | "read"
  | "chunk"
  | "write"
  | "verify";

/** Why an answer is not the best this server could give. A closed list: metrics use it as a label. */
export type DegradedReason =
  | "pseudo_embeddings"
  | "unverified_fingerprint"
  | "stale_version"
  | "device_fallback"
  | "lexical_unavailable"
  /** Not every candidate was scored within RERANK_BUDGET_MS; the rest keep their fused order. */
  | "rerank_budget"
  /** The cross-encoder is not here: late interaction took its place, or the answer is in fused order. */
  | "rerank_model_missing"
  /** The re-ranker failed: the answer is in fused order, or in late interaction's. */
  | "rerank_failed"
  | "expansion_failed"
  /** No version fits the model, or the model is not ready: the lexical leg answered alone. */
  | "lexical_only"
  /** The question is longer than the model reads: its end counted by words alone. */
  | "query_truncated"
  /** The model does not read the script of the question, or of the passage that answers best: its words counted alone. */
  | "unread_script"
  /** Some passages have no vectors yet: they were found by their words alone. */
  | "partly_embedded"
  /** Documents that are gone from their place may be among the answers: their removal is held back. */
  | "stale";

export interface Degraded {
  readonly stage: StageName;
  readonly reason: DegradedReason;
  /** What the reason leaves open, in one sentence. */
  readonly detail?: string | undefined;
}
