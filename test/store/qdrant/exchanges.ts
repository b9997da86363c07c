/** Requests and answers between the adapter and a server: taken on their way, sent again, and compared by shape. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly status: number;
  readonly answer: unknown;
}

/** Passes every request on to a server and keeps what was said. */
export async function recorderOf(target: string): Promise<{ url: string; heard: Exchange[]; close(): void }> {
  const heard: Exchange[] = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    const asked = {
      method: request.method ?? "",
      path: request.url ?? "",
      ...(body === "" ? {} : { body: JSON.parse(body) }),
    };
    const { status, answer } = await send(target, asked);
    heard.push({ ...asked, status, answer });
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard, close };
}

export async function send(
  target: string,
  { method, path, body }: Pick<Exchange, "method" | "path" | "body">,
): Promise<Pick<Exchange, "status" | "answer">> {
  const content =
    body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  const response = await fetch(target + path, { method, ...content });
  const said = await response.text();
  return { status: response.status, answer: said === "" ? {} : JSON.parse(said) };
}

/** `path: type` of every value in it; elements of a list count as one. */
export function shapeOf(value: unknown, path = ""): string[] {
  if (Array.isArray(value)) return [`${path}: list`, ...new Set(value.flatMap((each) => shapeOf(each, `${path}[]`)))];
  if (typeof value !== "object" || value === null) return [`${path}: ${value === null ? "null" : typeof value}`];
  return [`${path}: object`, ...Object.entries(value).flatMap(([key, each]) => shapeOf(each, `${path}.${key}`))];
}

/** What the first has and the second lacks. */
export function missingIn(part: unknown, whole: unknown): string[] {
  const there = new Set(shapeOf(whole));
  return shapeOf(part).filter((each) => !there.has(each));
}
