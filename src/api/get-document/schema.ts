/** Input and output of `get_document`. */
import { z } from "zod";
import { MOST_NAME_CHARS } from "../../core/collection-name.js";
import { DEFAULT_MAX_TOKENS, LARGEST_MAX_TOKENS, LONGEST_ADDRESS, LONGEST_PATH } from "../limits.js";

const line = z.number().int().min(1).max(1_000_000_000);

export const input = z.strictObject({
  uri: z.string().min(1).max(LONGEST_ADDRESS).optional().describe("`source.uri` of a passage, or `uri` of a list"),
  source: z.string().min(1).max(LONGEST_PATH).optional().describe("Instead of uri: source and document by name"),
  document: z.string().min(1).max(LONGEST_PATH).optional(),
  collection: z.string().min(1).max(MOST_NAME_CHARS).optional(),
  line_start: line.optional(),
  line_end: line.optional(),
  around: z.string().min(1).max(200).optional().describe("`id` of a passage, alone or with its document"),
  lines: z.number().int().min(0).max(100_000).optional().describe("With around: lines on each side"),
  passages: z.number().int().min(0).max(100).optional().describe("With around: passages on each side; default 2"),
  max_tokens: z.number().int().min(100).max(LARGEST_MAX_TOKENS).default(DEFAULT_MAX_TOKENS),
});

export const output = z.strictObject({
  source: z.strictObject({
    name: z.string(),
    document: z.string(),
    uri: z.string(),
    path: z.string().optional(),
    title: z.string().optional(),
  }),
  /** Left out where the answer's other part has it. */
  text: z.string().optional(),
  line_start: z.number().optional(),
  line_end: z.number().optional(),
  /** Of a record: its line in its file. Its own lines begin at 1. */
  record_line: z.number().optional(),
  /** It was cut to `max_tokens`. */
  truncated: z.boolean(),
  /** Input that reads on. */
  next: z
    .strictObject({
      uri: z.string().optional(),
      collection: z.string().optional(),
      line_start: z.number().optional(),
      around: z.string().optional(),
    })
    .optional(),
  trace_id: z.string(),
});
export type Input = z.output<typeof input>;
export type Output = z.output<typeof output>;
