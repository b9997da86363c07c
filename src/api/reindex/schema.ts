/** Input and output of `reindex`, and a job as every answer shows it. */
import { z } from "zod";
import { MOST_NAME_CHARS } from "../../core/collection-name.js";

export const MODES = ["incremental", "full"] as const;

export const input = z.strictObject({
  source: z
    .string()
    .min(1)
    .max(4_096)
    .optional()
    .describe('Folder or file to index, or "collection:<name>" to re-embed what is there'),
  cancel: z.string().min(1).max(64).optional().describe("Id of a job to cancel, in place of a source"),
  collection: z
    .string()
    .min(1)
    .max(MOST_NAME_CHARS)
    .optional()
    .describe("Collection to index into; default: the server's"),
  mode: z.enum(MODES).default("incremental").describe("full builds a new version, then switches to it"),
  dry_run: z.boolean().default(false).describe("Only say what would change"),
  wait: z.boolean().default(false).describe("Wait for the end, however long"),
});

const leftOut = z.strictObject({ document: z.string(), reason: z.string() });
/** Of a job what callers see; the rest is left out. */
export const jobSchema = z.object({
  id: z.string(),
  state: z.enum(["queued", "running", "done", "failed", "cancelled"]),
  phase: z.string(),
  collection: z.string(),
  instead_of: z.string().optional(),
  source: z.string(),
  indexed_as: z
    .strictObject({
      name: z.string(),
      moved_from: z.string().optional(),
      took_over: z.array(z.string()).optional(),
    })
    .optional(),
  mode: z.string(),
  dry_run: z.boolean(),
  documents: z.strictObject({
    seen: z.number(),
    added: z.number(),
    changed: z.number(),
    unchanged: z.number(),
    removed: z.number(),
    held: z.number().optional(),
    total: z.number().optional(),
    embedded: z.number().optional(),
  }),
  chunks: z.number(),
  skipped: z.array(leftOut),
  skipped_total: z.number(),
  skipped_reasons: z.array(z.strictObject({ reason: z.string(), documents: z.number() })).optional(),
  failed: z.array(leftOut),
  failed_total: z.number(),
  shortened: z.array(leftOut).optional(),
  shortened_total: z.number().optional(),
  points: z.number().optional(),
  vector_size: z.number().optional(),
  target: z.string().optional(),
  previous_collection: z.string().optional(),
  writes: z.strictObject({ handled: z.enum(["prevented", "caught_up"]), documents: z.number() }).optional(),
  name_taken: z.strictObject({ legacy: z.string(), gap_ms: z.number() }).optional(),
  snapshot: z.string().optional(),
  outage: z.string().optional(),
  elapsed_ms: z.number(),
  error: z.strictObject({ code: z.string(), message: z.string(), remedy: z.string() }).optional(),
});
export const output = z.strictObject({ job: jobSchema, trace_id: z.string() });
export type PresentedJob = z.output<typeof jobSchema>;
