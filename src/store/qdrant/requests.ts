/** The requests we make, by name: paths, and what a collection's points look like on the wire. */
import { AppError } from "../../core/errors.js";
import type { Request, Transport } from "./transport.js";

export const DENSE = "dense";
export const SPARSE = "bm25";

/** https://api.qdrant.tech: a filter's clauses. */
export interface QdrantFilter {
  readonly must?: readonly object[];
  readonly should?: readonly object[];
}

export interface QdrantPoint<Payload = Record<string, unknown>> {
  readonly id: string;
  readonly payload?: Payload;
  readonly vector?: { readonly [DENSE]?: readonly number[]; readonly [SPARSE]?: SparseVector };
  /** null: the stored vector is not one that can be compared. */
  readonly score?: number | null;
}

export interface SparseVector {
  readonly indices: readonly number[];
  readonly values: readonly number[];
}

const PAGE = 1_000;

export class Requests {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The server's own. @throws AppError `config` for one that is too old */
  async version(signal?: AbortSignal): Promise<string> {
    const greeting = { operation: "probe", method: "GET", path: "/", bare: true } as const;
    const { version } = await this.#transport.call<{ version?: string }>(greeting, signal);
    checkVersion(version ?? "0");
    return version ?? "0";
  }

  get<T>(operation: string, path: string, signal?: AbortSignal): Promise<T> {
    return this.#transport.call<T>({ operation, method: "GET", path }, signal);
  }

  /** What may be sent twice: the second time it changes nothing. */
  put<T>(operation: string, path: string, body: object): Promise<T> {
    return this.#transport.call<T>({ operation, method: "PUT", path, body });
  }

  post<T>(operation: string, path: string, body: object, signal?: AbortSignal): Promise<T> {
    return this.#transport.call<T>({ operation, method: "POST", path, body }, signal);
  }

  /** On any node; on the first one when that has not heard of the collection yet. */
  async query<T>(collection: string, searches: readonly object[], signal?: AbortSignal): Promise<T> {
    const path = `${pathOf(collection)}/points/query/batch`;
    const request = { operation: "search", method: "POST", path, body: { searches } } as const;
    try {
      return await this.#transport.call<T>({ ...request, spread: true }, signal);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== "not_found") throw error;
      return await this.#transport.call<T>(request, signal);
    }
  }

  /** For what must not be sent twice: the caller looks for itself whether it was done. */
  once<T>(operation: string, method: Request["method"], path: string, body?: object): Promise<T> {
    return this.#transport.call<T>({ operation, method, path, retry: false, ...(body === undefined ? {} : { body }) });
  }

  /** Writes that may be sent twice; durable on return, in an order that replicas agree on. */
  async write(collection: string, operations: readonly object[], signal?: AbortSignal): Promise<void> {
    if (operations.length === 0) return;
    await this.post("write", `${pathOf(collection)}/points/batch?wait=true&ordering=medium`, { operations }, signal);
  }

  /** Every point that fits, in no useful order. */
  async *scroll<Payload>(
    collection: string,
    ask: { filter: QdrantFilter; with_payload: boolean | readonly string[]; with_vector?: readonly string[] },
  ): AsyncGenerator<QdrantPoint<Payload>, void, undefined> {
    let offset: string | null | undefined;
    do {
      const body = { ...ask, limit: PAGE, ...(offset == null ? {} : { offset }) };
      const page = await this.post<{ points: QdrantPoint<Payload>[]; next_page_offset: string | null }>(
        "scroll",
        `${pathOf(collection)}/points/scroll`,
        body,
      );
      yield* page.points;
      offset = page.next_page_offset;
    } while (offset != null);
  }

  async count(collection: string, filter: QdrantFilter): Promise<number> {
    const { count } = await this.post<{ count: number }>("count", `${pathOf(collection)}/points/count`, {
      filter,
      exact: true,
    });
    return count;
  }

  /** Alias → collection. */
  async aliases(): Promise<Map<string, string>> {
    const { aliases } = await this.get<{ aliases: { alias_name: string; collection_name: string }[] }>(
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
