/** Where a client learns who gives out tokens for this server (RFC 9728). */
import type { ServerResponse } from "node:http";
import type { Scope } from "../../api/operation.js";

/** Every scope that a tool asks for. */
export const SCOPES: readonly Scope[] = ["search", "index"];

export interface Metadata {
  /** As clients are told. */
  readonly url: string;
  /** Clients look below the server's path, and without it. */
  readonly paths: ReadonlySet<string>;
  readonly json: string;
}

const WELL_KNOWN = "/.well-known/oauth-protected-resource";
const MAX_AGE_SECONDS = 300;

/** @param resource as users type it @param issuer the authorization server */
export function metadataOf(resource: string, issuer: string): Metadata {
  const { origin, pathname } = new URL(resource);
  const own = `${WELL_KNOWN}${pathname === "/" ? "" : pathname}`;
  return {
    url: `${origin}${own}`,
    paths: new Set([WELL_KNOWN, `${WELL_KNOWN}/mcp`, own]),
    json: JSON.stringify({
      resource,
      authorization_servers: [issuer],
      scopes_supported: SCOPES,
      bearer_methods_supported: ["header"],
      resource_name: "Aura Retrieval",
    }),
  };
}

export function answerMetadata({ json }: Metadata, response: ServerResponse): void {
  response.writeHead(200, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(json),
    "cache-control": `public, max-age=${MAX_AGE_SECONDS}`,
    "access-control-allow-origin": "*",
  });
  response.end(json);
}
