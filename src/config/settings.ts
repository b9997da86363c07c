/** Every environment variable the server reads: name, scope, default, what is allowed, what it means. Docs are compared with it. */
import { HTTP_SETTINGS } from "./http-settings.js";
import { QDRANT_SETTINGS } from "./qdrant-settings.js";
import { type Setting, setting } from "./setting.js";
import { choice, decimal, flag, names, Refused, text, webAddress, whole, wordOr } from "./value-kinds.js";

const TABLE = {
  EMBEDDING_MODEL: setting(text, {
    scope: "profile",
    default: "sentence-transformers/all-MiniLM-L6-v2",
    meaning: "catalogue id of the embedding model, or the folder of your own; present and empty: pseudo-embeddings",
  }),
  EMBEDDING_DEVICE: setting(choice("cpu", "cuda"), { scope: "profile", default: "cpu", meaning: "cpu or cuda" }),
  EMBEDDING_BATCH_SIZE: setting(wordOr(["auto"], whole(1, 1024)), {
    scope: "restart",
    default: "auto",
    meaning: "most passages in one inference job",
  }),
  EMBEDDING_THREADS: setting(wordOr(["auto"], whole(1, 64)), {
    scope: "restart",
    default: "auto",
    meaning: "inference processes of each model, one thread each",
  }),
  RERANK_ENABLED: setting(flag, {
    scope: "profile",
    meaning:
      "1: the best candidates are scored again, by RERANK_MODEL; 0: never; unset: by late interaction, where the embedding model has token vectors",
  }),
  RERANK_MODEL: setting(text, {
    scope: "profile",
    default: "cross-encoder/ms-marco-MiniLM-L-6-v2",
    meaning:
      "catalogue id of a cross-encoder, with or without cross-encoder/; the server downloads it on first use; or late-interaction, which needs no model of its own",
  }),
  RERANK_DEVICE: setting(choice("cpu", "cuda"), { scope: "profile", default: "cpu", meaning: "cpu or cuda" }),
  RERANK_TOP_K: setting(whole(1, 1000), { scope: "profile", default: "50", meaning: "candidates that are re-ranked" }),
  RERANK_BUDGET_MS: setting(whole(1, 60_000), {
    scope: "profile",
    default: "120",
    meaning: "time the re-ranker may take in a call, ms; what it has not scored by then keeps its fused order",
  }),
  QUERY_EXPANSION_ENABLED: setting(flag, {
    scope: "profile",
    default: "0",
    meaning: "1: search for other words of the query too",
  }),
  EXPANSION_STRATEGY: setting(choice("synonyms", "multi_query"), {
    scope: "profile",
    default: "synonyms",
    meaning: "synonyms: WordNet's, for the lexical leg; multi_query: other forms of the question, for the dense leg",
  }),
  EXPANSION_MAX_VARIANTS: setting(whole(1, 20), {
    scope: "profile",
    default: "5",
    meaning: "most variants of a query, the query itself among them",
  }),
  HYBRID_ENABLED: setting(flag, { scope: "profile", default: "1", meaning: "lexical leg beside the dense one" }),
  FUSION_DENSE_WEIGHT: setting(wordOr(["auto"], decimal(0, 1)), {
    scope: "profile",
    default: "auto",
    meaning: "weight of the dense score in the fused one; auto: by the question's form",
  }),
  ...QDRANT_SETTINGS,
  RETRIEVAL_PROFILE: setting(text, {
    scope: "live",
    meaning:
      "profile that answers: development, staging, production, or one of RETRIEVAL_PROFILES_FILE; explicit variables win",
  }),
  RETRIEVAL_PROFILES_FILE: setting(text, { scope: "live", meaning: "JSON file with profiles of your own" }),
  RETRIEVAL_PROFILE_CHOICE: setting(flag, {
    scope: "restart",
    default: "0",
    meaning: "1: a call of retrieve may name a profile",
  }),
  RETRIEVAL_ROOTS: setting(text, {
    scope: "live",
    meaning: "folders that reindex may read, separated by the platform's path delimiter",
  }),
  RETRIEVAL_SCOPE: setting(choice("roots", "all"), {
    scope: "live",
    meaning:
      "what tools answer from: roots: documents below RETRIEVAL_ROOTS only; all: whatever the collection holds; unset: roots where there are any, but all with QDRANT_URL",
  }),
  RETRIEVAL_PASSAGES_IN: setting(choice("auto", "structured", "text"), {
    scope: "live",
    default: "auto",
    meaning:
      "part of an answer that has the passages, the other one has a short list; auto: the one that the client hands to its model, as its name tells",
  }),
  RETRIEVAL_WATCH: setting(flag, {
    scope: "restart",
    default: "0",
    meaning: "1: keep the folders of RETRIEVAL_ROOTS indexed while the server runs",
  }),
  RETRIEVAL_READ_ONLY: setting(flag, {
    scope: "restart",
    default: "0",
    meaning: "1: no tool writes: there is no reindex, and RETRIEVAL_WATCH is refused",
  }),
  RETRIEVAL_COLLECTIONS: setting(names, {
    scope: "live",
    meaning: "collections that tools may touch beside QDRANT_COLLECTION, comma separated",
  }),
  RETRIEVAL_DATA_DIR: setting(text, {
    scope: "restart",
    meaning: "where the embedded store lives; default: the platform's data folder",
  }),
  SQLITE_VECTOR_MEMORY_MB: setting(whole(0, 65_536), {
    scope: "restart",
    default: "256",
    meaning:
      "memory for the embedded store's vectors; a collection that does not fit is scanned in its file, which is slower",
  }),
  CANDIDATES: setting(whole(1, 1000), { scope: "profile", default: "100", meaning: "candidates that each leg brings" }),
  CALL_TIMEOUT_MS: setting(whole(100, 600_000), {
    scope: "live",
    default: "20000",
    meaning: "deadline of retrieve and health, ms",
  }),
  QUERY_MAX_CHARS: setting(whole(1, 20_000), { scope: "restart", default: "2000", meaning: "longest query" }),
  RATE_LIMIT_QPS: setting(decimal(0.01, 100_000), {
    scope: "live",
    default: "100",
    meaning: "calls a second and user",
  }),
  DEVICE_FALLBACK: setting(flag, {
    scope: "restart",
    default: "0",
    meaning: "1: cuda that is not there becomes cpu, and says so",
  }),
  SPAN_CONTENT: setting(flag, { scope: "restart", default: "0", meaning: "1: query text in spans" }),
  LOG_LEVEL: setting(choice("debug", "info", "warn", "error", "silent"), {
    scope: "live",
    default: "info",
    meaning: "logs on stderr",
  }),
  ...HTTP_SETTINGS,
  METRICS_PORT: setting(whole(0, 65_535), { scope: "restart", default: "9103", meaning: "Prometheus port; 0: none" }),
  METRICS_HOST: setting(text, { scope: "restart", default: "127.0.0.1", meaning: "address of the metrics port" }),
  TOOL_SPANS_PATH: setting(text, {
    scope: "restart",
    default: "logs/mcp_tool_spans.jsonl",
    meaning: "span file; relative: in the working folder if it has logs/, else in the data folder",
  }),
  TRANSFORMERS_CACHE: setting(text, { scope: "restart", meaning: "the Hub's cache folder (older name)" }),
  HF_HUB_CACHE: setting(text, { scope: "restart", meaning: "the Hub's cache folder" }),
  HF_HOME: setting(text, { scope: "restart", meaning: "the Hub's home; its cache is hub/ in it" }),
  HF_ENDPOINT: setting(webAddress, { scope: "restart", meaning: "the Hub's address, or a mirror's" }),
  HF_TOKEN: setting(text, {
    scope: "restart",
    meaning: "token for models that need one; sent to HF_ENDPOINT only",
    secret: true,
  }),
  TRANSFORMERS_OFFLINE: setting(flag, { scope: "restart", default: "0", meaning: "1: no downloads" }),
  HF_HUB_OFFLINE: setting(flag, { scope: "restart", default: "0", meaning: "1: no downloads" }),
  HTTPS_PROXY: setting(text, { scope: "restart", meaning: "proxy for downloads", secret: true }),
};

export type SettingName = keyof typeof TABLE;
export const SETTINGS: Readonly<Record<SettingName, Setting>> = TABLE;
export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];

/** The parsed settings. Nobody outside this folder sees them: boot and live configuration are made from them. */
export type Values = { readonly [N in SettingName]: (typeof TABLE)[N] extends Setting<infer V> ? V : never };

/** Settings as text, as the environment has them. */
export type SettingTexts = Readonly<Partial<Record<SettingName, string>>>;

export interface ParsedSettings {
  readonly values: Values;
  /** One line for each text that is not allowed; its default stands in for it. */
  readonly problems: readonly string[];
}

export function parseSettings(texts: SettingTexts): ParsedSettings {
  const problems: string[] = [];
  const parsed = (name: SettingName): unknown => {
    const { kind, default: standard } = SETTINGS[name];
    const given = texts[name];
    try {
      if (given !== undefined) return kind(given);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      problems.push(`${name}=${shown(name, given ?? "")}: ${error.message}`);
    }
    return standard === undefined ? undefined : kind(standard);
  };
  const values = Object.fromEntries(SETTING_NAMES.map((name) => [name, parsed(name)])) as Values;
  return { values, problems };
}

/** A value as it may be shown: secrets and credentials in addresses are masked. */
export function shown(name: SettingName, text: string): string {
  return SETTINGS[name].secret ? "***" : text.replace(/\/\/[^/@]*@/g, "//***@").replace(/\?[^,]*/g, "?***");
}
