/** How `serve --http` is reached, and when it lets go. */
import type { Values } from "./settings.js";
import type { ListenAddress } from "./value-kinds.js";

export interface HttpConfig {
  readonly listen: ListenAddress;
  /** As clients type it. */
  readonly publicUrl: string | undefined;
  /** Names in `Host`, in small letters, without ports. */
  readonly allowedHosts: readonly string[];
  readonly allowedOrigins: readonly string[];
  readonly auth: "none" | "token" | "oauth";
  readonly tokensFile: string | undefined;
  readonly oauth: { readonly issuer: string | undefined; readonly jwksUrl: string | undefined };
  /** Files; undefined: none of them is set. */
  readonly tls: { readonly cert: string | undefined; readonly key: string | undefined } | undefined;
  readonly sessionKeyFile: string | undefined;
  readonly maxBodyBytes: number;
  readonly keepAliveMs: number;
  /** Still serving after the signal to stop, so that balancers can look elsewhere first. */
  readonly readyGraceMs: number;
  /** For calls in flight to end. */
  readonly drainMs: number;
}

export function httpConfig(values: Values): HttpConfig {
  const { HTTP_TLS_CERT: cert, HTTP_TLS_KEY: key } = values;
  return {
    listen: values.HTTP_LISTEN,
    publicUrl: values.HTTP_PUBLIC_URL,
    allowedHosts: values.HTTP_ALLOWED_HOSTS ?? [],
    allowedOrigins: values.HTTP_ALLOWED_ORIGINS ?? [],
    auth: values.HTTP_AUTH,
    tokensFile: values.HTTP_TOKENS_FILE,
    oauth: { issuer: values.HTTP_OAUTH_ISSUER, jwksUrl: values.HTTP_OAUTH_JWKS_URL },
    tls: cert === undefined && key === undefined ? undefined : { cert, key },
    sessionKeyFile: values.HTTP_SESSION_KEY_FILE,
    maxBodyBytes: values.HTTP_MAX_BODY_BYTES,
    keepAliveMs: values.HTTP_KEEP_ALIVE_MS,
    readyGraceMs: values.HTTP_READY_GRACE_MS,
    drainMs: values.HTTP_DRAIN_MS,
  };
}
