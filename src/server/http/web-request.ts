/** A request of Node's as the protocol library takes it. */
import type { IncomingHttpHeaders } from "node:http";

/** What the protocol library reads; credentials are none of its business. */
export function webRequest(given: IncomingHttpHeaders, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    const isRead = name === "accept" || name === "content-type" || name.startsWith("mcp-");
    if (isRead && name !== "mcp-session-id" && typeof value === "string") headers.set(name, value);
  }
  const request = new Request("http://localhost/mcp", { method: "POST", headers });
  // Not through the constructor: it follows the given signal by another one that nobody holds.
  return Object.defineProperty(request, "signal", { value: signal });
}

export function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
