/** The very requests that the store sends, taken on their way to the server, so that a bare client can send the same. */
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { Pool } from "undici";

export interface Sent {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body: string;
}

export interface Capture {
  readonly url: string;
  /** What was sent since the last call. */
  take(): Sent[];
  close(): Promise<void>;
}

/** A server that passes everything on. */
export async function captureOf(target: string): Promise<Capture> {
  const bare = new Bare(target, 10);
  let sent: Sent[] = [];
  const server = createServer(async (request, response) => {
    const { method, url: path } = request as { method: Sent["method"]; url: string };
    const one = { method, path, body: await text(request) };
    sent.push(one);
    const answer = await bare.request(one);
    response.writeHead(answer.statusCode, { "content-type": "application/json" }).end(await answer.body.text());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = sent;
      sent = [];
      return taken;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await bare.close();
    },
  };
}

/** undici and nothing around it. */
export class Bare {
  readonly #pool: Pool;

  constructor(url: string, connections: number) {
    this.#pool = new Pool(url, { connections });
  }

  request({ method, path, body }: Sent) {
    const headers = { "content-type": "application/json", "accept-encoding": "identity" };
    return this.#pool.request({ method, path, headers, ...(body === "" ? {} : { body }) });
  }

  /** One after the other, as the store must; each answer is read and parsed. */
  async send(requests: readonly Sent[]): Promise<void> {
    for (const request of requests) {
      const { statusCode, body } = await this.request(request);
      const answer = await body.json();
      if (statusCode !== 200) throw new Error(`HTTP ${statusCode}: ${JSON.stringify(answer)}`);
    }
  }

  close(): Promise<void> {
    return this.#pool.destroy();
  }
}
