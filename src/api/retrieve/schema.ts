/** Input and output of `retrieve`; the types of its presenter and renderer follow from them. */
import { z } from "zod";
import { MOST_NAME_CHARS } from "../../core/collection-name.js";
import { DEFAULT_MAX_TOKENS, LARGEST_MAX_TOKENS } from "../limits.js";

const scalar = z.union([z.string().max(1_000), z.number(), z.boolean()]);
const bound = z.union([z.number(), z.string().max(1_000)]);
const condition = z.union([
  scalar,
  z.array(scalar).max(100),
  z.strictObject({ gte: bound.optional(), lte: bound.optional() }),
]);

const MODES = ["hybrid", "dense", "lexical"] as const;
const DETAILS = ["auto", "snippet", "full", "ids"] as const;
/** Of filters: what the server itself gives every document of a file. */
const FIELDS = ["document", "source", "path", "format", "extension"] as const;
/** Everything of closed lists that an input may hold. */
export const WORDS = [...MODES, ...DETAILS, ...FIELDS];

const MOST_CONDITIONS = 16;
const MOST_FIELD_CHARS = 100;
/** Fields of every file are listed by name: some makers refuse an object without any. */
const filter = z
  .object({
    path: condition.optional().describe('Folder "docs/", pattern "**/*.md" or path; * and ? within a name'),
    extension: condition.optional().describe('"md"'),
    document: condition.optional(),
    source: condition.optional().describe("Name of a source"),
    format: condition.optional(),
  })
  .catchall(condition)
  .refine((given) => Object.keys(given).length <= MOST_CONDITIONS, `at most ${MOST_CONDITIONS} fields`)
  .refine(
    (given) => Object.keys(given).every((name) => name.length > 0 && name.length <= MOST_FIELD_CHARS),
    `names of fields have 1 to ${MOST_FIELD_CHARS} characters`,
  )
  .describe(
    'Field → value, list of values, or {"gte","lte"}; any field of the metadata too (list_documents names them)',
  );

const fields = (queryMaxChars: number) => ({
  query: z
    .string()
    .trim()
    .min(1)
    .max(queryMaxChars, `longer than ${queryMaxChars} characters, which QUERY_MAX_CHARS allows`)
    .describe("Question or keywords, in your own words"),
  top_k: z.number().int().min(1).max(50).default(10).describe("Most passages to return"),
  collection: z.string().min(1).max(MOST_NAME_CHARS).optional().describe("Collection to search; default: the server's"),
  filter: filter.optional(),
  min_score: z.number().min(0).max(1).optional().describe("Leave out passages below this score"),
  mode: z.enum(MODES).optional().describe("dense: meaning; lexical: exact words; default both"),
  rerank: z.boolean().optional().describe("false switches re-ranking off"),
  expand: z.boolean().optional().describe("false switches query expansion off for this call"),
  max_tokens: z
    .number()
    .int()
    .min(100)
    .max(LARGEST_MAX_TOKENS)
    .default(DEFAULT_MAX_TOKENS)
    .describe("Size of the answer"),
  detail: z
    .enum(DETAILS)
    .default("auto")
    .describe("How much of each passage; auto: the best whole, of others the part that fits"),
  explain: z.boolean().default(false).describe("Add how scores were made"),
});

const PROFILE = {
  profile: z.string().max(64).optional().describe("Profile that answers; `health` lists them; default: the server's"),
};

export interface InputOptions {
  readonly queryMaxChars: number;
  /** A call may name a profile. */
  readonly profileChoice: boolean;
}

export function inputOf({ queryMaxChars, profileChoice }: InputOptions) {
  const own = z.strictObject(fields(queryMaxChars));
  // Where nobody may choose, the field is as unknown as any other.
  return profileChoice ? own.extend(PROFILE) : own;
}

const source = z.strictObject({
  name: z.string(),
  document: z.string(),
  uri: z.string(),
  path: z.string().optional(),
  title: z.string().optional(),
  heading: z.string().optional(),
  line_start: z.number().optional(),
  line_end: z.number().optional(),
  page_start: z.number().optional(),
  page_end: z.number().optional(),
});
export const result = z.strictObject({
  rank: z.number(),
  /** Left out of a lean answer where lines say the place. */
  id: z.string().optional(),
  score: z.number(),
  /** With `explain`. */
  scores: z
    .strictObject({
      dense: z.number().optional(),
      lexical: z.number().optional(),
      exact: z.number().optional(),
      fused: z.number(),
      rerank: z.number().optional(),
    })
    .optional(),
  text: z.string().optional(),
  excerpt: z.boolean().optional(),
  stale: z.enum(["changed", "deleted"]).optional(),
  source,
  /** Without what `source` says. */
  metadata: z.record(z.string(), z.union([scalar, z.array(scalar)])).optional(),
});
export const output = z.strictObject({
  results: z.array(result),
  /** The documents probably do not answer this. */
  verdict: z.literal("not_covered").optional(),
  query_variants: z.array(z.string()),
  /** The total; each stage with `explain`. */
  timings_ms: z.record(z.string(), z.number()),
  /** Its model with `explain`. */
  collection: z.strictObject({
    name: z.string(),
    alias: z.string(),
    points: z.number(),
    fingerprint: z.string().optional(),
  }),
  degraded: z.array(z.strictObject({ stage: z.string(), reason: z.string(), detail: z.string().optional() })),
  reranked: z.strictObject({ candidates: z.number(), scored: z.number() }).optional(),
  truncated: z.strictObject({ omitted: z.number(), reason: z.string() }).optional(),
  indexing: z
    .array(z.strictObject({ source: z.string(), documents: z.number(), percent: z.number().optional() }))
    .optional(),
  empty_reason: z.enum(["empty_collection", "out_of_scope", "filtered_out", "below_min_score", "no_match"]).optional(),
  fields: z.record(z.string(), z.string()).optional(),
  /** Of the filter: those that no document has. */
  unknown_fields: z.array(z.string()).optional(),
  explain: z.record(z.string(), z.unknown()).optional(),
  trace_id: z.string(),
});
export type Input = z.output<ReturnType<typeof inputOf>> & { readonly profile?: string | undefined };
export type Output = z.output<typeof output>;
export type Result = z.output<typeof result>;
