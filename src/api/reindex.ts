/** The `reindex` tool. */
import { z } from "zod";
import { abortReason } from "../core/errors.js";
import type { Job } from "../core/job.js";
import { allowedCollection } from "./access.js";
import { COLLECTION_NAME } from "./limits.js";
import { operation } from "./operation.js";
import { sanitizeLine } from "./sanitize.js";

/** Hosts stop waiting for a call at 60 s, some earlier: a longer job hands back its id. */
const ANSWER_WITHIN_MS = 25_000;

const input = z.strictObject({
  source: z
    .string()
    .min(1)
    .max(4_096)
    .describe('Folder or file to index, or "collection:<name>" to re-embed what is there'),
  collection: z.string().regex(COLLECTION_NAME).optional().describe("Collection to index into; default: the server's"),
  mode: z
    .enum(["incremental", "full"])
    .default("incremental")
    .describe("full builds a new version, then switches to it"),
  dry_run: z.boolean().default(false).describe("Only say what would change"),
  wait: z.boolean().default(false).describe("Wait for the end, however long"),
});

const leftOut = z.strictObject({ document: z.string(), reason: z.string() });
const jobSchema = z.strictObject({
  id: z.string(),
  state: z.enum(["queued", "running", "done", "failed", "cancelled"]),
  phase: z.string(),
  collection: z.string(),
  instead_of: z.string().optional(),
  source: z.string(),
  mode: z.string(),
  dry_run: z.boolean(),
  documents: z.strictObject({
    seen: z.number(),
    added: z.number(),
    changed: z.number(),
    unchanged: z.number(),
    removed: z.number(),
    total: z.number().optional(),
  }),
  chunks: z.number(),
  skipped: z.array(leftOut),
  skipped_total: z.number(),
  failed: z.array(leftOut),
  failed_total: z.number(),
  points: z.number().optional(),
  vector_size: z.number().optional(),
  target: z.string().optional(),
  previous_collection: z.string().optional(),
  writes: z.strictObject({ handled: z.enum(["prevented", "caught_up"]), documents: z.number() }).optional(),
  name_taken: z.strictObject({ legacy: z.string(), gap_ms: z.number() }).optional(),
  snapshot: z.string().optional(),
  elapsed_ms: z.number(),
  error: z.strictObject({ code: z.string(), message: z.string(), remedy: z.string() }).optional(),
});
const output = z.strictObject({ job: jobSchema, trace_id: z.string() });

export const reindexOperation = operation({
  name: "reindex",
  title: "Index documents",
  description:
    "Brings the collection in line with a folder or file: new and changed documents are embedded, deleted ones removed, unchanged ones not " +
    'touched, so calling it again is cheap. mode "full" builds a new version, verifies it and switches in one step. ' +
    "Reads only folders the operator allowed (RETRIEVAL_ROOTS). Answers within 25 seconds; a longer job goes on and `health` reports on its id.",
  input,
  output,
  readOnly: false,
  deadline: false,
  async run(app, { source, collection, mode, dry_run, wait }, ctx) {
    const running = app.reindex(
      { source, collection: allowedCollection(app.config, collection, ctx.trusted), mode, dryRun: dry_run },
      { trusted: ctx.trusted, onProgress: ctx.onProgress },
    );
    // The job belongs to the call until the call is answered; then it lives on its own.
    ctx.signal.addEventListener("abort", running.cancel, { once: true });
    let timer: NodeJS.Timeout | undefined;
    try {
      const later = new Promise<Job>((resolve) => {
        if (!wait) timer = setTimeout(() => resolve(running.tracker.job), ANSWER_WITHIN_MS);
      });
      const job = await Promise.race([running.done, later]);
      if (ctx.signal.aborted) throw abortReason(ctx.signal);
      return { value: { job: presentJob(job), trace_id: ctx.traceId }, text: renderJob(job) };
    } finally {
      clearTimeout(timer);
      ctx.signal.removeEventListener("abort", running.cancel);
    }
  },
});

export function presentJob(job: Job): z.output<typeof jobSchema> {
  const list = (items: Job["skipped"]) =>
    items.map(({ document, reason }) => ({ document: sanitizeLine(document, 300), reason: sanitizeLine(reason) }));
  return {
    id: job.id,
    state: job.state,
    phase: job.phase,
    collection: job.collection,
    instead_of: job.insteadOf,
    source: sanitizeLine(job.source, 1_000),
    mode: job.mode,
    dry_run: job.dryRun,
    documents: job.documents,
    chunks: job.chunks,
    skipped: list(job.skipped),
    skipped_total: job.skippedTotal,
    failed: list(job.failed),
    failed_total: job.failedTotal,
    points: job.points,
    vector_size: job.vectorSize,
    target: job.target,
    previous_collection: job.previousCollection,
    writes: job.writes,
    ...(job.nameTaken === undefined
      ? {}
      : { name_taken: { legacy: job.nameTaken.legacy, gap_ms: job.nameTaken.gapMs } }),
    snapshot: job.snapshot,
    elapsed_ms: job.elapsedMs,
    error: job.error,
  };
}

export function renderJob(job: Job): string {
  const { added, changed, unchanged, removed } = job.documents;
  const counts = `${added} added, ${changed} changed, ${unchanged} unchanged, ${removed} removed; ${job.chunks} chunks written`;
  const lines = [
    `Job ${job.id} ${job.state} (${job.phase}) on "${job.collection}" after ${(job.elapsedMs / 1000).toFixed(1)} s: ${counts}.`,
  ];
  if (job.dryRun) lines.push("Dry run: nothing was changed.");
  if (job.insteadOf !== undefined) {
    lines.push(
      `Something else made "${job.insteadOf}", which stays as it is: set QDRANT_COLLECTION=${job.collection} to serve this one, or run it again on the command line with --take-name.`,
    );
  }
  if (job.writes?.handled === "caught_up") {
    lines.push(`Documents that others wrote meanwhile and that were caught up: ${job.writes.documents}.`);
  }
  if (job.writes?.handled === "prevented") lines.push("Nobody else could write to it meanwhile.");
  if (job.nameTaken !== undefined) {
    const { legacy, gapMs } = job.nameTaken;
    lines.push(
      `"${job.collection}" is an alias now; what had the name is kept as ${legacy}. Nobody was served for ${gapMs} ms.`,
    );
  }
  if (job.points !== undefined) lines.push(`The collection holds ${job.points} passages.`);
  if (job.snapshot !== undefined) lines.push(`What served before is kept as snapshot ${job.snapshot}.`);
  for (const [word, items, total] of [
    ["Skipped", job.skipped, job.skippedTotal],
    ["Could not read", job.failed, job.failedTotal],
  ] as const) {
    const shown = items
      .slice(0, 5)
      .map(({ document, reason }) => `${sanitizeLine(document, 200)} (${sanitizeLine(reason)})`);
    if (total > 0) lines.push(`${word} ${total}: ${shown.join(", ")}${total > shown.length ? ", …" : ""}.`);
  }
  if (job.error) lines.push(`${job.error.message} ${job.error.remedy}`);
  if (job.state === "running" || job.state === "queued") lines.push(`It goes on; call health to follow job ${job.id}.`);
  return lines.join("\n");
}
