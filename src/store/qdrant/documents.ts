/** Reading a collection as documents: in order where we wrote it, in the server's order where something else did. */
import type { Call } from "../../core/call.js";
import type { ReadOptions } from "../../core/ports.js";
import type { CollectionInfo, DocumentRecord, Filter, Scope, StoredPoint } from "../../core/types.js";
import { whileWanted } from "../with-call.js";
import type { Known } from "./collections.js";
import { whatToBring } from "./layout.js";
import { RECORD_FIELDS, toRecord } from "./payload.js";
import { match, type QdrantFilter, type Requests } from "./requests.js";

/** Documents whose points are fetched together, to be put in order. */
const DOCUMENTS_TOGETHER = 50;

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
  { name, layout, entry, indexes }: Known,
  scope: Scope,
): Promise<Pick<CollectionInfo, "points" | "documents">> {
  const filter = await layout.compileFilter(call, undefined, { requests, collection: name, indexes, scope });
  if (filter === undefined) return { points: 0, documents: 0 };
  const points = await requests.count(call, name, filter);
  const documents = entry === undefined ? points : await requests.count(call, name, firstOf(filter));
  return { points, documents };
}

/** Every point that fits, by document and ordinal. */
export async function* pointsOf(
  call: Call,
  requests: Requests,
  known: Known,
  { filter, ...options }: ReadOptions & { readonly filter: Filter | undefined },
): AsyncGenerator<StoredPoint, void, undefined> {
  const { name, layout } = known;
  const compiled = await layout.compileFilter(call, filter, { requests, collection: name, indexes: known.indexes });
  if (compiled === undefined) return;
  if (known.entry === undefined) {
    yield* foreignPoints(call, requests, known, { filter: compiled, ...options });
    return;
  }
  const records = await listDocuments(call, requests, name, compiled);
  const { payload, vectors } = whatToBring(layout, options);
  for (let from = 0; from < records.length; ) {
    const { source } = records[from] as DocumentRecord;
    const together = records.slice(from, from + DOCUMENTS_TOGETHER).filter((record) => record.source === source);
    const any = together.map(({ document }) => document);
    const points: StoredPoint[] = [];
    const found = requests.scroll(call, name, {
      filter: { must: [match("source", source), { key: "document", match: { any } }] },
      with_payload: payload,
      with_vector: vectors,
    });
    for await (const point of found) points.push(layout.toStoredPoint(point));
    points.sort((a, b) => compare(a.record.document, b.record.document) || a.ordinal - b.ordinal);
    yield* whileWanted(call, points);
    from += together.length;
  }
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
  { filter, ...options }: ReadOptions & { readonly filter: QdrantFilter },
): AsyncGenerator<StoredPoint, void, undefined> {
  const { payload, vectors } = whatToBring(layout, options);
  for await (const point of requests.scroll(call, name, { filter, with_payload: payload, with_vector: vectors })) {
    yield layout.toStoredPoint(point);
  }
}

/** By code units, as the embedded store compares. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
