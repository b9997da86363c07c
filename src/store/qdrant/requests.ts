/** The requests we make, by name: paths, and what a collection's points look like on the wire. */
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import { sanitizeLine } from "../../core/sanitize.js";
import { TooLongError } from "../../http/body.js";
import {
  anything,
  fields,
  flag,
  listOf,
  name,
  number,
  object,
  optional,
  orNull,
  pointId,
  ShapeError,
} from "../shapes.js";
import { whileWanted } from "../with-call.js";
import { isTooLarge } from "./errors.js";
import type { Json } from "./json.js";
import type { Request, Transport } from "./transport.js";
import { checkVersion } from "./version.js";

export const DENSE = "dense";
export const SPARSE = "bm25";

/** https://api.qdrant.tech: a filter's clauses. */
export interface QdrantFilter {
  readonly must?: readonly object[];
  readonly should?: readonly object[];
}

/** Ours are UUIDs; others may have numbers. */
export type PointId = string | number;

/** Names of the vectors to bring; true: all, or the only one. */
export type WithVector = boolean | readonly string[];

/** Fields to bring; true: all. */
export type WithPayload = boolean | readonly string[] | { readonly exclude: readonly string[] };

interface ReadOptions {
  readonly vectors?: WithVector;
  readonly payload?: WithPayload;
  readonly operation?: "read" | "book";
}

export interface ScrollAsk {
  readonly filter: QdrantFilter;
  readonly with_payload: WithPayload;
  readonly with_vector?: WithVector;
}

/** A request with a body that is an object. */
interface Ask<T> extends Pick<Request<T>, "operation" | "method" | "path" | "result"> {
  readonly body?: object;
}

/** Whoever uses payload or vectors checks them: they are what was written. */
export interface QdrantPoint {
  readonly id: PointId;
  readonly payload?: Readonly<Record<string, unknown>> | null | undefined;
  /** By name; the numbers themselves where a collection has one unnamed vector. */
  readonly vector?: unknown;
  /** null: the stored vector is not one that can be compared. */
  readonly score?: number | null | undefined;
}

/** How a cluster keeps what is written, and whom a read asks. */
export interface ClusterOptions {
  /** Of every collection that is made; absent: the server's defaults. */
  readonly shards?: number | undefined;
  readonly replicas?: number | undefined;
  /** Replicas that must have a write before it counts as done. */
  readonly writeConsistency?: number | undefined;
  /** Of writes from several sides. Weak ordering lets replicas diverge. */
  readonly ordering: "weak" | "medium" | "strong";
  /** Replicas that a read asks and compares; absent: one. */
  readonly readConsistency?: number | "majority" | "quorum" | "all" | undefined;
}

/** Where only the status of the answer counts. */
export const UNUSED: Pick<Request<unknown>, "result"> = { result: anything };
const POINTS = listOf(
  fields<QdrantPoint>({ id: pointId, payload: orNull(object), vector: anything, score: orNull(number) }),
);
const FOUND = listOf(fields({ points: POINTS }));
const PAGE_OF_POINTS = fields({ points: POINTS, next_page_offset: orNull(pointId) });
const COUNT = fields({ count: number });
const EXISTS = fields({ exists: flag });
const GREETING = fields({ version: optional(name) });

const PAGE = 1_000;
const MOST_VERSION_CHARS = 40;

export class Requests {
  readonly #transport: Transport;
  readonly #cluster: ClusterOptions;
  /** Behind the path of everything that reads points. */
  readonly #reading: string;

  constructor(transport: Transport, cluster: ClusterOptions) {
    this.#transport = transport;
    this.#cluster = cluster;
    this.#reading = cluster.readConsistency === undefined ? "" : `?consistency=${cluster.readConsistency}`;
  }

  /** What a collection is made with besides its vectors. */
  get placement(): object {
    const { shards, replicas, writeConsistency } = this.#cluster;
    return {
      shard_number: shards,
      replication_factor: replicas,
      write_consistency_factor: writeConsistency,
    };
  }

  /** The server's own. @throws AppError `config` for one that is too old */
  async version({ signal }: Call): Promise<string> {
    const greeting = { operation: "probe", method: "GET", path: "/", bare: true, result: GREETING } as const;
    const greeted = await this.#transport.call(greeting, signal);
    const version = sanitizeLine(greeted.version ?? "0", MOST_VERSION_CHARS);
    checkVersion(version);
    return version;
  }

  /** What may be sent twice: the second time it changes nothing. */
  send<T>({ signal }: Call, { body, ...request }: Ask<T>): Promise<T> {
    return this.#transport.call({ ...request, body: body && JSON.stringify(body) }, signal);
  }

  /** For what must not be sent twice: the caller looks for itself whether it was done. */
  once<T>({ signal }: Call, { body, ...request }: Ask<T>): Promise<T> {
    return this.#transport.call({ ...request, retry: false, body: body && JSON.stringify(body) }, signal);
  }

  /** On any node; on the first one when that has not heard of the collection yet. */
  async query(
    { signal }: Call,
    collection: string,
    searches: readonly Json[],
    { goesOn }: { readonly goesOn: boolean },
  ): Promise<(readonly QdrantPoint[])[]> {
    const path = `${pathOf(collection)}/points/query/batch${this.#reading}`;
    const body = `{"searches":[${searches.join()}]}`;
    const result = (value: unknown, field: string) => {
      const found = FOUND(value, field);
      if (found.length !== searches.length) throw new ShapeError(`\`${field}\` has not one answer for each search`);
      return found.map(({ points }) => points);
    };
    const request = { operation: "search", method: "POST", path, body, goesOn, result } as const;
    try {
      return await this.#transport.call({ ...request, spread: true }, signal);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "not_found") throw error;
      return await this.#transport.call(request, signal);
    }
  }

  /** New points, or others of the same ids. */
  async upsert(call: Call, collection: string, points: readonly Json[]): Promise<void> {
    await this.#write(call, collection, `{"upsert":{"points":[${points.join()}]}}`);
  }

  /** @param which never a filter without clauses, which would fit everything */
  async remove(
    call: Call,
    collection: string,
    which: { readonly filter: QdrantFilter } | { readonly points: readonly PointId[] },
  ): Promise<void> {
    await this.#write(call, collection, JSON.stringify({ delete: which }));
  }

  /** Of documents by their first points: their next version is written whatever it is. */
  async forgetHash(call: Call, collection: string, points: readonly PointId[]): Promise<void> {
    await this.#write(call, collection, JSON.stringify({ set_payload: { payload: { hash: "" }, points } }));
  }

  /** May be sent twice; durable on return, in an order that replicas agree on. */
  async #write(call: Call, collection: string, operation: Json): Promise<void> {
    const path = `${pathOf(collection)}/points/batch?wait=true&ordering=${this.#cluster.ordering}`;
    const body = `{"operations":[${operation}]}`;
    await this.#transport.call({ operation: "write", method: "POST", path, body, ...UNUSED }, call.signal);
  }

  /** The points of these ids, in no promised order; ids that are gone are left out. */
  async read(
    call: Call,
    collection: string,
    ids: readonly PointId[],
    { vectors = false, payload = true, operation = "read" }: ReadOptions = {},
  ): Promise<readonly QdrantPoint[]> {
    const body = { ids, with_payload: payload, with_vector: vectors };
    const path = `${pathOf(collection)}/points${this.#reading}`;
    try {
      return await this.send(call, { operation, method: "POST", path, body, result: POINTS });
    } catch (error) {
      if (ids.length === 1 || !isTooLong(error)) throw error;
      // Points may be of any size: fewer of them are asked for.
      const options = { vectors, payload, operation };
      const half = Math.ceil(ids.length / 2);
      const first = await this.read(call, collection, ids.slice(0, half), options);
      return [...first, ...(await this.read(call, collection, ids.slice(half), options))];
    }
  }

  /** Points that fit, by their ids, from one on; of large ones no more than `limit` then says. */
  async page(
    call: Call,
    collection: string,
    ask: ScrollAsk & { readonly limit: number; readonly offset?: PointId | undefined; readonly order_by?: object },
  ): Promise<ReturnType<typeof PAGE_OF_POINTS> & { readonly limit: number }> {
    const path = `${pathOf(collection)}/points/scroll${this.#reading}`;
    const { limit } = ask;
    try {
      const page = { operation: "scroll", method: "POST", path, body: ask, result: PAGE_OF_POINTS } as const;
      return { ...(await this.send(call, page)), limit };
    } catch (error) {
      if (limit === 1 || !(isTooLong(error) || isTooLarge(error))) throw error;
      return this.page(call, collection, { ...ask, limit: Math.ceil(limit / 10) });
    }
  }

  /** Every point that fits, in no useful order. */
  async *scroll(call: Call, collection: string, ask: ScrollAsk): AsyncGenerator<QdrantPoint, void, undefined> {
    let limit = PAGE;
    let offset: PointId | undefined;
    for (;;) {
      const page = await this.page(call, collection, { ...ask, limit, offset });
      const { points, next_page_offset: next } = page;
      limit = page.limit;
      yield* whileWanted(call, points);
      if (next == null) return;
      if (next === offset || points.length === 0) throw endless(collection);
      offset = next;
    }
  }

  /** @param exact false: estimated, at the same cost for any number */
  async count(call: Call, collection: string, filter: QdrantFilter, exact = true): Promise<number> {
    const path = `${pathOf(collection)}/points/count${this.#reading}`;
    const body = { filter, exact };
    return (await this.send(call, { operation: "count", method: "POST", path, body, result: COUNT })).count;
  }

  /** On a payload field; made a second time it changes nothing. */
  async index(
    call: Call,
    collection: string,
    field: { readonly field_name: string; readonly field_schema: unknown },
    operation: "index" | "book" = "index",
  ): Promise<void> {
    // It is made in order with what is written after it; waiting for it would hold up every first write.
    const path = `${pathOf(collection)}/index?wait=false`;
    await this.send(call, { operation, method: "PUT", path, body: field, ...UNUSED });
  }

  /** A collection or an alias of that name. */
  async exists(
    call: Call,
    collection: string,
    operation: "describe" | "create_collection" = "describe",
  ): Promise<boolean> {
    const path = `${pathOf(collection)}/exists`;
    return (await this.send(call, { operation, method: "GET", path, result: EXISTS })).exists;
  }
}

export function pathOf(collection: string): string {
  return `/collections/${encodeURIComponent(collection)}`;
}

export function match(key: string, value: string | number): object {
  return { key, match: { value } };
}

function isTooLong(error: unknown): boolean {
  return error instanceof AppError && error.cause instanceof TooLongError;
}

export function endless(collection: string): AppError {
  return new AppError("store_down", `The Qdrant's pages of "${collection}" come to no end.`, {
    remedy: "Check QDRANT_URL, and the Qdrant's own log.",
  });
}
