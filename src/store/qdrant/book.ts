/**
 * What Qdrant has no place for on every version since 1.11: what a collection was made with, leases, jobs, snapshots'
 * origins. Points without vectors in a collection of our own.
 */
import { createHash } from "node:crypto";
import { AppError, raceAbort } from "../../core/errors.js";
import { absentAsUndefined } from "./errors.js";
import { match, pathOf, type Requests } from "./requests.js";

/** Begins the name of every collection that is ours and no user's. */
export const OURS = "aura_retrieval_";
const BOOK = `${OURS}book`;

type Kind = "collection" | "lease" | "job" | "snapshot" | "conversion";

export class Book {
  readonly #requests: Requests;
  #ready: Promise<void> | undefined;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  async find<T>(kind: Kind, name: string, signal?: AbortSignal): Promise<T | undefined> {
    await raceAbort(this.#open(), signal);
    const [point] = await this.#requests.read<{ entry: T }>(BOOK, [idOf(kind, name)], { operation: "book", signal });
    return point?.payload?.entry;
  }

  async put<T extends object>(kind: Kind, name: string, entry: T): Promise<void> {
    await this.#open();
    const point = { id: idOf(kind, name), vector: {}, payload: { kind, name, entry } };
    await this.#requests.upsert(BOOK, [JSON.stringify(point)]);
  }

  async remove(kind: Kind, name: string): Promise<void> {
    await this.#open();
    await this.#requests.remove(BOOK, { points: [idOf(kind, name)] });
  }

  async list<T>(kind: Kind): Promise<{ name: string; entry: T }[]> {
    await this.#open();
    const found: { name: string; entry: T }[] = [];
    const points = this.#requests.scroll<{ name: string; entry: T }>(BOOK, {
      filter: { must: [match("kind", kind)] },
      with_payload: true,
    });
    for await (const { payload } of points) if (payload !== undefined) found.push(payload);
    return found;
  }

  /** Made on first use, by whoever comes first. */
  #open(): Promise<void> {
    this.#ready ??= this.#make().catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return this.#ready;
  }

  /** Every other request comes after one of the book's, so that the server's version is known to do. */
  async #make(): Promise<void> {
    await this.#requests.version();
    const there = await this.#requests
      .get<{ payload_schema: Readonly<Record<string, unknown>> }>("book", pathOf(BOOK))
      .catch(absentAsUndefined);
    if (there === undefined) await createIfAbsent(this.#requests, BOOK, { vectors: {} });
    // Not written when it is there: who only reads must be served by a server without disk, too.
    if (there?.payload_schema.kind !== undefined) return;
    const index = { field_name: "kind", field_schema: "keyword" };
    await this.#requests.put("book", `${pathOf(BOOK)}/index?wait=true`, index);
  }
}

/** `unknown`: it is there after a request that failed, by this call or by another one. */
export type Creation = "made" | "was there" | "unknown";

/** A creation that failed may have been done all the same: it is looked for. */
export async function createIfAbsent(requests: Requests, name: string, body: object): Promise<Creation> {
  try {
    await requests.once("create_collection", "PUT", pathOf(name), { ...requests.placement, ...body });
    return "made";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "conflict") return "was there";
    if (error.code !== "store_down" && error.code !== "timeout") throw error;
    const { exists } = await requests.get<{ exists: boolean }>("create_collection", `${pathOf(name)}/exists`);
    if (!exists) throw error;
    return "unknown";
  }
}

function idOf(kind: Kind, name: string): string {
  const hex = createHash("sha256").update(`${kind}\0${name}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
