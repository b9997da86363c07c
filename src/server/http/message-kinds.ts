/** What a message asks for, as far as its transport has to know. */
import type { IncomingHttpHeaders } from "node:http";
import { classifyInboundRequest, type JSONRPCMessage } from "@modelcontextprotocol/server";
import type { Session } from "./session-id.js";
import { first } from "./web-request.js";

export function isOfEarlierEra(body: JSONRPCMessage, headers: IncomingHttpHeaders): boolean {
  const { kind } = classifyInboundRequest({
    httpMethod: "POST",
    protocolVersionHeader: first(headers["mcp-protocol-version"]),
    mcpMethodHeader: first(headers["mcp-method"]),
    mcpNameHeader: first(headers["mcp-name"]),
    body,
  });
  return kind === "legacy";
}

type Cancelling = JSONRPCMessage & { readonly params: { readonly requestId: string | number } };

export function isCancelling(message: JSONRPCMessage): message is Cancelling {
  if (!("method" in message) || message.method !== "notifications/cancelled" || "id" in message) return false;
  return ["string", "number"].includes(typeof message.params?.requestId);
}

export function toolOf(message: JSONRPCMessage): unknown {
  return "method" in message && message.method === "tools/call" ? message.params?.name : undefined;
}

export function clientIn(params: Readonly<Record<string, unknown>> | undefined): Session["client"] {
  const { name, version } = (params?.clientInfo ?? {}) as Readonly<Record<string, unknown>>;
  return { name: String(name ?? ""), version: String(version ?? "") };
}
