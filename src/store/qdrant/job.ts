/** Jobs as the book keeps them. */
import type { Job, SkippedDocument } from "../../core/job.js";
import type { Kind } from "./book.js";
import { fields, flag, listOf, number, oneOf, optional, text } from "./shapes.js";

const SKIPPED = listOf(fields<SkippedDocument>({ document: text, reason: text }));

export const JOBS: Kind<Job> = {
  name: "job",
  entry: fields<Job>({
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
    phase: oneOf("waiting", "reading", "indexing", "pruning", "verifying", "switching", "finished"),
    dryRun: flag,
    documents: fields<Job["documents"]>({
      seen: number,
      added: number,
      changed: number,
      unchanged: number,
      removed: number,
      total: optional(number),
    }),
    chunks: number,
    skipped: SKIPPED,
    skippedTotal: number,
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
    startedAt: text,
    updatedAt: text,
    elapsedMs: number,
    error: optional(fields({ code: text, message: text, remedy: text })),
    owner: text,
  }),
};
