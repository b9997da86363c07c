/**
 * A server that answers what the adapter asks of a Qdrant, from memory: for tests of the way between them. Its answers
 * have the shape of a real server's (`recorded.test.ts` compares them); what the adapter does not ask, it does not know.
 */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { type Ask, type Operation, Refused, refuse, type Shape, StubCollection } from "./stub-collection.js";

const STUB_VERSION = "1.18.3";
/** A client that has left is known to have by then. */
const GONE_BY_MS = 30;

// biome-ignore lint/suspicious/noExplicitAny: bodies are the adapter's, each route knows its own
type Body = any;
interface Lie {
  readonly status: number;
  /** Whether the request is carried out all the same. */
  readonly done: boolean;
}

type Route = readonly [method: string, path: RegExp, answer: (name: string, body: Body, rest: string) => unknown];

export class Stub {
  readonly #server: Server;
  readonly #collections = new Map<string, StubCollection>();
  readonly #aliases = new Map<string, string>();
  readonly #snapshots = new Map<string, StubCollection>();
  readonly #routes: readonly Route[] = [
    ["GET", /^\/aliases$/, () => ({ aliases: this.#listAliases() })],
    ["GET", /^\/collections$/, () => ({ collections: [...this.#collections.keys()].map((name) => ({ name })) })],
    ["POST", /^\/collections\/aliases$/, (_name, { actions }) => this.#switch(actions)],
    ["GET", /^\/collections\/([^/]+)\/exists$/, (name) => ({ exists: this.#find(name) !== undefined })],
    ["GET", /^\/collections\/([^/]+)$/, (name) => describe(this.#get(name))],
    ["PUT", /^\/collections\/([^/]+)$/, (name, shape) => this.#create(name, shape)],
    ["DELETE", /^\/collections\/([^/]+)$/, (name) => this.#delete(name)],
    ["PUT", /^\/collections\/([^/]+)\/index$/, (name, body) => this.#index(name, body)],
    ["POST", /^\/collections\/([^/]+)\/points$/, (name, ask) => this.#get(name).read(ask)],
    ["POST", /^\/collections\/([^/]+)\/points\/batch$/, (name, body) => this.#write(name, body.operations)],
    ["POST", /^\/collections\/([^/]+)\/points\/scroll$/, (name, ask) => this.#get(name).scroll(ask)],
    ["POST", /^\/collections\/([^/]+)\/points\/count$/, (name, ask) => ({ count: this.#get(name).count(ask.filter) })],
    ["POST", /^\/collections\/([^/]+)\/points\/query\/batch$/, (name, body) => this.#query(name, body.searches)],
    ["POST", /^\/collections\/([^/]+)\/facet$/, (name, ask) => this.#get(name).facet(ask)],
    ["POST", /^\/collections\/([^/]+)\/snapshots$/, (name) => this.#snapshot(name)],
    ["PUT", /^\/collections\/([^/]+)\/snapshots\/recover$/, (name, body) => this.#recover(name, body.location)],
  ];
  #operations = 0;
  /** Says something else than the truth, or takes its time. */
  lie: ((method: string, path: string) => Lie | undefined | Promise<Lie | undefined>) | undefined;
  /** Says something else in the place of an answer. */
  twist: ((answer: unknown) => unknown) | undefined;
  #held: Promise<void> | undefined;

  private constructor() {
    this.#server = createServer(async (request, response) => {
      const hasBody = request.headers["content-type"] !== undefined;
      const body = hasBody ? await json(request).catch(() => undefined) : undefined;
      const [method, path] = [request.method ?? "", (request.url ?? "").split("?")[0] as string];
      await this.#held;
      const lie = await this.lie?.(method, path);
      if (response.destroyed) return;
      const [status, answer] = this.#answer(lie, method, path, body);
      response
        .writeHead(status, { "content-type": "application/json" })
        .end(JSON.stringify(this.twist?.(answer) ?? answer));
    });
  }

  /** @param port 0 for any */
  static async start(port = 0): Promise<Stub> {
    const stub = new Stub();
    stub.#server.listen(port, "127.0.0.1");
    await once(stub.#server, "listening");
    return stub;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  /** Requests are taken and wait, until what is returned is called; those whose client has left by then are nothing. */
  hold(): () => Promise<void> {
    let goOn = () => {};
    this.#held = new Promise((done) => {
      goOn = done;
    });
    return async () => {
      await sleep(GONE_BY_MS);
      this.#held = undefined;
      goOn();
    };
  }

  #answer(lie: Lie | undefined, method: string, path: string, body: Body): [status: number, answer: object] {
    if (lie !== undefined) {
      if (lie.done) this.#carryOut(method, path, body);
      return [lie.status, { status: { error: "Service internal error" }, time: 0.001 }];
    }
    return this.#carryOut(method, path, body);
  }

  #carryOut(method: string, path: string, body: Body): [status: number, answer: object] {
    if (path === "/") return [200, { title: "qdrant - vector search engine", version: STUB_VERSION }];
    try {
      for (const [verb, pattern, answer] of this.#routes) {
        const found = verb === method ? pattern.exec(path) : null;
        if (found === null) continue;
        const result = answer(decodeURIComponent(found[1] ?? ""), body, path);
        return [200, { result, status: "ok", time: 0.001 }];
      }
      return [404, {}];
    } catch (thrown) {
      if (!(thrown instanceof Refused)) throw thrown;
      return [thrown.status, { status: { error: thrown.message }, time: 0.001 }];
    }
  }

  #find(name: string): StubCollection | undefined {
    return this.#collections.get(this.#aliases.get(name) ?? name);
  }

  #get(name: string): StubCollection {
    return this.#find(name) ?? refuse(404, `Not found: Collection \`${name}\` doesn't exist!`);
  }

  #create(name: string, shape: Shape): boolean {
    if (this.#collections.has(name)) refuse(409, `Wrong input: Collection \`${name}\` already exists!`);
    this.#collections.set(name, new StubCollection(shape));
    return true;
  }

  #delete(name: string): boolean {
    for (const [alias, target] of this.#aliases) if (target === name) this.#aliases.delete(alias);
    return this.#collections.delete(name);
  }

  #index(name: string, { field_name, field_schema }: Body): object {
    this.#get(name).indexes.set(field_name, field_schema);
    return this.#done();
  }

  #write(name: string, operations: readonly Operation[]): object[] {
    this.#get(name).write(operations);
    return operations.map(() => this.#done());
  }

  #query(name: string, searches: readonly Ask[]): object[] {
    return searches.map((ask) => this.#get(name).query(ask));
  }

  /** One after the other, up to the first that is refused: what was done by then stays. */
  #switch(actions: readonly Body[]): boolean {
    for (const { create_alias: made, rename_alias: renamed, delete_alias: gone } of actions) {
      if (made !== undefined) {
        if (!this.#collections.has(made.collection_name))
          refuse(404, `Not found: Collection \`${made.collection_name}\` doesn't exist!`);
        if (this.#collections.has(made.alias_name))
          refuse(409, `Wrong input: Collection \`${made.alias_name}\` already exists!`);
        this.#aliases.set(made.alias_name, made.collection_name);
      }
      if (renamed !== undefined) {
        const { old_alias_name: old, new_alias_name: name } = renamed;
        const target = this.#aliases.get(old) ?? refuse(404, `Not found: Alias ${old} does not exists!`);
        this.#aliases.delete(old);
        this.#aliases.set(name, target);
      }
      if (gone !== undefined) this.#aliases.delete(gone.alias_name);
    }
    return true;
  }

  #listAliases(): object[] {
    return [...this.#aliases].map(([alias_name, collection_name]) => ({ alias_name, collection_name }));
  }

  #snapshot(name: string): object {
    const file = `${name}-${this.#snapshots.size}.snapshot`;
    this.#snapshots.set(file, this.#get(name).copy());
    return { name: file, creation_time: new Date().toISOString(), size: 1, checksum: "0".repeat(64) };
  }

  #recover(name: string, location: string): boolean {
    const file = decodeURIComponent(location.split("/").at(-1) as string);
    const kept = this.#snapshots.get(file) ?? refuse(400, `Wrong input: there is no ${file}`);
    this.#collections.set(name, kept.copy());
    return true;
  }

  #done(): object {
    return { operation_id: this.#operations++, status: "completed" };
  }
}

function describe({ size, shape, indexes }: StubCollection): object {
  const schema = [...indexes].map(([path, data_type]) => [path, { data_type, points: size }]);
  return { status: "green", points_count: size, payload_schema: Object.fromEntries(schema), config: { params: shape } };
}
