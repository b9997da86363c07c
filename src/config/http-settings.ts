/** Settings of `serve --http`. */
import { setting } from "./setting.js";
import { choice, hosts, listenAddress, origins, publicAddress, text, whole } from "./value-kinds.js";

const HOUR_MS = 3_600_000;

export const HTTP_SETTINGS = {
  HTTP_LISTEN: setting(listenAddress, {
    scope: "restart",
    default: "127.0.0.1:8765",
    meaning: "address and port of serve --http, or unix: and the path of a socket",
  }),
  HTTP_PUBLIC_URL: setting(publicAddress, {
    scope: "restart",
    meaning:
      "address that clients use, where a proxy stands in front; its name is an allowed host, its origin an allowed one",
  }),
  HTTP_ALLOWED_HOSTS: setting(hosts, {
    scope: "restart",
    meaning:
      "names that requests may have in Host beside those of this machine and of HTTP_PUBLIC_URL, comma separated",
  }),
  HTTP_ALLOWED_ORIGINS: setting(origins, {
    scope: "restart",
    meaning: "origins whose web pages may call, comma separated",
  }),
  HTTP_AUTH: setting(choice("none", "token", "oauth"), {
    scope: "restart",
    default: "none",
    meaning:
      "who may call: none: who reaches a loopback address or the socket; token: who has one of HTTP_TOKENS_FILE; oauth: who has an access token of HTTP_OAUTH_ISSUER",
  }),
  HTTP_TOKENS_FILE: setting(text, {
    scope: "restart",
    meaning: "file of tokens, made by token create; a change of it applies at once",
  }),
  HTTP_OAUTH_ISSUER: setting(publicAddress, {
    scope: "restart",
    meaning: "authorization server that gives out tokens for HTTP_PUBLIC_URL, exactly as they have it",
  }),
  HTTP_OAUTH_JWKS_URL: setting(publicAddress, { scope: "restart", meaning: "where that server's keys are" }),
  HTTP_TLS_CERT: setting(text, {
    scope: "restart",
    meaning:
      "file with the certificate and its chain, in PEM; read again at SIGHUP; unset: a proxy does TLS, or nobody",
  }),
  HTTP_TLS_KEY: setting(text, { scope: "restart", meaning: "file with its key" }),
  HTTP_SESSION_KEY_FILE: setting(text, {
    scope: "restart",
    meaning: "file with the key that session ids are signed with; unset: a new one at each start",
  }),
  HTTP_MAX_BODY_BYTES: setting(whole(1_024, 64 * 1024 * 1024), {
    scope: "restart",
    default: "1048576",
    meaning: "longest request",
  }),
  HTTP_KEEP_ALIVE_MS: setting(whole(1_000, HOUR_MS), {
    scope: "restart",
    default: "75000",
    meaning: "how long an idle connection stays open, ms; longer than in the proxy in front",
  }),
  HTTP_READY_GRACE_MS: setting(whole(0, HOUR_MS), {
    scope: "restart",
    default: "5000",
    meaning: "how long the server goes on serving after SIGTERM while /readyz says 503, ms",
  }),
  HTTP_DRAIN_MS: setting(whole(0, HOUR_MS), {
    scope: "restart",
    default: "25000",
    meaning: "time that calls in flight have to end when the server stops, ms",
  }),
};
