/** Whole documents in and out: new points first, then what is left of an earlier version. */
import type { Call } from "../../core/call.js";
import { AppError } from "../../core/errors.js";
import type { Fence } from "../../core/ledger.js";
import type { DocumentKey, IndexedDocument } from "../../core/types.js";
import { REFERENCE_LENGTH } from "../bm25.js";
import { checkKeys } from "../check-text.js";
import { checkDocument } from "../points.js";
import { finish } from "../with-call.js";
import type { Fences } from "./fences.js";
import type { Known, KnownCollections } from "./known.js";
import { inParts } from "./parts.js";
import { metadataPaths, toJsonPoints } from "./payload.js";
import { match, type Requests } from "./requests.js";

/** Points in one request: measured flat from 50 to 1,000. */
const BATCH = 100;
/** Documents whose passages are deleted in one request; there may be as many as a collection has. */
const DELETED_TOGETHER = 100;

/** What writes, and under which lease. */
interface Writer {
  readonly requests: Requests;
  readonly collections: KnownCollections;
  readonly fences: Fences;
  readonly fence: Fence | undefined;
}

export async function writeDocuments(
  call: Call,
  { requests, collections, fences, fence }: Writer,
  known: Known,
  documents: readonly IndexedDocument[],
): Promise<void> {
  if (known.entry === undefined) throw notOurs(known.name);
  for (const document of documents) checkDocument(document, known.layout.dimension);
  if (documents.length === 0) return;
  await collections.index(call, known.name, [...metadataPaths(documents)]);
  const { averageLength = REFERENCE_LENGTH } = known.entry;
  const written = documents.map((document) => toJsonPoints(document, averageLength));
  // First points last: they say that a document is there, and which version of it; until then it is written again.
  const points = [...written.flatMap((each) => each.slice(1)), ...written.flatMap((each) => each.slice(0, 1))];
  const should = documents.map((document) => ({
    must: [...clausesOf(document), { key: "ordinal", range: { gte: document.points.length } }],
  }));
  await fences.under(call, fence, known.name, async (target) => {
    await inParts(points, BATCH, (part) => requests.upsert(call, target, part));
    await finish(call, "a new version does not keep passages of the old one", (background) =>
      deleteWhere(background, requests, target, should),
    );
  });
}

export async function removeDocuments(
  call: Call,
  { requests, fences, fence }: Writer,
  { name, entry }: Known,
  documents: readonly DocumentKey[],
): Promise<void> {
  checkKeys(documents);
  if (entry === undefined) throw notOurs(name);
  if (documents.length === 0) return;
  const should = documents.map((document) => ({ must: clausesOf(document) }));
  await fences.under(call, fence, name, (target) => deleteWhere(call, requests, target, should));
}

/** Points that fit any of the clauses. No request is without one: that would fit every point. */
function deleteWhere(call: Call, requests: Requests, target: string, clauses: readonly object[]): Promise<void> {
  return inParts(clauses, DELETED_TOGETHER, async (should) => requests.remove(call, target, { filter: { should } }));
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
