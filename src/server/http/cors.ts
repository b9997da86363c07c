/** Cross-origin headers, for web pages of allowed origins. */
import type { IncomingMessage, ServerResponse } from "node:http";

const REQUEST_HEADERS = /^(?:authorization|content-type|accept|last-event-id|mcp-[a-z0-9-]+)$/;
const EXPOSED = "Mcp-Session-Id, WWW-Authenticate, Retry-After";
const MAX_AGE_SECONDS = "600";

/** On every answer to such a page, refusals too: else it cannot read why. */
export function allowOrigin({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader("vary", "Origin");
  if (headers.origin === undefined) return;
  response.setHeader("access-control-allow-origin", headers.origin);
  response.setHeader("access-control-expose-headers", EXPOSED);
}

export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === "OPTIONS" && headers.origin !== undefined && "access-control-request-method" in headers;
}

/** Browsers send it without credentials. */
export function answerPreflight({ headers }: IncomingMessage, response: ServerResponse): void {
  const asked = String(headers["access-control-request-headers"] ?? "").split(",");
  const allowed = asked.map((name) => name.trim().toLowerCase()).filter((name) => REQUEST_HEADERS.test(name));
  response.writeHead(204, {
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": [...new Set(allowed)].join(", "),
    "access-control-max-age": MAX_AGE_SECONDS,
  });
  response.end();
}
