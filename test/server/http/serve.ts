/** A server over HTTP in this process, over an app that is made by hand, and raw requests to it. */
import { once } from "node:events";
import { type IncomingHttpHeaders, request as nodeRequest, type OutgoingHttpHeaders } from "node:http";
import { connect } from "node:net";
import { onTestFinished } from "vitest";
import type { App } from "#src/app/app.js";
import type { Limits } from "#src/server/http/node-server.js";
import { type HttpServer, startHttp } from "#src/server/http/start.js";
import { FakeApp } from "../connect.js";

type HttpConfig = App["boot"]["http"];

// biome-ignore lint/suspicious/noExplicitAny: answers are checked by the tests, field by field
export type Json = any;

const HTTP: HttpConfig = {
  listen: { kind: "tcp", host: "127.0.0.1", port: 0 },
  publicUrl: undefined,
  allowedHosts: [],
  allowedOrigins: [],
  auth: "none",
  tokensFile: undefined,
  oauth: { issuer: undefined, jwksUrl: undefined },
  tls: undefined,
  sessionKeyFile: undefined,
  maxBodyBytes: 1024 * 1024,
  keepAliveMs: 75_000,
  readyGraceMs: 0,
  drainMs: 25_000,
};

const LIMITS: Limits = { headersMs: 10_000, requestMs: 30_000, writeMs: 30_000, connections: 2_000 };

/** Ids and sessions apart, what a client of the earlier era sends first. */
export const INITIALIZE = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1.0" } },
};

export const JSON_HEADERS = { "content-type": "application/json", accept: "application/json, text/event-stream" };

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

export interface Serving {
  readonly app: FakeApp;
  readonly server: HttpServer;
  readonly port: number;
  readonly url: string;
  ask(asked?: Asked): Promise<Answer>;
  /** A message by POST, as clients of the earlier era send it. */
  post(message: object, headers?: OutgoingHttpHeaders): Promise<Answer>;
}

export interface Options {
  readonly http?: Partial<HttpConfig>;
  readonly limits?: Partial<Limits>;
  readonly app?: FakeApp;
  /** In the place of what the app by hand has. */
  readonly parts?: Partial<App>;
}

/** Ready to answer, and stopped with the test. */
export async function serve({ http, limits, app = new FakeApp(), parts }: Options = {}): Promise<Serving> {
  const boot = {
    http: { ...HTTP, ...http },
    version: "1",
    queryMaxChars: 2_000,
    profileChoice: false,
    isReadOnly: false,
  };
  const nothing = () => undefined;
  const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };
  const isStoreUp = async () => true;
  const served = { ...(await app.open()), boot, log, isStoreUp, ...parts } as unknown as App;
  const server = await startHttp(served, { ...LIMITS, ...limits });
  onTestFinished(() => server.stop(AbortSignal.abort(), false));
  server.ready();
  const port = Number(/:(\d+)\/mcp$/.exec(server.address)?.[1]);
  const ask = (asked: Asked = {}) => askAt({ host: "127.0.0.1", port }, asked);
  return {
    app,
    server,
    port,
    url: server.address,
    ask,
    post: (message, headers = {}) =>
      ask({ method: "POST", headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(message) }),
  };
}

type Place = { readonly host: string; readonly port: number } | { readonly socketPath: string };

export async function askAt(place: Place, { method = "GET", path = "/mcp", headers, body }: Asked): Promise<Answer> {
  const request = nodeRequest({ ...place, method, path, headers, agent: false });
  request.end(body);
  const [response] = await once(request, "response");
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(parts).toString() };
}

/** What a server writes to raw bytes, until it closes. */
export async function raw(port: number, bytes: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  const parts: Buffer[] = [];
  socket.on("data", (part) => parts.push(part));
  socket.write(bytes);
  await once(socket, "close");
  return Buffer.concat(parts).toString();
}

/** Messages in an answer, whichever form it has. */
export function messagesIn({ headers, text }: Pick<Answer, "headers" | "text">): Json[] {
  if (headers["content-type"]?.startsWith("text/event-stream") !== true) return [JSON.parse(text)].flat();
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data as string));
}

/** The reason of a refusal. */
export function reasonIn({ text }: Answer): string {
  return JSON.parse(text).error.message;
}
