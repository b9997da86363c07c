/** The runbook's configuration profiles, as data. */
import type { SettingName } from "./settings.js";

export const PROFILES: Readonly<
  Record<"development" | "staging" | "production", Partial<Record<SettingName, string>>>
> = {
  development: {
    EMBEDDING_MODEL: "all-MiniLM-L6-v2",
    EMBEDDING_DEVICE: "cpu",
    RERANK_ENABLED: "0",
    QUERY_EXPANSION_ENABLED: "0",
    QDRANT_POOL_SIZE: "1",
    QDRANT_POOL_RETRY_ENABLED: "1",
    QDRANT_POOL_MAX_RETRIES: "3",
  },
  staging: {
    EMBEDDING_MODEL: "all-MiniLM-L6-v2",
    EMBEDDING_DEVICE: "cpu",
    RERANK_ENABLED: "1",
    RERANK_TOP_K: "30",
    QUERY_EXPANSION_ENABLED: "1",
    EXPANSION_STRATEGY: "synonyms",
    QDRANT_POOL_SIZE: "3",
    QDRANT_POOL_RETRY_ENABLED: "1",
  },
  production: {
    EMBEDDING_MODEL: "all-mpnet-base-v2",
    EMBEDDING_DEVICE: "cuda",
    RERANK_ENABLED: "1",
    RERANK_MODEL: "ms-marco-electra-base",
    RERANK_DEVICE: "cuda",
    RERANK_TOP_K: "50",
    QUERY_EXPANSION_ENABLED: "1",
    EXPANSION_STRATEGY: "multi_query",
    EXPANSION_MAX_VARIANTS: "5",
    QDRANT_POOL_SIZE: "10",
    QDRANT_POOL_TIMEOUT: "30.0",
    QDRANT_POOL_RETRY_ENABLED: "1",
    QDRANT_POOL_MAX_RETRIES: "3",
    QDRANT_POOL_RETRY_DELAY: "1.0",
  },
};
