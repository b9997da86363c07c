/** Configuration that needs a restart to change: places, ports, the store, processes. */

import { homedir } from "node:os";
import { join, resolve } from "node:path";
import envPaths from "env-paths";
import { type HttpConfig, httpConfig } from "./http.js";
import type { Values } from "./settings.js";

/** What a Qdrant is reached by and asked for; times in milliseconds. */
export interface QdrantConnection {
  readonly kind: "qdrant";
  readonly urls: string;
  readonly apiKey: string | undefined;
  readonly apiKeyFile: string | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;
  readonly clientCertificate: string | undefined;
  readonly clientKey: string | undefined;
  readonly vectorName: string | undefined;
  readonly textField: string;
  readonly cluster: {
    readonly shards: number | undefined;
    readonly replicas: number | undefined;
    readonly writeConsistency: number | undefined;
    readonly ordering: "weak" | "medium" | "strong";
    readonly readConsistency: number | "majority" | "quorum" | "all" | undefined;
  };
  readonly poolSize: number;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly retryDelayMs: number;
  readonly failureThreshold: number;
  readonly resetMs: number;
  /** How long a re-index waits while no node answers. */
  readonly outageMs: number;
}

export type StoreChoice =
  | { readonly kind: "sqlite"; readonly folder: string; readonly vectorMemoryMb: number }
  | QdrantConnection;

/** What a command changes: it opens no port, and ends before a download in the background would. */
export function forCommand(boot: BootConfig): BootConfig {
  return {
    ...boot,
    metrics: { kind: "off", reason: "only the server opens its port" },
    downloads: { ...boot.downloads, onUse: false },
  };
}

export interface BootConfig {
  readonly version: string;
  readonly packageRoot: string;
  readonly dataFolder: string;
  /** By its user, who may have made it for others too; else it is the platform's for us alone. */
  readonly isDataFolderNamed: boolean;
  readonly store: StoreChoice;
  readonly downloads: {
    readonly hubCache: string;
    readonly offline: boolean;
    readonly endpoint: string | undefined;
    readonly token: string | undefined;
    readonly httpsProxy: string | undefined;
    /** A model that is not here is downloaded in the background; no use to a process that ends after one call. */
    readonly onUse: boolean;
  };
  readonly inference: {
    /** For each model; undefined: as many as the machine has cores for. */
    readonly processes: number | undefined;
    /** Most passages in a job; undefined: the embedder's own. */
    readonly batchSize: number | undefined;
    /** CUDA that is not there becomes CPU. */
    readonly deviceFallback: boolean;
  };
  readonly metrics:
    | { readonly kind: "port"; readonly host: string; readonly port: number }
    | { readonly kind: "off"; readonly reason?: string };
  readonly http: HttpConfig;
  readonly spans: { readonly path: string; readonly showContent: boolean };
  /** Keep the folders that clients may index fresh. */
  readonly watch: boolean;
  /** No tool writes. */
  readonly isReadOnly: boolean;
  readonly queryMaxChars: number;
  /** A call may name a profile. */
  readonly profileChoice: boolean;
}

const SECOND = 1_000;

export function bootConfig(values: Values, packageRoot: string, version: string): BootConfig {
  const dataFolder = resolve(values.RETRIEVAL_DATA_DIR ?? envPaths("aura-retrieval", { suffix: "" }).data);
  return {
    version,
    packageRoot,
    dataFolder,
    isDataFolderNamed: values.RETRIEVAL_DATA_DIR !== undefined,
    store: storeChoice(values, dataFolder),
    downloads: {
      hubCache: hubCache(values),
      offline: values.HF_HUB_OFFLINE || values.TRANSFORMERS_OFFLINE,
      endpoint: values.HF_ENDPOINT,
      token: values.HF_TOKEN,
      httpsProxy: values.HTTPS_PROXY,
      onUse: true,
    },
    inference: {
      processes: unlessAuto(values.EMBEDDING_THREADS),
      batchSize: unlessAuto(values.EMBEDDING_BATCH_SIZE),
      deviceFallback: values.DEVICE_FALLBACK,
    },
    metrics:
      values.METRICS_PORT === 0
        ? { kind: "off" }
        : { kind: "port", host: values.METRICS_HOST, port: values.METRICS_PORT },
    http: httpConfig(values),
    spans: { path: values.TOOL_SPANS_PATH, showContent: values.SPAN_CONTENT },
    watch: values.RETRIEVAL_WATCH,
    isReadOnly: values.RETRIEVAL_READ_ONLY,
    queryMaxChars: values.QUERY_MAX_CHARS,
    profileChoice: values.RETRIEVAL_PROFILE_CHOICE,
  };
}

/** What of the settings together cannot be. */
export function contradictions(values: Values): string[] {
  const { QDRANT_API_KEY: key, QDRANT_API_KEY_FILE: file } = values;
  const { QDRANT_CLIENT_CERT: certificate, QDRANT_CLIENT_KEY: certificateKey } = values;
  return [
    ...(key !== undefined && file !== undefined ? ["QDRANT_API_KEY and QDRANT_API_KEY_FILE: one of them"] : []),
    ...((certificate === undefined) !== (certificateKey === undefined)
      ? ["QDRANT_CLIENT_CERT and QDRANT_CLIENT_KEY: both or neither"]
      : []),
  ];
}

function unlessAuto(value: number | "auto"): number | undefined {
  return value === "auto" ? undefined : value;
}

function storeChoice(values: Values, dataFolder: string): StoreChoice {
  if (values.QDRANT_URL === undefined) {
    return { kind: "sqlite", folder: join(dataFolder, "store"), vectorMemoryMb: values.SQLITE_VECTOR_MEMORY_MB };
  }
  return {
    kind: "qdrant",
    urls: values.QDRANT_URL,
    apiKey: values.QDRANT_API_KEY,
    apiKeyFile: values.QDRANT_API_KEY_FILE,
    headers: values.QDRANT_HEADERS,
    clientCertificate: values.QDRANT_CLIENT_CERT,
    clientKey: values.QDRANT_CLIENT_KEY,
    vectorName: values.QDRANT_VECTOR_NAME,
    textField: values.QDRANT_TEXT_FIELD,
    cluster: {
      shards: values.QDRANT_SHARD_NUMBER,
      replicas: values.QDRANT_REPLICATION_FACTOR,
      writeConsistency: values.QDRANT_WRITE_CONSISTENCY_FACTOR,
      ordering: values.QDRANT_WRITE_ORDERING,
      readConsistency: values.QDRANT_READ_CONSISTENCY,
    },
    poolSize: values.QDRANT_POOL_SIZE,
    timeoutMs: values.QDRANT_POOL_TIMEOUT * SECOND,
    maxRetries: values.QDRANT_POOL_RETRY_ENABLED ? values.QDRANT_POOL_MAX_RETRIES : 0,
    retryDelayMs: values.QDRANT_POOL_RETRY_DELAY * SECOND,
    failureThreshold: values.QDRANT_CIRCUIT_FAILURE_THRESHOLD,
    resetMs: values.QDRANT_CIRCUIT_RESET_TIMEOUT * SECOND,
    outageMs: values.QDRANT_OUTAGE_TIMEOUT * SECOND,
  };
}

function hubCache(values: Values): string {
  const home = values.HF_HOME ?? join(homedir(), ".cache", "huggingface");
  return resolve(values.HF_HUB_CACHE ?? values.TRANSFORMERS_CACHE ?? join(home, "hub"));
}
