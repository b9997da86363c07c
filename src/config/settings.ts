/** Every environment variable the server reads: name, scope, default, what is allowed, what it means. Docs are compared with it. */
import { z } from "zod";
import { auto, decimal, flag, name, names, text, urls, webAddress, whole } from "./value-kinds.js";

/**
 * When a change applies. `profile`: at once, and a retrieval profile may set it; `live`: at once; `restart`: when the
 * server starts again.
 */
export type SettingScope = "profile" | "live" | "restart";

export interface Setting {
  readonly scope: SettingScope;
  /** As it would be written in the environment; undefined: none. */
  readonly default: string | undefined;
  readonly meaning: string;
  readonly secret: boolean;
}

const about = z.registry<Setting>();

function setting<S extends z.ZodType>(
  scope: SettingScope,
  schema: S,
  fallback: string,
  meaning: string,
  secret?: "secret",
): z.ZodPrefault<S>;
function setting<S extends z.ZodType>(
  scope: SettingScope,
  schema: S,
  fallback: undefined,
  meaning: string,
  secret?: "secret",
): z.ZodOptional<S>;
function setting(
  scope: SettingScope,
  schema: z.ZodType,
  fallback: string | undefined,
  meaning: string,
  secret?: "secret",
) {
  const known = { scope, default: fallback, meaning, secret: secret !== undefined };
  return (fallback === undefined ? schema.optional() : schema.prefault(fallback)).register(about, known);
}

const SETTINGS_SCHEMA = z.object({
  EMBEDDING_MODEL: setting(
    "profile",
    text,
    "sentence-transformers/all-MiniLM-L6-v2",
    "catalogue id of the embedding model, or the folder of your own; present and empty: pseudo-embeddings",
  ),
  EMBEDDING_DEVICE: setting("profile", z.enum(["cpu", "cuda"]), "cpu", "cpu or cuda"),
  EMBEDDING_BATCH_SIZE: setting("restart", auto(1, 1024), "auto", "most passages in one inference job"),
  EMBEDDING_THREADS: setting("restart", auto(1, 64), "auto", "inference processes of each model, one thread each"),
  RERANK_ENABLED: setting(
    "profile",
    flag,
    undefined,
    "1: the best candidates are scored again, by RERANK_MODEL; 0: never; unset: by late interaction, where the embedding model has token vectors",
  ),
  RERANK_MODEL: setting(
    "profile",
    text,
    "cross-encoder/ms-marco-MiniLM-L-6-v2",
    "catalogue id of a cross-encoder, with or without cross-encoder/; the server downloads it on first use; or late-interaction, which needs no model of its own",
  ),
  RERANK_DEVICE: setting("profile", z.enum(["cpu", "cuda"]), "cpu", "cpu or cuda"),
  RERANK_TOP_K: setting("profile", whole(1, 1000), "50", "candidates that are re-ranked"),
  RERANK_BUDGET_MS: setting(
    "profile",
    whole(1, 60_000),
    "120",
    "time the re-ranker may take in a call, ms; what it has not scored by then keeps its fused order",
  ),
  QUERY_EXPANSION_ENABLED: setting("profile", flag, "0", "1: search for other words of the query too"),
  EXPANSION_STRATEGY: setting(
    "profile",
    z.enum(["synonyms", "multi_query"]),
    "synonyms",
    "synonyms: WordNet's, for the lexical leg; multi_query: other forms of the question, for the dense leg",
  ),
  EXPANSION_MAX_VARIANTS: setting(
    "profile",
    whole(1, 20),
    "5",
    "most variants of a query, the query itself among them",
  ),
  HYBRID_ENABLED: setting("profile", flag, "1", "lexical leg beside the dense one"),
  FUSION_DENSE_WEIGHT: setting(
    "profile",
    z.union([z.literal("auto").transform(() => undefined), decimal(0, 1)]),
    "auto",
    "weight of the dense score in the fused one; auto: by the question's form",
  ),
  QDRANT_URL: setting(
    "restart",
    urls,
    undefined,
    "Qdrant server, several nodes separated by commas; unset: the embedded store",
  ),
  QDRANT_API_KEY: setting("restart", text, undefined, "key of the Qdrant server", "secret"),
  QDRANT_COLLECTION: setting("live", name, "my_docs", "the collection that tools use when none is named"),
  QDRANT_POOL_SIZE: setting("restart", whole(1, 1000), "3", "requests in flight"),
  QDRANT_POOL_TIMEOUT: setting(
    "restart",
    decimal(0.001, 3600),
    "30.0",
    "seconds for a request, waiting and retries included",
  ),
  QDRANT_POOL_RETRY_ENABLED: setting("restart", flag, "1", "0: a failed request is not repeated"),
  QDRANT_POOL_MAX_RETRIES: setting("restart", whole(0, 100), "3", "repetitions of a failed request"),
  QDRANT_POOL_RETRY_DELAY: setting(
    "restart",
    decimal(0, 600),
    "1.0",
    "seconds before the first repetition, at most; each next one doubles",
  ),
  QDRANT_CIRCUIT_FAILURE_THRESHOLD: setting(
    "restart",
    whole(1, 1000),
    "5",
    "failures in a row after which nothing is asked for a while",
  ),
  QDRANT_CIRCUIT_RESET_TIMEOUT: setting(
    "restart",
    decimal(0.001, 3600),
    "60.0",
    "seconds until one request tries again",
  ),
  QDRANT_SHARD_NUMBER: setting(
    "restart",
    whole(1, 1000),
    undefined,
    "shards of a new collection; unset: the server's default",
  ),
  QDRANT_REPLICATION_FACTOR: setting(
    "restart",
    whole(1, 100),
    undefined,
    "replicas of each shard of a new collection; unset: the server's default",
  ),
  QDRANT_WRITE_CONSISTENCY_FACTOR: setting(
    "restart",
    whole(1, 100),
    undefined,
    "replicas that must have a write before it counts as done; unset: the server's default",
  ),
  QDRANT_WRITE_ORDERING: setting(
    "restart",
    z.enum(["weak", "medium", "strong"]),
    "medium",
    "order of writes in a cluster; weak lets replicas diverge, strong fails while a shard's leader is down",
  ),
  QDRANT_READ_CONSISTENCY: setting(
    "restart",
    z.union([z.enum(["majority", "quorum", "all"]), whole(1, 100)]),
    undefined,
    "replicas that a read asks and compares: a number, majority, quorum or all; unset: one",
  ),
  QDRANT_VECTOR_NAME: setting(
    "restart",
    text,
    undefined,
    "vector of a collection that something else made; unset: its only one, named or not",
  ),
  QDRANT_TEXT_FIELD: setting(
    "restart",
    text,
    "text",
    "payload field with the text, in a collection that something else made",
  ),
  RETRIEVAL_PROFILE: setting(
    "live",
    text,
    undefined,
    "profile that answers: development, staging, production, or one of RETRIEVAL_PROFILES_FILE; explicit variables win",
  ),
  RETRIEVAL_PROFILES_FILE: setting("live", text, undefined, "JSON file with profiles of your own"),
  RETRIEVAL_PROFILE_CHOICE: setting("restart", flag, "0", "1: a call of retrieve may name a profile"),
  RETRIEVAL_ROOTS: setting(
    "live",
    text,
    undefined,
    "folders that reindex may read, separated by the platform's path delimiter",
  ),
  RETRIEVAL_WATCH: setting(
    "restart",
    flag,
    "0",
    "1: keep the folders of RETRIEVAL_ROOTS indexed while the server runs",
  ),
  RETRIEVAL_COLLECTIONS: setting(
    "live",
    names,
    undefined,
    "collections that tools may touch beside QDRANT_COLLECTION, comma separated",
  ),
  RETRIEVAL_DATA_DIR: setting(
    "restart",
    text,
    undefined,
    "where the embedded store lives; default: the platform's data folder",
  ),
  SQLITE_VECTOR_MEMORY_MB: setting(
    "restart",
    whole(0, 65_536),
    "256",
    "memory for the embedded store's vectors; a collection that does not fit is scanned in its file, which is slower",
  ),
  CANDIDATES: setting("profile", whole(1, 1000), "100", "candidates that each leg brings"),
  CALL_TIMEOUT_MS: setting("live", whole(100, 600_000), "20000", "deadline of retrieve and health, ms"),
  QUERY_MAX_CHARS: setting("restart", whole(1, 20_000), "2000", "longest query"),
  RATE_LIMIT_QPS: setting("live", decimal(0.01, 100_000), "100", "calls a second and user"),
  DEVICE_FALLBACK: setting("restart", flag, "0", "1: cuda that is not there becomes cpu, and says so"),
  SPAN_CONTENT: setting("restart", flag, "0", "1: query text in spans"),
  LOG_LEVEL: setting("live", z.enum(["debug", "info", "warn", "error", "silent"]), "info", "logs on stderr"),
  METRICS_PORT: setting("restart", whole(0, 65_535), "9103", "Prometheus port; 0: none"),
  METRICS_HOST: setting("restart", text, "127.0.0.1", "address of the metrics port"),
  TOOL_SPANS_PATH: setting(
    "restart",
    text,
    "logs/mcp_tool_spans.jsonl",
    "span file; relative: in the working folder if it has logs/, else in the data folder",
  ),
  TRANSFORMERS_CACHE: setting("restart", text, undefined, "the Hub's cache folder (older name)"),
  HF_HUB_CACHE: setting("restart", text, undefined, "the Hub's cache folder"),
  HF_HOME: setting("restart", text, undefined, "the Hub's home; its cache is hub/ in it"),
  HF_ENDPOINT: setting("restart", webAddress, undefined, "the Hub's address, or a mirror's"),
  HF_TOKEN: setting("restart", text, undefined, "token for models that need one; sent to HF_ENDPOINT only", "secret"),
  TRANSFORMERS_OFFLINE: setting("restart", flag, "0", "1: no downloads"),
  HF_HUB_OFFLINE: setting("restart", flag, "0", "1: no downloads"),
  HTTPS_PROXY: setting("restart", text, undefined, "proxy for downloads", "secret"),
});

/** The parsed settings. Nobody outside this folder sees them: boot and live configuration are made from them. */
export type Values = z.output<typeof SETTINGS_SCHEMA>;
export type SettingName = keyof Values;

export const SETTING_NAMES = Object.keys(SETTINGS_SCHEMA.shape) as SettingName[];

export const SETTINGS: Readonly<Record<SettingName, Setting>> = Object.fromEntries(
  SETTING_NAMES.map((name) => [name, about.get(SETTINGS_SCHEMA.shape[name])]),
) as Record<SettingName, Setting>;

/** Settings as text, as the environment has them. */
export type SettingTexts = Readonly<Partial<Record<SettingName, string>>>;

export interface ParsedSettings {
  readonly values: Values;
  /** One line for each text that is not allowed; its default stands in for it. */
  readonly problems: readonly string[];
}

export function parseSettings(texts: SettingTexts): ParsedSettings {
  const parsed = SETTINGS_SCHEMA.safeParse(texts);
  if (parsed.success) return { values: parsed.data, problems: [] };
  const reasons = new Map<SettingName, string[]>();
  for (const { path, message } of parsed.error.issues) {
    const name = path[0] as SettingName;
    reasons.set(name, [...(reasons.get(name) ?? []), message.replace(/^Invalid (option|input): /, "")]);
  }
  const allowed = Object.entries(texts).filter(([name]) => !reasons.has(name as SettingName));
  return {
    values: SETTINGS_SCHEMA.parse(Object.fromEntries(allowed)),
    problems: [...reasons].map(([name, why]) => `${name}=${shown(name, texts[name] ?? "")}: ${why.join("; ")}`),
  };
}

/** A value as it may be shown: secrets and credentials in addresses are masked. */
export function shown(name: SettingName, text: string): string {
  return SETTINGS[name].secret ? "***" : text.replace(/\/\/[^/@]*@/g, "//***@").replace(/\?[^,]*/g, "?***");
}
