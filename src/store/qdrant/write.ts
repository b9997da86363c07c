/** Whole documents in and out: new points first, then what is left of an earlier version. */
import { AppError, throwIfAborted } from "../../core/errors.js";
import type { DocumentKey, IndexedDocument } from "../../core/types.js";
import { checkVectors } from "../points.js";
import type { Collections, Entry, Known } from "./collections.js";
import { metadataPaths, toJsonPoints } from "./payload.js";
import { match, type Requests } from "./requests.js";
import { termCount } from "./sparse.js";

/** Points in one request: measured flat from 50 to 1,000. */
const BATCH = 100;
/** Texts shorter than this on average would give every longer one next to no weight. */
const SHORTEST_AVERAGE = 8;

export async function writeDocuments(
  requests: Requests,
  collections: Collections,
  known: Known,
  documents: readonly IndexedDocument[],
  signal?: AbortSignal,
): Promise<void> {
  throwIfAborted(signal);
  if (known.entry === undefined) throw notOurs(known.name);
  for (const document of documents) checkVectors(document, known.layout.dimension);
  if (documents.length === 0) return;
  await collections.index(known.name, [...metadataPaths(documents)]);
  const averageLength = await averageLengthOf(collections, known.name, known.entry, documents);
  const points = documents.flatMap((document) => toJsonPoints(document, averageLength));
  for (let from = 0; from < points.length; from += BATCH) {
    await requests.upsert(known.name, points.slice(from, from + BATCH), signal);
  }
  const should = documents.map((document) => ({
    must: [...clausesOf(document), { key: "ordinal", range: { gte: document.points.length } }],
  }));
  await requests.remove(known.name, { filter: { should } }, signal);
}

export async function removeDocuments(
  requests: Requests,
  { name, entry }: Known,
  documents: readonly DocumentKey[],
): Promise<void> {
  if (entry === undefined) throw notOurs(name);
  // A filter without clauses would match everything.
  if (documents.length === 0) return;
  const should = documents.map((document) => ({ must: clausesOf(document) }));
  await requests.remove(name, { filter: { should } });
}

/** What something else made is read, never changed. */
function notOurs(collection: string): AppError {
  return new AppError("conflict", `Collection "${collection}" was made by something else: it is read only.`, {
    remedy: `Re-embed it into a collection of our own: aura-retrieval index collection:${collection} --collection ${collection}`,
  });
}

function clausesOf({ source, document }: DocumentKey): object[] {
  return [match("source", source), match("document", document)];
}

/** Of the collection, or of its first texts, which fix it. */
async function averageLengthOf(
  collections: Collections,
  name: string,
  entry: Entry,
  documents: readonly IndexedDocument[],
): Promise<number> {
  if (entry.averageLength !== undefined) return entry.averageLength;
  const lengths = documents.flatMap(({ points }) => points.map(({ embedText }) => termCount(embedText)));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);
  const averageLength = Math.max(SHORTEST_AVERAGE, mean);
  await collections.update(name, { averageLength });
  return averageLength;
}
