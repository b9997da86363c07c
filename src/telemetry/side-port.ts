/** The HTTP port beside the protocol: `/metrics` and `/healthz` for the machine's own monitoring, nothing else. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostGuard } from "../http/host-guard.js";

export interface SidePortOptions {
  readonly host: string;
  readonly port: number;
  /** Ports tried, `port` first and then the next ones. */
  readonly tries?: number;
  readonly metrics: () => Promise<{ readonly contentType: string; readonly body: string }>;
  readonly warn?: (message: string) => void;
}

export type SidePort =
  | { readonly state: "listening"; readonly port: number; close(): Promise<void> }
  | { readonly state: "unavailable"; readonly reason: string; readonly port?: undefined; close(): Promise<void> };

const HEADERS_TIMEOUT_MS = 2_000;
const REQUEST_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 1_000;
const MAX_HEADER_BYTES = 8 * 1024;
const MAX_CONNECTIONS = 16;
const MAX_PORT = 65_535;
/** Another server of ours has it, or the system keeps it: the next port may do. */
const NEXT_PORT_MAY_DO: ReadonlySet<string | undefined> = new Set(["EADDRINUSE", "EACCES"]);

/** Never throws: a server without its side port still serves its tools. */
export async function startSidePort(options: SidePortOptions): Promise<SidePort> {
  const { host, port, tries = 5, warn } = options;
  const last = Math.min(port + tries - 1, MAX_PORT);
  let reason = "";
  for (let next = port; next <= last; next++) {
    const server = createSideServer(options);
    try {
      server.listen({ host, port: next, exclusive: true });
      await once(server, "listening");
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error);
      if (NEXT_PORT_MAY_DO.has((error as NodeJS.ErrnoException).code)) continue;
      break;
    }
    server.on("error", (error) => warn?.(`The metrics port failed: ${error.message}`));
    if (next !== port) warn?.(`METRICS_PORT ${port} is taken; metrics are served on ${next}.`);
    return { state: "listening", port: (server.address() as AddressInfo).port, close: () => close(server) };
  }
  warn?.(`Metrics are not served: ${reason}. Set METRICS_HOST and METRICS_PORT to a free port, or to 0 for none.`);
  return { state: "unavailable", reason, close: async () => undefined };
}

function createSideServer(options: SidePortOptions): Server {
  const allowed = hostGuard(options.host);
  const server = createServer(
    {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connectionsCheckingInterval: 1_000,
    },
    (request, response) => {
      response.setHeader("cache-control", "no-store").setHeader("x-content-type-options", "nosniff");
      if (!allowed(request.headers.host)) return refuse(response, 403);
      answer(request, response, options).catch(() => refuse(response, 500));
    },
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.unref();
  server.on("connection", (socket) => socket.unref());
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, options: SidePortOptions): Promise<void> {
  const path = request.url?.split("?", 1)[0];
  if (path !== "/metrics" && path !== "/healthz") return refuse(response, 404);
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("allow", "GET, HEAD");
    return refuse(response, 405);
  }
  if (path === "/metrics") {
    const { contentType, body } = await options.metrics();
    return send(response, contentType, body);
  }
  response.writeHead(204).end();
}

/** Node leaves the body out of an answer to HEAD. */
function send(response: ServerResponse, contentType: string, body: string): void {
  response.writeHead(200, { "content-type": contentType, "content-length": Buffer.byteLength(body) }).end(body);
}

function refuse(response: ServerResponse, status: number): void {
  // A body that was sent along is not read: the connection ends with the answer.
  if (!response.headersSent) response.writeHead(status, { "content-length": 0, connection: "close" });
  response.end();
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}
