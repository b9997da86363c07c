/** Input and output of `list_documents`. */
import { z } from "zod";
import { MOST_NAME_CHARS } from "../../core/collection-name.js";
import { LONGEST_ADDRESS, LONGEST_PATH } from "../limits.js";

export const input = z.strictObject({
  collection: z.string().min(1).max(MOST_NAME_CHARS).optional(),
  source: z.string().min(1).max(LONGEST_PATH).optional().describe("Name of one source, as `health` lists them"),
  prefix: z.string().min(1).max(LONGEST_PATH).optional().describe('What paths below the source begin with: "docs/"'),
  cursor: z.string().min(1).max(LONGEST_ADDRESS).optional().describe("`next_cursor` of the page before"),
});

export const output = z.strictObject({
  documents: z.array(
    z.strictObject({ source: z.string(), document: z.string(), uri: z.string(), title: z.string().optional() }),
  ),
  /** Of the collection. */
  total: z.number(),
  /** Metadata to filter by, on the first page. */
  fields: z.record(z.string(), z.string()).optional(),
  next_cursor: z.string().optional(),
  trace_id: z.string(),
});
export type Input = z.output<typeof input>;
export type Output = z.output<typeof output>;
export type Entry = Output["documents"][number];
