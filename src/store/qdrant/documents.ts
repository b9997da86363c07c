/** Reading a collection as documents: in order where we wrote it, in the server's order where something else did. */
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import type { Counts } from "../../core/passage-index.js";
import type { DocumentPage, DocumentsAsked, ScrollOptions } from "../../core/store-options.js";
import type { DocumentRecord, FieldInfo, Filter, Scope, StoredPoint } from "../../core/types.js";
import { compare } from "../compare.js";
import { isPointId } from "../shapes.js";
import { whileWanted } from "../with-call.js";
import { isCounted, type Known } from "./known.js";
import { whatToBring } from "./layout.js";
import { fieldsOf, LISTED_FIELDS, RECORD_FIELDS, toListed, toRecord } from "./payload.js";
import { endless, match, type QdrantFilter, type Requests, type ScrollAsk } from "./requests.js";

/** Documents whose points are fetched together, to be put in order. */
const DOCUMENTS_TOGETHER = 50;
/** Passages of a document, which is often read in part. */
const PASSAGES_TOGETHER = 100;
/** Documents whose names are compared for one page. */
const LOOKED_THROUGH = 1_000;
/** Of every document. */
const FIRST = match("ordinal", 0);

/** Every document that fits, by source and id. @param filter undefined: nothing can fit */
export async function* documentsOf(
  call: Call,
  requests: Requests,
  known: Known,
  filter: QdrantFilter | undefined,
): AsyncGenerator<DocumentRecord, void, undefined> {
  if (filter === undefined) return;
  if (known.entry !== undefined) yield* whileWanted(call, await listDocuments(call, requests, known.name, filter));
  else for await (const { record } of foreignPoints(call, requests, known, { filter })) yield record;
}

/** What something else made has a document for each point. */
export async function countIn(
  call: Call,
  requests: Requests,
  { name, layout, entry, indexes, points: all }: Known,
  { scope, exact }: { readonly scope: Scope; readonly exact: boolean },
): Promise<Counts> {
  const filter = await layout.compileFilter(call, undefined, { requests, collection: name, indexes, scope });
  if (filter === undefined) return { points: 0, documents: 0 };
  const count = (wanted: QdrantFilter) => requests.count(call, name, wanted, exact || isCounted(all));
  const points = await count(filter);
  return { points, documents: entry === undefined ? points : await count(firstOf(filter)) };
}

/** By name; an index stays when the last document with its field is gone. */
export async function fieldsIn(
  call: Call,
  requests: Requests,
  { name, layout, indexes }: Known,
  scope: Scope | undefined,
): Promise<FieldInfo[]> {
  const within = await layout.compileFilter(call, undefined, { requests, collection: name, indexes, scope });
  if (within === undefined) return [];
  const isThere = async (path: string) => {
    const has = { must_not: [{ is_empty: { key: path } }] };
    return (await requests.count(call, name, { must: [has, ...(within.must ?? [])] })) > 0;
  };
  const paths = [...indexes].filter((path) => /^[sn]\./.test(path));
  if ((await requests.count(call, name, within)) === 0) return [];
  const there = await Promise.all(paths.map(isThere));
  return fieldsOf(paths.filter((_, i) => there[i]));
}

/** Every point that fits, by document and ordinal. */
export async function* pointsOf(
  call: Call,
  requests: Requests,
  known: Known,
  { filter, ...options }: ScrollOptions & { readonly filter: Filter | undefined },
): AsyncGenerator<StoredPoint, void, undefined> {
  const { name, layout } = known;
  const { fromOrdinal = 0 } = options;
  const { payload, vectors } = whatToBring(layout, options);
  const compiled = await layout.compileFilter(call, filter, { requests, collection: name, indexes: known.indexes });
  if (compiled === undefined) return;
  if (known.entry === undefined) {
    if (fromOrdinal === 0) yield* foreignPoints(call, requests, known, { filter: compiled, ...options });
    return;
  }
  if (isOneDocument(filter)) {
    const ask = { filter: compiled, with_payload: payload, with_vector: vectors };
    yield* pointsOfOne(call, requests, known, { ...ask, fromOrdinal });
    return;
  }
  const records = await listDocuments(call, requests, name, compiled);
  for (let from = 0; from < records.length; ) {
    const { source } = records[from] as DocumentRecord;
    const together = records.slice(from, from + DOCUMENTS_TOGETHER).filter((record) => record.source === source);
    const any = together.map(({ document }) => document);
    const later = fromOrdinal === 0 ? [] : [{ key: "ordinal", range: { gte: fromOrdinal } }];
    const points: StoredPoint[] = [];
    const found = requests.scroll(call, name, {
      filter: { must: [match("source", source), { key: "document", match: { any } }, ...later] },
      with_payload: payload,
      with_vector: vectors,
    });
    for await (const point of found) points.push(layout.toStoredPoint(point));
    points.sort((a, b) => compare(a.record.document, b.record.document) || a.ordinal - b.ordinal);
    yield* whileWanted(call, points);
    from += together.length;
  }
}

/** A page at a time, in order, so that whoever has read enough may stop. */
async function* pointsOfOne(
  call: Call,
  requests: Requests,
  { name, layout }: Known,
  { fromOrdinal, ...ask }: ScrollAsk & { readonly fromOrdinal: number },
): AsyncGenerator<StoredPoint, void, undefined> {
  let limit = PASSAGES_TOGETHER;
  for (let next = fromOrdinal; ; ) {
    const page = await requests.page(call, name, { ...ask, limit, order_by: { key: "ordinal", start_from: next } });
    const points = page.points.map(layout.toStoredPoint);
    yield* whileWanted(call, points);
    limit = page.limit;
    const last = points.at(-1);
    if (last === undefined || points.length < limit) return;
    if (last.ordinal < next) throw endless(name);
    next = last.ordinal + 1;
  }
}

/** In the order of the points' ids: by name the server cannot order, nor look for what a name begins with. */
export async function documentPage(
  call: Call,
  requests: Requests,
  known: Known,
  { source, prefix = "", from, limit }: DocumentsAsked,
): Promise<DocumentPage> {
  const { name, layout, entry, indexes } = known;
  if (from !== undefined && !isPointId(from)) throw noPlace();
  const filter = await layout.compileFilter(call, { source }, { requests, collection: name, indexes });
  if (filter === undefined) return { documents: [] };
  const isOurs = entry !== undefined;
  const { points, next_page_offset: next } = await requests.page(call, name, {
    filter: isOurs ? { must: [FIRST, ...(filter.must ?? [])] } : filter,
    with_payload: isOurs ? LISTED_FIELDS : true,
    limit: prefix === "" ? limit : LOOKED_THROUGH,
    offset: from === undefined ? undefined : layout.toPointId(from),
  });
  const found = points
    .map((point) => {
      const { document, title } = isOurs ? toListed(point.payload) : layout.toStoredPoint(point).record;
      return { document, title, place: String(point.id) };
    })
    .filter(({ document }) => document.startsWith(prefix));
  const beyond = found[limit]?.place;
  return { documents: found.slice(0, limit), next: beyond ?? (next == null ? undefined : String(next)) };
}

async function listDocuments(
  call: Call,
  requests: Requests,
  name: string,
  filter: QdrantFilter,
): Promise<DocumentRecord[]> {
  const records: DocumentRecord[] = [];
  const points = requests.scroll(call, name, { filter: firstOf(filter), with_payload: RECORD_FIELDS });
  for await (const { payload } of points) records.push(toRecord(payload));
  return records.sort((a, b) => compare(a.source, b.source) || compare(a.document, b.document));
}

/** One point of each document. */
function firstOf({ must = [] }: QdrantFilter): QdrantFilter {
  return { must: [match("ordinal", 0), ...must] };
}

/** A page at a time: what something else made may be of any size. */
async function* foreignPoints(
  call: Call,
  requests: Requests,
  { name, layout }: Known,
  { filter, ...options }: ScrollOptions & { readonly filter: QdrantFilter },
): AsyncGenerator<StoredPoint, void, undefined> {
  const { payload, vectors } = whatToBring(layout, options);
  for await (const point of requests.scroll(call, name, { filter, with_payload: payload, with_vector: vectors })) {
    yield layout.toStoredPoint(point);
  }
}

function isOneDocument(filter: Filter | undefined): boolean {
  const { source, document, ...others } = filter ?? {};
  return typeof source === "string" && typeof document === "string" && Object.keys(others).length === 0;
}

function noPlace(): AppError {
  return new AppError("bad_request", "That is no place in a list of documents.", {
    remedy: "List them from the start.",
  });
}
