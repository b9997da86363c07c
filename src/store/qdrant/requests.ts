/** The requests we make, by name: paths, and what a collection's points look like on the wire. */
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import { whileWanted } from "../with-call.js";
import type { Json } from "./json.js";
import type { Request, Transport } from "./transport.js";

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

/** What is sent once. */
interface Once extends Pick<Request, "operation" | "method" | "path"> {
  readonly body?: object;
}

export interface QdrantPoint<Payload = Record<string, unknown>> {
  readonly id: PointId;
  readonly payload?: Payload;
  /** By name; the numbers themselves where a collection has one unnamed vector. */
  readonly vector?: { readonly [DENSE]?: readonly number[]; readonly [SPARSE]?: SparseVector } | readonly number[];
  /** null: the stored vector is not one that can be compared. */
  readonly score?: number | null;
}

export interface SparseVector {
  readonly indices: readonly number[];
  readonly values: readonly number[];
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

const PAGE = 1_000;

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
    const greeting = { operation: "probe", method: "GET", path: "/", bare: true } as const;
    const { version } = await this.#transport.call<{ version?: string }>(greeting, signal);
    checkVersion(version ?? "0");
    return version ?? "0";
  }

  get<T>(call: Call, operation: string, path: string): Promise<T> {
    return this.#transport.call<T>({ operation, method: "GET", path }, call.signal);
  }

  /** What may be sent twice: the second time it changes nothing. */
  put<T>(call: Call, operation: string, path: string, body: object): Promise<T> {
    return this.#transport.call<T>({ operation, method: "PUT", path, body: JSON.stringify(body) }, call.signal);
  }

  post<T>(call: Call, operation: string, path: string, body: object): Promise<T> {
    return this.#transport.call<T>({ operation, method: "POST", path, body: JSON.stringify(body) }, call.signal);
  }

  /** On any node; on the first one when that has not heard of the collection yet. */
  async query<T>(
    { signal }: Call,
    collection: string,
    searches: readonly Json[],
    { goesOn }: { readonly goesOn: boolean },
  ): Promise<T> {
    const path = `${pathOf(collection)}/points/query/batch${this.#reading}`;
    const body = `{"searches":[${searches.join()}]}`;
    const request = { operation: "search", method: "POST", path, body, goesOn } as const;
    try {
      return await this.#transport.call<T>({ ...request, spread: true }, signal);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "not_found") throw error;
      return await this.#transport.call<T>(request, signal);
    }
  }

  /** For what must not be sent twice: the caller looks for itself whether it was done. */
  once<T>(call: Call, { body, ...request }: Once): Promise<T> {
    const sent = { ...request, retry: false, body: body && JSON.stringify(body) } as const;
    return this.#transport.call<T>(sent, call.signal);
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

  /** May be sent twice; durable on return, in an order that replicas agree on. */
  async #write(call: Call, collection: string, operation: Json): Promise<void> {
    const path = `${pathOf(collection)}/points/batch?wait=true&ordering=${this.#cluster.ordering}`;
    const body = `{"operations":[${operation}]}`;
    await this.#transport.call({ operation: "write", method: "POST", path, body }, call.signal);
  }

  /** The points of these ids, in no promised order; ids that are gone are left out. */
  read<Payload = Record<string, unknown>>(
    call: Call,
    collection: string,
    ids: readonly PointId[],
    { vectors = false, payload = true, operation = "read" }: ReadOptions = {},
  ): Promise<QdrantPoint<Payload>[]> {
    const body = { ids, with_payload: payload, with_vector: vectors };
    return this.post(call, operation, `${pathOf(collection)}/points${this.#reading}`, body);
  }

  /** Every point that fits, in no useful order. */
  async *scroll<Payload = Record<string, unknown>>(
    call: Call,
    collection: string,
    ask: { filter: QdrantFilter; with_payload: WithPayload; with_vector?: WithVector },
  ): AsyncGenerator<QdrantPoint<Payload>, void, undefined> {
    let offset: PointId | null | undefined;
    do {
      const body = { ...ask, limit: PAGE, offset: offset ?? undefined };
      const page = await this.post<{ points: QdrantPoint<Payload>[]; next_page_offset: PointId | null }>(
        call,
        "scroll",
        `${pathOf(collection)}/points/scroll${this.#reading}`,
        body,
      );
      yield* whileWanted(call, page.points);
      offset = page.next_page_offset;
    } while (offset != null);
  }

  async count(call: Call, collection: string, filter: QdrantFilter): Promise<number> {
    const path = `${pathOf(collection)}/points/count${this.#reading}`;
    return (await this.post<{ count: number }>(call, "count", path, { filter, exact: true })).count;
  }

  /** Alias → collection. */
  async aliases(call: Call): Promise<Map<string, string>> {
    const { aliases } = await this.get<{ aliases: { alias_name: string; collection_name: string }[] }>(
      call,
      "aliases",
      "/aliases",
    );
    return new Map(aliases.map(({ alias_name, collection_name }) => [alias_name, collection_name]));
  }
}

export function pathOf(collection: string): string {
  return `/collections/${encodeURIComponent(collection)}`;
}

export function match(key: string, value: string | number): object {
  return { key, match: { value } };
}

/** @throws AppError `config` for a server that lacks what is asked of it */
function checkVersion(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 1 || (major === 1 && minor >= 11)) return;
  throw new AppError(
    "config",
    `The Qdrant is version ${version}; 1.11 is the least: older ones lack the query endpoint.`,
    {
      remedy: "Upgrade the Qdrant, one minor version at a time.",
    },
  );
}
