/** A local server that speaks the Hub's download routes, and misbehaves when told to. */
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export const COMMIT = "c".repeat(40);

export interface Fault {
  /** Ends the connection after this many bytes of a longer body, this many times, once the other side has them. */
  cutAfter?: { bytes: number; times: number; arrived: () => boolean };
  /** Answers the first requests for a file with this status. */
  status?: { code: number; times: number };
  /** Sends a part, then nothing. */
  stall?: boolean;
  /** Sends a byte now and then: never silent, and never done. */
  drip?: boolean;
  ignoreRange?: boolean;
  /** The file itself lies on this host. */
  redirectTo?: string;
  redirectLoop?: boolean;
  /** Sends other bytes than it announced. */
  corrupt?: boolean;
  tooLong?: boolean;
  /** Sizes to claim, by the end of a file's name. */
  announce?: Readonly<Record<string, number | string>>;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

export class FakeHub {
  readonly requests: Seen[] = [];
  fault: Fault = {};
  readonly #server: Server;

  private constructor(readonly files: Readonly<Record<string, Buffer>>) {
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(files: Readonly<Record<string, Buffer>>): Promise<FakeHub> {
    const hub = new FakeHub(files);
    hub.#server.listen(0, "127.0.0.1");
    await once(hub.#server, "listening");
    return hub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  gets(): Seen[] {
    return this.requests.filter(({ method }) => method === "GET");
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { method = "", url: path = "", headers } = request;
    this.requests.push({ method, path, range: headers.range, authorization: headers.authorization });
    const content = Object.entries(this.files).find(([file]) => path.endsWith(`/${file}`))?.[1];
    const { fault } = this;
    if (fault.status !== undefined && fault.status.times-- > 0) return void response.writeHead(fault.status.code).end();
    if (content === undefined) return void response.writeHead(404).end();
    const sha256 = createHash("sha256").update(content).digest("hex");
    response.setHeader("x-repo-commit", COMMIT).setHeader("x-linked-etag", `"${sha256}"`);
    const claimed = Object.entries(fault.announce ?? {}).find(([file]) => path.endsWith(file))?.[1];
    response.setHeader("x-linked-size", claimed ?? content.length);
    if (method === "HEAD") return void response.writeHead(302, { location: "/elsewhere" }).end();
    if (fault.redirectLoop) return void response.writeHead(302, { location: path }).end();
    if (fault.redirectTo !== undefined)
      return void response.writeHead(302, { location: fault.redirectTo + path }).end();
    this.#send(fault.corrupt ? Buffer.alloc(content.length, 7) : content, headers.range, response);
  }

  #send(content: Buffer, range: string | undefined, response: ServerResponse): void {
    const { fault } = this;
    const from = fault.ignoreRange ? 0 : Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    const body = fault.tooLong ? Buffer.concat([content, content]) : content.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { "content-length": body.length });
    if (fault.drip) {
      const next = setInterval(() => response.write("x"), 20);
      return void response.on("close", () => clearInterval(next));
    }
    if (fault.stall) return void response.write(body.subarray(0, 10));
    const { cutAfter } = fault;
    if (cutAfter !== undefined && body.length > cutAfter.bytes && cutAfter.times-- > 0) {
      response.write(body.subarray(0, cutAfter.bytes));
      const cut = setInterval(() => {
        if (!cutAfter.arrived()) return;
        clearInterval(cut);
        response.destroy();
      }, 5);
      return;
    }
    response.end(body);
  }
}
