/** A message to its answer: by the protocol library's handlers, each message with a server and a signal of its own. */
import type { IncomingHttpHeaders } from "node:http";
import {
  type AuthInfo,
  classifyInboundRequest,
  createMcpHandler,
  type JSONRPCMessage,
  type McpHttpHandler,
  type McpRequestContext,
} from "@modelcontextprotocol/server";
import type { App } from "../../app/app.js";
import type { Principal } from "../../core/call.js";
import type { Arrival } from "../caller.js";
import type { PendingRequests } from "../pending-requests.js";
import { createServer } from "../server.js";
import type { Known } from "./bearer.js";
import { Calls } from "./calls.js";
import type { Session, Sessions } from "./session-id.js";

export interface ExchangeOptions {
  readonly boot: Pick<App["boot"], "version" | "isReadOnly">;
  readonly requests: PendingRequests;
  readonly sessions: Sessions;
  onProblem(error: Error): void;
}

/** Who sends a message, and with which headers. */
export interface Sender extends Known {
  readonly headers: IncomingHttpHeaders;
}

/** One message under way. */
export interface Exchange {
  readonly answer: Promise<Response>;
  /** Its client has gone: nobody will read the answer. */
  leave(): void;
  /** Once the answer has left. */
  end(): void;
}

/** Streams of change events that are open at once; none is ever sent here. */
const MAX_LISTENING = 256;

export class Exchanges {
  readonly #options: ExchangeOptions;
  readonly #calls = new Calls();
  readonly #open = new Set<AbortController>();
  readonly #plain: McpHttpHandler;
  /** For what may take long: its answer begins at once. */
  readonly #streaming: McpHttpHandler;
  /** Apart from the others, because it ends before they do. */
  readonly #listening: McpHttpHandler;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const { boot, requests, onProblem: onerror } = options;
    const factory = ({ authInfo }: McpRequestContext) => createServer(boot, requests, arrivalIn(authInfo));
    this.#plain = createMcpHandler(factory, { onerror });
    this.#streaming = createMcpHandler(factory, { onerror, responseMode: "sse" });
    this.#listening = createMcpHandler(factory, { onerror, maxSubscriptions: MAX_LISTENING });
  }

  begin(message: JSONRPCMessage, { principal, scopes, headers }: Sender): Exchange {
    const session = this.#options.sessions.read(first(headers["mcp-session-id"]), principal.id);
    const isLegacy = isOfEarlierEra(message, headers);
    const caller = [principal.id, session?.id ?? ""];
    if (isLegacy && isCancelling(message)) {
      this.#calls.cancel(caller, message.params.requestId);
      return { answer: Promise.resolve(new Response(null, { status: 202 })), leave: () => {}, end: () => {} };
    }
    const call = new AbortController();
    const forget =
      isLegacy && "method" in message && "id" in message ? this.#calls.add(caller, message.id, call) : undefined;
    this.#open.add(call);
    const answer = this.#handlerOf(message).fetch(webRequest(headers, call.signal), {
      authInfo: authInfoOf({ principal, scopes, client: session?.client, traceparent: first(headers.traceparent) }),
      parsedBody: message,
    });
    return {
      answer: isLegacy ? answer.then((response) => this.#withSession(response, message, principal)) : answer,
      // In the earlier era a client that goes has not cancelled its job.
      leave: () => (isLegacy && toolOf(message) === "reindex") || call.abort(),
      end: () => {
        forget?.();
        this.#open.delete(call);
      },
    };
  }

  /** Ends the streams that would never end by themselves. */
  async endListening(): Promise<void> {
    await this.#listening.close();
  }

  /** Ends everything. */
  async close(): Promise<void> {
    for (const call of this.#open) call.abort();
    await Promise.all([this.#plain.close(), this.#streaming.close()]);
  }

  #handlerOf(message: JSONRPCMessage): McpHttpHandler {
    if ("method" in message && message.method === "subscriptions/listen") return this.#listening;
    return toolOf(message) === "reindex" ? this.#streaming : this.#plain;
  }

  #withSession(response: Response, message: JSONRPCMessage, principal: Principal): Response {
    if (!("method" in message) || message.method !== "initialize" || response.status !== 200) return response;
    response.headers.set("mcp-session-id", this.#options.sessions.issue(principal.id, clientIn(message.params)));
    return response;
  }
}

function isOfEarlierEra(body: JSONRPCMessage, headers: IncomingHttpHeaders): boolean {
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

function isCancelling(message: JSONRPCMessage): message is Cancelling {
  if (!("method" in message) || message.method !== "notifications/cancelled" || "id" in message) return false;
  return ["string", "number"].includes(typeof message.params?.requestId);
}

function toolOf(message: JSONRPCMessage): unknown {
  return "method" in message && message.method === "tools/call" ? message.params?.name : undefined;
}

function clientIn(params: Readonly<Record<string, unknown>> | undefined): Session["client"] {
  const { name, version } = (params?.clientInfo ?? {}) as Readonly<Record<string, unknown>>;
  return { name: String(name ?? ""), version: String(version ?? "") };
}

/** What the protocol library reads; credentials are none of its business. */
function webRequest(given: IncomingHttpHeaders, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    const isRead = name === "accept" || name === "content-type" || name.startsWith("mcp-");
    if (isRead && name !== "mcp-session-id" && typeof value === "string") headers.set(name, value);
  }
  const request = new Request("http://localhost/mcp", { method: "POST", headers });
  // Not through the constructor: it follows the given signal by another one that nobody holds.
  return Object.defineProperty(request, "signal", { value: signal });
}

/** How the library carries what is ours through to the factory. */
function authInfoOf(arrival: Arrival): AuthInfo {
  return { token: "", clientId: arrival.principal.id, scopes: [], extra: { arrival } };
}

function arrivalIn(authInfo: AuthInfo | undefined): Arrival {
  return authInfo?.extra?.arrival as Arrival;
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
