/** A TCP proxy in front of a server, that fails in each way a network, a host or another proxy can. */
import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

/** What happens to a connection's bytes. The default lets them pass. */
export type Fault =
  | { readonly kind: "none" }
  /** Nothing listens; what was connected is reset. */
  | { readonly kind: "refuse" }
  /** The answer begins, then the connection is reset. */
  | { readonly kind: "reset" }
  /** Requests are taken, and nothing comes back. */
  | { readonly kind: "silent" }
  /** The answer comes so much later. */
  | { readonly kind: "delay"; readonly ms: number }
  /** The answer comes byte by byte. */
  | { readonly kind: "drip"; readonly everyMs: number }
  /** The peer of what is connected now is gone without a word; who connects anew finds a server. */
  | { readonly kind: "half-open" }
  /** Something else answers in the server's place. */
  | { readonly kind: "answer"; readonly answer: Answer };

interface Answer {
  readonly status: number;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Of an answer that is reset, the bytes that arrive: a part of its head. */
const BEFORE_RESET = 20;

export class FaultyProxy {
  readonly #target: number;
  readonly #server: Server = createServer((socket) => this.#serve(socket));
  readonly #other: HttpServer;
  /** Client → the connections made for it; a dead one is never heard of again. */
  readonly #clients = new Map<Socket, { dead: boolean; upstreams: Map<number, Socket> }>();
  #fault: Fault = { kind: "none" };
  /** Of the last fault that has one: a request that it met may be read when it is over. */
  #lastAnswer: Answer = { status: 503, body: "" };
  #port = 0;

  private constructor(target: string) {
    this.#target = Number(new URL(target).port);
    this.#other = createHttpServer((request, response) => {
      request.resume();
      const { status, type = "application/json", headers, body } = this.#lastAnswer;
      response.writeHead(status, { "content-type": type, ...headers }).end(body);
    });
  }

  /** @param target of a server on this machine */
  static async start(target: string): Promise<FaultyProxy> {
    const proxy = new FaultyProxy(target);
    proxy.#other.listen(0, "127.0.0.1");
    await once(proxy.#other, "listening");
    await proxy.#listen();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Connections that a client holds open. */
  get connections(): number {
    return this.#clients.size;
  }

  async fail(fault: Fault): Promise<void> {
    const refused = this.#fault.kind === "refuse";
    this.#fault = fault;
    if (fault.kind === "answer") this.#lastAnswer = fault.answer;
    if (refused && fault.kind !== "refuse") await this.#listen();
    if (fault.kind === "half-open") for (const client of this.#clients.values()) client.dead = true;
    if (fault.kind === "refuse" && !refused) await this.#stop();
  }

  async close(): Promise<void> {
    if (this.#server.listening) await this.#stop();
    this.#other.closeAllConnections();
    await new Promise((done) => this.#other.close(done));
  }

  async #listen(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async #stop(): Promise<void> {
    const stopped = new Promise((done) => this.#server.close(done));
    for (const [socket, { upstreams }] of this.#clients) {
      for (const upstream of upstreams.values()) upstream.destroy();
      socket.resetAndDestroy();
    }
    await stopped;
  }

  #serve(socket: Socket): void {
    const client = { dead: false, upstreams: new Map<number, Socket>() };
    this.#clients.set(socket, client);
    const upstreamTo = (port: number): Socket => {
      const open = client.upstreams.get(port);
      if (open !== undefined) return open;
      const upstream = connect(port, "127.0.0.1");
      client.upstreams.set(port, upstream);
      upstream.on("data", (bytes) => void this.#answer(socket, client, bytes));
      upstream.on("error", () => undefined);
      upstream.on("close", () => {
        client.upstreams.delete(port);
        if (!client.dead) socket.destroy();
      });
      return upstream;
    };
    socket.on("data", (bytes) => {
      // What was lost once stays lost: the connection never works again.
      if (this.#fault.kind === "silent") client.dead = true;
      if (client.dead) return;
      const isOther = this.#fault.kind === "answer";
      upstreamTo(isOther ? (this.#other.address() as AddressInfo).port : this.#target).write(bytes);
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#clients.delete(socket);
      for (const upstream of client.upstreams.values()) upstream.destroy();
    });
  }

  async #answer(socket: Socket, client: { readonly dead: boolean }, bytes: Buffer): Promise<void> {
    const fault = this.#fault;
    if (client.dead) return;
    if (fault.kind === "reset") {
      socket.write(bytes.subarray(0, BEFORE_RESET), () => socket.resetAndDestroy());
      return;
    }
    if (fault.kind === "delay") await sleep(fault.ms, undefined, { ref: false });
    if (fault.kind !== "drip") {
      if (socket.writable) socket.write(bytes);
      return;
    }
    for (const byte of bytes) {
      if (!socket.writable) return;
      socket.write(Buffer.of(byte));
      await sleep(fault.everyMs, undefined, { ref: false });
    }
  }
}
