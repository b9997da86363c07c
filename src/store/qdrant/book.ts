/**
 * What Qdrant has no place for on every version since 1.11: what a collection was made with, leases, jobs, snapshots'
 * origins. Points without vectors in a collection of our own.
 */
import { createHash } from "node:crypto";
import { backgroundCall, type Call } from "../../core/call.js";
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

  async find<T>(call: Call, kind: Kind, name: string): Promise<T | undefined> {
    await this.#open(call);
    const [point] = await this.#requests.read<{ entry: T }>(call, BOOK, [idOf(kind, name)], { operation: "book" });
    return point?.payload?.entry;
  }

  async put<T extends object>(call: Call, kind: Kind, name: string, entry: T): Promise<void> {
    await this.#open(call);
    const point = { id: idOf(kind, name), vector: {}, payload: { kind, name, entry } };
    await this.#requests.upsert(call, BOOK, [JSON.stringify(point)]);
  }

  async remove(call: Call, kind: Kind, name: string): Promise<void> {
    await this.#open(call);
    await this.#requests.remove(call, BOOK, { points: [idOf(kind, name)] });
  }

  async list<T>(call: Call, kind: Kind): Promise<{ name: string; entry: T }[]> {
    await this.#open(call);
    const found: { name: string; entry: T }[] = [];
    const points = this.#requests.scroll<{ name: string; entry: T }>(call, BOOK, {
      filter: { must: [match("kind", kind)] },
      with_payload: true,
    });
    for await (const { payload } of points) if (payload !== undefined) found.push(payload);
    return found;
  }

  /** Made on first use, for whoever comes: one of them that leaves does not end it for the others. */
  #open(call: Call): Promise<void> {
    this.#ready ??= this.#make(backgroundCall("the book is made for every call")).catch((error: unknown) => {
      this.#ready = undefined;
      throw error;
    });
    return raceAbort(this.#ready, call.signal);
  }

  /** Every other request comes after one of the book's, so that the server's version is known to do. */
  async #make(call: Call): Promise<void> {
    await this.#requests.version(call);
    const there = await this.#requests
      .get<{ payload_schema: Readonly<Record<string, unknown>> }>(call, "book", pathOf(BOOK))
      .catch(absentAsUndefined);
    if (there === undefined) await createIfAbsent(call, this.#requests, BOOK, { vectors: {} });
    // Not written when it is there: who only reads must be served by a server without disk, too.
    if (there?.payload_schema.kind !== undefined) return;
    const index = { field_name: "kind", field_schema: "keyword" };
    await this.#requests.put(call, "book", `${pathOf(BOOK)}/index?wait=true`, index);
  }
}

/** `unknown`: it is there after a request that failed, by this call or by another one. */
export type Creation = "made" | "was there" | "unknown";

/** A creation that failed may have been done all the same: it is looked for. */
export async function createIfAbsent(call: Call, requests: Requests, name: string, shape: object): Promise<Creation> {
  try {
    const body = { ...requests.placement, ...shape };
    await requests.once(call, { operation: "create_collection", method: "PUT", path: pathOf(name), body });
    return "made";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "conflict") return "was there";
    if (call.signal.aborted || (error.code !== "store_down" && error.code !== "timeout")) throw error;
    const { exists } = await requests.get<{ exists: boolean }>(call, "create_collection", `${pathOf(name)}/exists`);
    if (!exists) throw error;
    return "unknown";
  }
}

function idOf(kind: Kind, name: string): string {
  const hex = createHash("sha256").update(`${kind}\0${name}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
