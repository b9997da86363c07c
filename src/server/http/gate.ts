/** The way of a request to its answer. The order of the checks is part of what clients are promised. */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Authentication } from "./authenticate.js";
import type { Known } from "./bearer.js";
import { type Posted, readPosted } from "./body.js";
import { allowOrigin, answerPreflight, isPreflight } from "./cors.js";
import type { Exchange, Exchanges } from "./exchanges.js";
import { answerMetadata } from "./metadata.js";
import type { Readiness } from "./readiness.js";
import { type Refused, refuse } from "./refuse.js";
import { type Sent, send, sentOf, streamOf } from "./send.js";

export interface GateOptions {
  readonly readiness: Readiness;
  readonly exchanges: Exchanges;
  readonly maxBodyBytes: number;
  readonly writeWithinMs: number;
  checkHost(header: string | undefined): Refused | undefined;
  checkOrigin(header: string | undefined): Refused | undefined;
  readonly authentication: Authentication;
  /** Hears what nobody foresaw. */
  onBug(error: unknown): void;
}

const ENDPOINT = "/mcp";
const METHODS = "POST, OPTIONS";
const PROBE_METHODS = ["GET", "HEAD"];
const ANOTHER_REPLICA_AFTER_SECONDS = "1";

export class Gate {
  readonly #options: GateOptions;
  /** Messages that come now are refused. */
  isClosed = false;
  readonly #inFlight = new Set<Promise<void>>();

  constructor(options: GateOptions) {
    this.#options = options;
  }

  /** Never rejects. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    response.setHeader("x-content-type-options", "nosniff");
    request.on("error", () => undefined); // who reads it hears of it
    const handled = this.#handle(request, response).catch((error: unknown) => {
      if (response.destroyed || request.socket.destroyed) return; // its client left
      this.#options.onBug(error);
      if (response.headersSent) response.destroy();
      else return refuse(request, response, FAILED);
    });
    this.#inFlight.add(handled);
    void handled.finally(() => this.#inFlight.delete(handled));
  }

  /** Once nothing is being answered. */
  async settled(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path = ""] = (request.url ?? "").split("?", 1);
    const { readiness, authentication } = this.#options;
    if (readiness.isAsked(path)) {
      const isProbe = PROBE_METHODS.includes(request.method ?? "");
      return isProbe
        ? readiness.answer(path, response)
        : refuse(request, response, notAllowed(PROBE_METHODS.join(", ")));
    }
    const stranger = this.#checkCaller(request);
    if (stranger !== undefined) return refuse(request, response, stranger);
    allowOrigin(request, response);
    if (isPreflight(request)) return answerPreflight(request, response);
    const { metadata } = authentication;
    if (metadata?.paths.has(path) && request.method === "GET") return answerMetadata(metadata, response);
    const misdirected = checkTarget(request, path);
    if (misdirected !== undefined) return refuse(request, response, misdirected);
    if (request.method === "OPTIONS") return void response.writeHead(204, { allow: METHODS }).end();
    const known = await authentication.authenticate(request);
    if ("status" in known) return refuse(request, response, known);
    if (this.isClosed) return refuse(request, response, STOPPING);
    return this.#serve(request, response, known);
  }

  #checkCaller({ headers, headersDistinct }: IncomingMessage): Refused | undefined {
    if ((headersDistinct.host?.length ?? 0) > 1) return { status: 400, reason: "The request has more than one Host." };
    return this.#options.checkHost(headers.host) ?? this.#options.checkOrigin(headers.origin);
  }

  async #serve(request: IncomingMessage, response: ServerResponse, known: Known): Promise<void> {
    const { exchanges, maxBodyBytes, writeWithinMs } = this.#options;
    const posted = await readPosted(request, response, maxBodyBytes);
    if ("status" in posted) return refuse(request, response, posted);
    if (this.isClosed) return refuse(request, response, STOPPING); // meanwhile
    const sender = { ...known, headers: request.headers };
    const begun = posted.messages.map((message) => exchanges.begin(message, sender));
    const onGone = () => {
      if (!response.writableFinished) for (const exchange of begun) exchange.leave();
    };
    response.once("close", onGone);
    if (response.destroyed) onGone();
    try {
      const sent = await answerTo(posted, begun);
      if (this.isClosed) response.setHeader("connection", "close");
      await send(response, sent, writeWithinMs);
    } finally {
      for (const exchange of begun) exchange.end();
    }
  }
}

async function answerTo({ messages, refusals, isBatch }: Posted, begun: readonly Exchange[]): Promise<Sent> {
  const answers = begun.map(({ answer }) => answer);
  const isAnswered = refusals.length > 0 || messages.some((message) => "method" in message && "id" in message);
  if (isBatch && isAnswered) return streamOf(answers, refusals);
  const [answer] = await Promise.all(answers);
  return sentOf(answer ?? new Response(null, { status: 202 }));
}

const STOPPING: Refused = {
  status: 503,
  reason: "The server is stopping. Send the request again.",
  headers: { connection: "close", "retry-after": ANOTHER_REPLICA_AFTER_SECONDS },
};

const FAILED: Refused = { status: 500, reason: "The server failed to answer this request. Its log says more." };

function notAllowed(allow: string): Refused {
  return { status: 405, reason: `This path takes ${allow} only.`, headers: { allow } };
}

function checkTarget({ url = "", method = "" }: IncomingMessage, path: string): Refused | undefined {
  if (!url.startsWith("/")) return { status: 400, reason: "The request's target must be a path." };
  if (path !== ENDPOINT) return { status: 404, reason: `There is nothing here; the protocol is at ${ENDPOINT}.` };
  return method === "POST" || method === "OPTIONS" ? undefined : notAllowed(METHODS);
}
