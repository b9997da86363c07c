/**
 * What Qdrant has no place for on every version since 1.11: what a collection was made with, leases, jobs, snapshots'
 * origins, small records. Points without vectors in a collection of our own.
 */
import { createHash } from "node:crypto";
import { backgroundCall, type Call } from "../../core/call.js";
import { AppError, raceAbort } from "../../core/errors.js";
import { name as collectionName, fields, object, stored } from "../shapes.js";
import { OURS } from "./aliases.js";
import { absentAsUndefined } from "./errors.js";
import { match, pathOf, type Requests, UNUSED } from "./requests.js";

export const BOOK = `${OURS}book`;

/** What is kept under a name of one kind. */
interface Kept {
  readonly name: string;
  readonly entry: unknown;
}

const KEPT = fields<Kept>({ name: collectionName, entry: object });
const DESCRIPTION = fields({ payload_schema: object });

export class Book {
  readonly #requests: Requests;
  #ready: Promise<void> | undefined;

  constructor(requests: Requests) {
    this.#requests = requests;
  }

  async find(call: Call, kind: string, name: string): Promise<unknown> {
    await this.open(call);
    const [point] = await this.#requests.read(call, BOOK, [idOf(kind, name)], { operation: "book" });
    return point && stored(KEPT, point.payload, BOOK).entry;
  }

  /** @param at another name of the book, which a holder of a lease writes to */
  async put(call: Call, kind: string, { name, entry }: Kept, at = BOOK): Promise<void> {
    await this.open(call);
    const point = { id: idOf(kind, name), vector: {}, payload: { kind, name, entry } };
    await this.#requests.upsert(call, at, [JSON.stringify(point)]);
  }

  async remove(call: Call, kind: string, name: string): Promise<void> {
    await this.open(call);
    await this.#requests.remove(call, BOOK, { points: [idOf(kind, name)] });
  }

  async list(call: Call, kind: string): Promise<Kept[]> {
    await this.open(call);
    const found: Kept[] = [];
    const points = this.#requests.scroll(call, BOOK, { filter: { must: [match("kind", kind)] }, with_payload: true });
    for await (const { payload } of points) found.push(stored(KEPT, payload, BOOK));
    return found;
  }

  /** Made on first use, for whoever comes: one of them that leaves does not end it for the others. */
  open(call: Call): Promise<void> {
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
      .send(call, { operation: "book", method: "GET", path: pathOf(BOOK), result: DESCRIPTION })
      .catch(absentAsUndefined);
    if (there === undefined) await createIfAbsent(call, this.#requests, BOOK, { vectors: {} });
    // Not written when it is there: who only reads must be served by a server without disk, too.
    if (there?.payload_schema.kind !== undefined) return;
    await this.#requests.index(call, BOOK, { field_name: "kind", field_schema: "keyword" }, "book");
  }
}

/** `unknown`: it is there after a request that failed, by this call or by another one. */
export type Creation = "made" | "was there" | "unknown";

/** A creation that failed may have been done all the same: it is looked for. */
export async function createIfAbsent(call: Call, requests: Requests, name: string, shape: object): Promise<Creation> {
  try {
    const body = { ...requests.placement, ...shape };
    const path = pathOf(name);
    await requests.once(call, { operation: "create_collection", method: "PUT", path, body, ...UNUSED });
    return "made";
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === "conflict") return "was there";
    if (call.signal.aborted || (error.code !== "store_down" && error.code !== "timeout")) throw error;
    if (!(await requests.exists(call, name, "create_collection"))) throw error;
    return "unknown";
  }
}

function idOf(kind: string, name: string): string {
  const hex = createHash("sha256").update(`${kind}\0${name}`).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
