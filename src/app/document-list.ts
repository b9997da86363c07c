/** A list of documents, a page at a time. */
import { createHash } from "node:crypto";
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { VectorStore } from "../core/ports.js";
import type { SourceInfo } from "../core/types.js";
import { findSource } from "../versions/sources.js";
import { asSeen } from "../versions/visible.js";
import { open } from "./opened.js";

/** Requests to the store for one page: sources may be empty, and names may have to be looked through. */
const MOST_REQUESTS = 100;

export interface ListAsked {
  /** A source's name, id or location; absent: all. */
  readonly source?: string | undefined;
  /** What the document's path below its source begins with. */
  readonly prefix?: string | undefined;
  /** Of an earlier page of the same list. */
  readonly cursor?: string | undefined;
  readonly limit: number;
}

export interface ListedDocument {
  readonly from: SourceInfo;
  /** Its path below the source. */
  readonly document: string;
  readonly title?: string | undefined;
}

export interface DocumentList {
  /** Alias of the collection. */
  readonly collection: string;
  readonly documents: readonly ListedDocument[];
  /** Of the whole collection. */
  readonly total: number;
  /** Goes on from the document of this index, or behind the last one where it is their number; undefined: nowhere. */
  cursorFrom(index: number): string | undefined;
}

/** A source, and a place in its documents; absent: their beginning. */
interface Place {
  readonly source: string;
  readonly from?: string | undefined;
}

/** @throws AppError `not_found`, naming the sources there are; `bad_request` for a cursor of another list */
export async function listDocuments(
  call: Call,
  store: VectorStore,
  pass: CollectionPass,
  asked: ListAsked,
): Promise<DocumentList> {
  const { collection: whole, ...visible } = await open(call, store, pass);
  const { sources, has } = visible;
  const collection = await asSeen(call, store, whole, visible);
  const { source, prefix, cursor, limit } = asked;
  const listed = source === undefined ? sources : [findSource(sources, source)];
  const cursors = new Cursors(collection.name, [source ?? null, prefix ?? ""]);
  const start = cursor === undefined ? undefined : cursors.read(cursor);
  const first = start === undefined ? 0 : listed.findIndex(({ id }) => id === start.source);
  if (first === -1) throw outdated();
  const documents: ListedDocument[] = [];
  const places: Place[] = [];
  const answer = (next?: Place): DocumentList => ({
    collection: collection.alias,
    documents,
    total: collection.documents,
    cursorFrom(index) {
      const place = places[index] ?? next;
      return place && cursors.write(place);
    },
  });
  let requests = 0;
  for (const from of listed.slice(first)) {
    let place: Place | undefined = from.id === start?.source ? start : { source: from.id };
    while (place !== undefined) {
      if (documents.length === limit || requests === MOST_REQUESTS) return answer(place);
      requests++;
      const room = limit - documents.length;
      const page = await store.documentPage(call, collection.name, { ...place, prefix, limit: room });
      for (const { document, title, place: at } of page.documents) {
        if (!has({ source: from.id, document })) continue;
        documents.push({ from, document, title });
        places.push({ source: from.id, from: at });
      }
      place = page.next === undefined ? undefined : { source: from.id, from: page.next };
    }
  }
  return answer();
}

/** They are bound to the version that was listed and to what was asked: of another list they are refused. */
class Cursors {
  readonly #list: string;

  constructor(version: string, question: readonly unknown[]) {
    this.#list = createHash("sha256")
      .update(JSON.stringify([version, question]))
      .digest("base64url")
      .slice(0, 16);
  }

  write({ source, from }: Place): string {
    return Buffer.from(JSON.stringify([this.#list, source, from])).toString("base64url");
  }

  read(cursor: string): Place {
    const [list, source, from] = parsed(cursor);
    if (typeof source !== "string" || (from != null && typeof from !== "string")) throw outdated();
    if (list !== this.#list || /\0/.test(source + (from ?? ""))) throw outdated();
    return { source, from: from ?? undefined };
  }
}

function parsed(cursor: string): readonly unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function outdated(): AppError {
  return new AppError(
    "bad_request",
    "The cursor is of another list: another collection, source or prefix, or a version that no longer serves.",
    { remedy: "Send it with the same collection, source and prefix, or list from the start, without a cursor." },
  );
}
