/** The shapes of what a ledger keeps for the store itself: somebody else may have written into it. */
import type { Call } from "../core/call.js";
import type { Job, SkippedDocument, SkippedReason } from "../core/job.js";
import type { CollectionRecord, KeyedRecord, Ledger, OwnRecordKind, SnapshotRecord } from "../core/ledger.js";
import type { CollectionSpec, Fingerprint, HeldRemoval, SnapshotInfo, SourceInfo } from "../core/types.js";
import { fields, flag, listOf, mapOf, name, number, oneOf, optional, type Shape, stored, text } from "./shapes.js";

interface OwnRecords {
  readonly collection: CollectionRecord;
  readonly snapshot: SnapshotRecord;
  readonly job: Job;
}

const SPEC = fields<CollectionSpec>({
  alias: text,
  fingerprint: fields<Fingerprint>({
    model: text,
    sha256: text,
    dimension: number,
    pooling: oneOf("mean", "cls", "hash"),
    queryPrefix: text,
    passagePrefix: text,
    maxTokens: number,
    normalized: flag,
  }),
  analyser: text,
  purpose: optional(oneOf("evaluation")),
});

const SOURCE = fields<SourceInfo>({
  id: text,
  name: text,
  kind: oneOf("folder", "file", "jsonl", "collection"),
  location: text,
  checkouts: optional(mapOf(text)),
  furniture: optional(listOf(text)),
  held: optional(listOf(fields<HeldRemoval>({ at: text, documents: number, of: number }))),
});

const COLLECTION = fields<CollectionRecord>({
  spec: SPEC,
  state: oneOf("building", "embedding", "ready", "dropping"),
  createdAt: text,
  sources: optional(listOf(SOURCE)),
  averageLength: optional(number),
});

const SNAPSHOT = fields<SnapshotRecord>({
  info: fields<SnapshotInfo>({
    name,
    collection: name,
    spec: SPEC,
    points: number,
    documents: number,
    bytes: number,
    sha256: text,
    createdAt: text,
  }),
  state: optional(oneOf("making")),
  entry: optional(COLLECTION),
  file: optional(name),
  indexes: optional(listOf(text)),
});

const SKIPPED = listOf(fields<SkippedDocument>({ document: text, reason: text }));

const JOB = fields<Job>({
  id: text,
  collection: text,
  insteadOf: optional(text),
  source: text,
  indexedAs: optional(
    fields<NonNullable<Job["indexedAs"]>>({
      name: text,
      movedFrom: optional(text),
      tookOver: optional(listOf(text)),
    }),
  ),
  place: optional(text),
  mode: oneOf("incremental", "full"),
  state: oneOf("queued", "running", "done", "failed", "cancelled"),
  phase: oneOf("waiting", "reading", "indexing", "pruning", "embedding", "verifying", "switching", "finished"),
  dryRun: flag,
  documents: fields<Job["documents"]>({
    seen: number,
    added: number,
    changed: number,
    unchanged: number,
    removed: number,
    held: optional(number),
    total: optional(number),
    embedded: optional(number),
  }),
  chunks: number,
  skipped: SKIPPED,
  skippedTotal: number,
  skippedReasons: optional(listOf(fields<SkippedReason>({ reason: text, documents: number }))),
  failed: SKIPPED,
  failedTotal: number,
  shortened: optional(SKIPPED),
  shortenedTotal: optional(number),
  points: optional(number),
  vectorSize: optional(number),
  target: optional(text),
  previousCollection: optional(text),
  writes: optional(fields({ handled: oneOf("prevented", "caught_up"), documents: number })),
  nameTaken: optional(fields({ legacy: text, gapMs: number })),
  snapshot: optional(text),
  outage: optional(text),
  startedAt: text,
  updatedAt: text,
  elapsedMs: number,
  error: optional(fields({ code: text, message: text, remedy: text })),
  owner: text,
});

const SHAPES: { readonly [Kind in OwnRecordKind]: Shape<OwnRecords[Kind]> } = {
  collection: COLLECTION,
  snapshot: SNAPSHOT,
  job: JOB,
};

export async function findRecord<Kind extends OwnRecordKind>(
  call: Call,
  ledger: Ledger,
  kind: Kind,
  key: string,
): Promise<OwnRecords[Kind] | undefined> {
  const record = await ledger.get(call, kind, key);
  return record === undefined ? undefined : toRecord(kind, { key, record });
}

/** By key. */
export async function listRecords<Kind extends OwnRecordKind>(
  call: Call,
  ledger: Ledger,
  kind: Kind,
): Promise<(readonly [key: string, record: OwnRecords[Kind]])[]> {
  return (await ledger.list(call, kind)).map((found) => [found.key, toRecord(kind, found)] as const);
}

function toRecord<Kind extends OwnRecordKind>(kind: Kind, { key, record }: KeyedRecord): OwnRecords[Kind] {
  return stored(SHAPES[kind] as Shape<OwnRecords[Kind]>, record, `the record of ${kind} "${key}"`);
}
