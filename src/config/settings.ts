/** Every environment variable the server reads: name, default, what is allowed, what it means. Docs are compared with it. */
import { z } from "zod";

const flag = z.stringbool({ truthy: ["1", "true"], falsy: ["0", "false"] });
const whole = (min: number, max: number) =>
  z.string().regex(/^\d+$/, "a whole number").transform(Number).pipe(z.number().min(min).max(max));
const decimal = (min: number, max: number) =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, "a number")
    .transform(Number)
    .pipe(z.number().min(min).max(max));
const auto = (min: number, max: number) => z.union([z.literal("auto").transform(() => undefined), whole(min, max)]);
const text = z.string();
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, "letters, digits, '_', '.', '-', at most 64");
const names = z
  .string()
  .transform((list) =>
    list
      .split(",")
      .map((each) => each.trim())
      .filter(Boolean),
  )
  .pipe(z.array(name));

const urls = z.string().refine((list) => list.split(",").every((url) => isPlainAddress(url.trim())), {
  error: "http or https addresses separated by commas, without user, password or query",
});

function isPlainAddress(address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { protocol, username, password, search, hash } = new URL(address);
  return /^https?:$/.test(protocol) && `${username}${password}${search}${hash}` === "";
}

/** A user and password in it are allowed: a mirror may want them. */
const webAddress = z
  .string()
  .refine((address) => URL.canParse(address) && /^https?:$/.test(new URL(address).protocol), {
    error: "an http or https address, scheme included",
  });

interface Setting<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /** As it would be written in the environment; undefined = no default. */
  readonly default?: string;
  readonly meaning: string;
  readonly secret?: true;
}
const setting = <S extends z.ZodType>(
  schema: S,
  fallback: string | undefined,
  meaning: string,
  secret?: true,
): Setting<S> => ({
  schema,
  meaning,
  default: fallback,
  secret,
});

export const SETTINGS = {
  EMBEDDING_MODEL: setting(
    text,
    "sentence-transformers/all-MiniLM-L6-v2",
    "catalogue id of the embedding model, or the folder of your own; present and empty: pseudo-embeddings",
  ),
  EMBEDDING_DEVICE: setting(z.enum(["cpu", "cuda"]), "cpu", "cpu or cuda"),
  EMBEDDING_BATCH_SIZE: setting(auto(1, 1024), "auto", "most passages in one inference job"),
  EMBEDDING_THREADS: setting(auto(1, 64), "auto", "inference processes of each model, one thread each"),
  RERANK_ENABLED: setting(flag, "0", "1: the best candidates are scored again, by RERANK_MODEL"),
  RERANK_MODEL: setting(
    text,
    "cross-encoder/ms-marco-MiniLM-L-6-v2",
    "catalogue id of a cross-encoder, with or without cross-encoder/; the server downloads it on first use; or late-interaction, which needs no model of its own",
  ),
  RERANK_DEVICE: setting(z.enum(["cpu", "cuda"]), "cpu", "cpu or cuda"),
  RERANK_TOP_K: setting(whole(1, 1000), "50", "candidates that are re-ranked"),
  RERANK_BUDGET_MS: setting(
    whole(1, 60_000),
    "120",
    "time the re-ranker may take in a call, ms; what it has not scored by then keeps its fused order",
  ),
  QUERY_EXPANSION_ENABLED: setting(flag, "0", "1: search for other words of the query too"),
  EXPANSION_STRATEGY: setting(
    z.enum(["synonyms", "multi_query"]),
    "synonyms",
    "synonyms: WordNet's, for the lexical leg; multi_query: other forms of the question, for the dense leg",
  ),
  EXPANSION_MAX_VARIANTS: setting(whole(1, 20), "5", "most variants of a query, the query itself among them"),
  HYBRID_ENABLED: setting(flag, "1", "lexical leg beside the dense one"),
  FUSION_DENSE_WEIGHT: setting(
    z.union([z.literal("auto").transform(() => undefined), decimal(0, 1)]),
    "auto",
    "weight of the dense score in the fused one; auto: by the question's form",
  ),
  QDRANT_URL: setting(urls, undefined, "Qdrant server, several nodes separated by commas; unset: the embedded store"),
  QDRANT_API_KEY: setting(text, undefined, "key of the Qdrant server", true),
  QDRANT_COLLECTION: setting(name, "my_docs", "the collection that tools use when none is named"),
  QDRANT_POOL_SIZE: setting(whole(1, 1000), "3", "requests in flight"),
  QDRANT_POOL_TIMEOUT: setting(decimal(0.001, 3600), "30.0", "seconds for a request, waiting and retries included"),
  QDRANT_POOL_RETRY_ENABLED: setting(flag, "1", "0: a failed request is not repeated"),
  QDRANT_POOL_MAX_RETRIES: setting(whole(0, 100), "3", "repetitions of a failed request"),
  QDRANT_POOL_RETRY_DELAY: setting(
    decimal(0, 600),
    "1.0",
    "seconds before the first repetition, at most; each next one doubles",
  ),
  QDRANT_CIRCUIT_FAILURE_THRESHOLD: setting(
    whole(1, 1000),
    "5",
    "failures in a row after which nothing is asked for a while",
  ),
  QDRANT_CIRCUIT_RESET_TIMEOUT: setting(decimal(0.001, 3600), "60.0", "seconds until one request tries again"),
  QDRANT_SHARD_NUMBER: setting(whole(1, 1000), undefined, "shards of a new collection; unset: the server's default"),
  QDRANT_REPLICATION_FACTOR: setting(
    whole(1, 100),
    undefined,
    "replicas of each shard of a new collection; unset: the server's default",
  ),
  QDRANT_WRITE_CONSISTENCY_FACTOR: setting(
    whole(1, 100),
    undefined,
    "replicas that must have a write before it counts as done; unset: the server's default",
  ),
  QDRANT_WRITE_ORDERING: setting(
    z.enum(["weak", "medium", "strong"]),
    "medium",
    "order of writes in a cluster; weak lets replicas diverge, strong fails while a shard's leader is down",
  ),
  QDRANT_READ_CONSISTENCY: setting(
    z.union([z.enum(["majority", "quorum", "all"]), whole(1, 100)]),
    undefined,
    "replicas that a read asks and compares: a number, majority, quorum or all; unset: one",
  ),
  QDRANT_VECTOR_NAME: setting(
    text,
    undefined,
    "vector of a collection that something else made; unset: its only one, named or not",
  ),
  QDRANT_TEXT_FIELD: setting(text, "text", "payload field with the text, in a collection that something else made"),
  RETRIEVAL_PROFILE: setting(
    z.enum(["development", "staging", "production"]),
    undefined,
    "the runbook's bundle of settings; explicit variables win",
  ),
  RETRIEVAL_ROOTS: setting(
    text,
    undefined,
    "folders that reindex may read, separated by the platform's path delimiter",
  ),
  RETRIEVAL_WATCH: setting(flag, "0", "1: keep the folders of RETRIEVAL_ROOTS indexed while the server runs"),
  RETRIEVAL_COLLECTIONS: setting(
    names,
    undefined,
    "collections that tools may touch beside QDRANT_COLLECTION, comma separated",
  ),
  RETRIEVAL_DATA_DIR: setting(text, undefined, "where the embedded store lives; default: the platform's data folder"),
  SQLITE_VECTOR_MEMORY_MB: setting(
    whole(0, 65_536),
    "256",
    "memory for the embedded store's vectors; a collection that does not fit is scanned in its file, which is slower",
  ),
  CANDIDATES: setting(whole(1, 1000), "100", "candidates that each leg brings"),
  CALL_TIMEOUT_MS: setting(whole(100, 600_000), "20000", "deadline of retrieve and health, ms"),
  QUERY_MAX_CHARS: setting(whole(1, 20_000), "2000", "longest query"),
  RATE_LIMIT_QPS: setting(decimal(0.01, 100_000), "100", "calls a second and user"),
  DEVICE_FALLBACK: setting(flag, "0", "1: cuda that is not there becomes cpu, and says so"),
  SPAN_CONTENT: setting(flag, "0", "1: query text in spans"),
  LOG_LEVEL: setting(z.enum(["debug", "info", "warn", "error", "silent"]), "info", "logs on stderr"),
  METRICS_PORT: setting(whole(0, 65_535), "9103", "Prometheus port; 0: none"),
  METRICS_HOST: setting(text, "127.0.0.1", "address of the metrics port"),
  TOOL_SPANS_PATH: setting(
    text,
    "logs/mcp_tool_spans.jsonl",
    "span file; relative: in the working folder if it has logs/, else in the data folder",
  ),
  TRANSFORMERS_CACHE: setting(text, undefined, "the Hub's cache folder (older name)"),
  HF_HUB_CACHE: setting(text, undefined, "the Hub's cache folder"),
  HF_HOME: setting(text, undefined, "the Hub's home; its cache is hub/ in it"),
  HF_ENDPOINT: setting(webAddress, undefined, "the Hub's address, or a mirror's"),
  HF_TOKEN: setting(text, undefined, "token for models that need one; sent to HF_ENDPOINT only", true),
  TRANSFORMERS_OFFLINE: setting(flag, "0", "1: no downloads"),
  HF_HUB_OFFLINE: setting(flag, "0", "1: no downloads"),
  HTTPS_PROXY: setting(text, undefined, "proxy for downloads", true),
} as const;

export type SettingName = keyof typeof SETTINGS;
type Parsed<N extends SettingName> = z.output<(typeof SETTINGS)[N]["schema"]>;
type Optional =
  | "QDRANT_URL"
  | "QDRANT_API_KEY"
  | "QDRANT_SHARD_NUMBER"
  | "QDRANT_REPLICATION_FACTOR"
  | "QDRANT_WRITE_CONSISTENCY_FACTOR"
  | "QDRANT_READ_CONSISTENCY"
  | "QDRANT_VECTOR_NAME"
  | "RETRIEVAL_PROFILE"
  | "RETRIEVAL_ROOTS"
  | "RETRIEVAL_COLLECTIONS"
  | "RETRIEVAL_DATA_DIR"
  | "TRANSFORMERS_CACHE"
  | "HF_HUB_CACHE"
  | "HF_HOME"
  | "HF_ENDPOINT"
  | "HF_TOKEN"
  | "HTTPS_PROXY";
/** The parsed settings; those without a default may be undefined. */
export type Values = { readonly [N in SettingName]: N extends Optional ? Parsed<N> | undefined : Parsed<N> };
