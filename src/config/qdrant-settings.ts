/** Settings of a Qdrant: where it is, what it asks for, how patient we are, and what its collections are made with. */
import { setting } from "./setting.js";
import { choice, decimal, flag, headers, name, text, urls, whole, wordOr } from "./value-kinds.js";

export const QDRANT_SETTINGS = {
  QDRANT_URL: setting(urls, {
    scope: "restart",
    meaning: "Qdrant server, several nodes separated by commas; unset: the embedded store",
  }),
  QDRANT_API_KEY: setting(text, { scope: "restart", meaning: "key of the Qdrant server", secret: true }),
  QDRANT_API_KEY_FILE: setting(text, {
    scope: "restart",
    meaning: "file that holds the key, in place of QDRANT_API_KEY; read again when it changes",
  }),
  QDRANT_HEADERS: setting(headers, {
    scope: "restart",
    meaning: 'headers that a gateway before the Qdrant wants, as {"x-tenant":"search"}',
    secret: true,
  }),
  QDRANT_CLIENT_CERT: setting(text, {
    scope: "restart",
    meaning: "PEM file with the certificate that a gateway before the Qdrant asks for",
  }),
  QDRANT_CLIENT_KEY: setting(text, { scope: "restart", meaning: "PEM file with the key of QDRANT_CLIENT_CERT" }),
  QDRANT_COLLECTION: setting(name, {
    scope: "live",
    default: "my_docs",
    meaning: "the collection that tools use when none is named",
  }),
  QDRANT_POOL_SIZE: setting(whole(1, 1000), { scope: "restart", default: "3", meaning: "requests in flight" }),
  QDRANT_POOL_TIMEOUT: setting(decimal(0.001, 3600), {
    scope: "restart",
    default: "30.0",
    meaning: "seconds for a request, waiting and retries included",
  }),
  QDRANT_POOL_RETRY_ENABLED: setting(flag, {
    scope: "restart",
    default: "1",
    meaning: "0: a failed request is not repeated",
  }),
  QDRANT_POOL_MAX_RETRIES: setting(whole(0, 100), {
    scope: "restart",
    default: "3",
    meaning: "repetitions of a failed request",
  }),
  QDRANT_POOL_RETRY_DELAY: setting(decimal(0, 600), {
    scope: "restart",
    default: "1.0",
    meaning: "seconds before the first repetition, at most; each next one doubles",
  }),
  QDRANT_CIRCUIT_FAILURE_THRESHOLD: setting(whole(1, 1000), {
    scope: "restart",
    default: "5",
    meaning: "failures in a row after which nothing is asked for a while",
  }),
  QDRANT_CIRCUIT_RESET_TIMEOUT: setting(decimal(0.001, 3600), {
    scope: "restart",
    default: "60.0",
    meaning: "seconds until one request tries again",
  }),
  QDRANT_OUTAGE_TIMEOUT: setting(decimal(0, 86_400), {
    scope: "restart",
    default: "600",
    meaning: "seconds for which a re-index waits for a Qdrant that does not answer; 0: it fails",
  }),
  QDRANT_SHARD_NUMBER: setting(whole(1, 1000), {
    scope: "restart",
    meaning: "shards of a new collection; unset: the server's default",
  }),
  QDRANT_REPLICATION_FACTOR: setting(whole(1, 100), {
    scope: "restart",
    meaning: "replicas of each shard of a new collection; unset: the server's default",
  }),
  QDRANT_WRITE_CONSISTENCY_FACTOR: setting(whole(1, 100), {
    scope: "restart",
    meaning: "replicas that must have a write before it counts as done; unset: the server's default",
  }),
  QDRANT_WRITE_ORDERING: setting(choice("weak", "medium", "strong"), {
    scope: "restart",
    default: "medium",
    meaning: "order of writes in a cluster; weak lets replicas diverge, strong fails while a shard's leader is down",
  }),
  QDRANT_READ_CONSISTENCY: setting(wordOr(["majority", "quorum", "all"], whole(1, 100)), {
    scope: "restart",
    meaning: "replicas that a read asks and compares: a number, majority, quorum or all; unset: one",
  }),
  QDRANT_VECTOR_NAME: setting(text, {
    scope: "restart",
    meaning: "vector of a collection that something else made; unset: its only one, named or not",
  }),
  QDRANT_TEXT_FIELD: setting(text, {
    scope: "restart",
    default: "text",
    meaning: "payload field with the text, in a collection that something else made",
  }),
};
