/** A message to its answer: by the protocol library's handlers, each message with a server and a signal of its own. */
import type { IncomingHttpHeaders } from "node:http";
import {
  type AuthInfo,
  createMcpHandler,
  type JSONRPCMessage,
  type McpHttpHandler,
  type McpRequestContext,
} from "@modelcontextprotocol/server";
import type { App } from "../../app/app.js";
import type { Principal } from "../../core/call.js";
import type { FairSlots } from "../../resilience/fair-slots.js";
import type { Arrival } from "../caller.js";
import type { PendingRequests } from "../pending-requests.js";
import { createServer } from "../server.js";
import type { Known } from "./bearer.js";
import { Calls } from "./calls.js";
import { clientIn, isCancelling, isOfEarlierEra, toolOf } from "./message-kinds.js";
import type { Sessions } from "./session-id.js";
import { first, webRequest } from "./web-request.js";

export interface ExchangeOptions {
  readonly boot: Pick<App["boot"], "version" | "isReadOnly">;
  readonly requests: PendingRequests;
  readonly sessions: Sessions;
  readonly slots: FairSlots;
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

export class Exchanges {
  readonly #options: ExchangeOptions;
  readonly #calls = new Calls();
  readonly #open = new Set<AbortController>();
  readonly #plain: McpHttpHandler;
  /** For what may take long: its answer begins at once. */
  readonly #streaming: McpHttpHandler;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    const { boot, requests, onProblem: onerror } = options;
    const factory = ({ authInfo }: McpRequestContext) => createServer(boot, requests, arrivalIn(authInfo));
    this.#plain = createMcpHandler(factory, { onerror });
    this.#streaming = createMcpHandler(factory, { onerror, responseMode: "sse" });
  }

  begin(message: JSONRPCMessage, { principal, scopes, headers }: Sender): Exchange {
    const session = this.#options.sessions.read(first(headers["mcp-session-id"]), principal.id);
    const isLegacy = isOfEarlierEra(message, headers);
    const caller = [principal.id, session?.id ?? ""];
    if (isLegacy && isCancelling(message)) {
      this.#calls.cancel(caller, message.params.requestId);
      return { answer: Promise.resolve(new Response(null, { status: 202 })), leave() {}, end() {} };
    }
    const call = new AbortController();
    const forget =
      isLegacy && "method" in message && "id" in message ? this.#calls.add(caller, message.id, call) : undefined;
    this.#open.add(call);
    const answer = this.#handlerOf(message).fetch(webRequest(headers, call.signal), {
      authInfo: authInfoOf({
        principal,
        scopes,
        turn: (waiting) => this.#options.slots.take(principal.id, waiting),
        client: session?.client,
        traceparent: first(headers.traceparent),
      }),
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

  /** Ends everything. */
  async close(): Promise<void> {
    for (const call of this.#open) call.abort();
    await Promise.all([this.#plain.close(), this.#streaming.close()]);
  }

  #handlerOf(message: JSONRPCMessage): McpHttpHandler {
    return toolOf(message) === "reindex" ? this.#streaming : this.#plain;
  }

  #withSession(response: Response, message: JSONRPCMessage, principal: Principal): Response {
    if (!("method" in message) || message.method !== "initialize" || response.status !== 200) return response;
    response.headers.set("mcp-session-id", this.#options.sessions.issue(principal.id, clientIn(message.params)));
    return response;
  }
}

/** How the library carries what is ours through to the factory. */
function authInfoOf(arrival: Arrival): AuthInfo {
  return { token: "", clientId: arrival.principal.id, scopes: [], extra: { arrival } };
}

function arrivalIn(authInfo: AuthInfo | undefined): Arrival {
  return authInfo?.extra?.arrival as Arrival;
}
