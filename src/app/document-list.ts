/** A list of documents, a page at a time. */
import { createHash } from "node:crypto";
import type { CollectionPass } from "../core/access.js";
import type { Call } from "../core/call.js";
import { AppError } from "../core/errors.js";
import type { VectorStore } from "../core/ports.js";
import type { FieldInfo, Scope, SourceInfo } from "../core/types.js";
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
  /** Metadata of its documents, with the first page. */
  readonly fields?: readonly FieldInfo[] | undefined;
  /** Goes on from the document of this index, or behind the last one where it is their number; undefined: nowhere. */
  cursorFrom(index: number): string | undefined;
}

/** A source, what the listed paths below it begin with, and a place in them; absent: their beginning. */
interface Place {
  readonly source: string;
  readonly prefix: string;
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
  const { sources, scope, has } = visible;
  const collection = await asSeen(call, store, whole, visible);
  const { source, prefix, cursor, limit } = asked;
  const listed = source === undefined ? sources : [findSource(sources, source)];
  const cursors = new Cursors(collection.name, [source ?? null, prefix ?? ""]);
  const start = cursor === undefined ? undefined : cursors.read(cursor);
  const parts = listed.flatMap((from) => beginnings(from.id, scope, prefix).map((each) => ({ from, prefix: each })));
  const isStart = (part: (typeof parts)[number]) => part.from.id === start?.source && part.prefix === start.prefix;
  const first = start === undefined ? 0 : parts.findIndex(isStart);
  if (first === -1) throw outdated();
  const fields = cursor === undefined ? await store.fields(call, collection.name, scope) : undefined;
  const documents: ListedDocument[] = [];
  const places: Place[] = [];
  const answer = (next?: Place): DocumentList => ({
    collection: collection.alias,
    documents,
    total: collection.documents,
    fields,
    cursorFrom(index) {
      const place = places[index] ?? next;
      return place && cursors.write(place);
    },
  });
  let requests = 0;
  for (const part of parts.slice(first)) {
    const { from, prefix } = part;
    let place: Place | undefined = isStart(part) ? start : { source: from.id, prefix };
    while (place !== undefined) {
      if (documents.length === limit || requests === MOST_REQUESTS) return answer(place);
      requests++;
      const room = limit - documents.length;
      const page = await store.documentPage(call, collection.name, { ...place, limit: room });
      for (const { document, title, place: at } of page.documents) {
        if (!has({ source: from.id, document })) continue;
        documents.push({ from, document, title });
        places.push({ source: from.id, prefix, from: at });
      }
      place = page.next === undefined ? undefined : { source: from.id, prefix, from: page.next };
    }
  }
  return answer();
}

/** What is hidden is not looked through: a cursor would name it. */
function beginnings(source: string, scope: Scope | undefined, prefix = ""): string[] {
  const parts = scope?.filter((part) => part.source === source) ?? [{ source }];
  return parts.flatMap(({ folder = "" }) => {
    if (folder.startsWith(prefix)) return folder;
    return prefix.startsWith(folder) ? prefix : [];
  });
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

  write({ source, prefix, from }: Place): string {
    return Buffer.from(JSON.stringify([this.#list, source, prefix, from])).toString("base64url");
  }

  read(cursor: string): Place {
    const [list, source, prefix, from] = parsed(cursor);
    if (typeof source !== "string" || typeof prefix !== "string") throw outdated();
    if (from != null && typeof from !== "string") throw outdated();
    if (list !== this.#list || /\0/.test(source + prefix + (from ?? ""))) throw outdated();
    return { source, prefix, from: from ?? undefined };
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
