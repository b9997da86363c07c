/** An answer as clients get it: passages with their sources, scores and, when asked, how they were made. */

import type { Answered, Retrieved } from "../../app/app.js";
import { type Call, timings } from "../../core/call.js";
import { fingerprintLabel } from "../../core/fingerprint.js";
import type { RetrievalProfile } from "../../core/profile.js";
import { sanitizeLine } from "../../core/sanitize.js";
import type { DegradedReason, FieldInfo } from "../../core/types.js";
import { presentFields } from "../fields.js";
import { CHARS_PER_TOKEN, LEAST_CHARS } from "../limits.js";
import { joinOverlapping } from "./join.js";
import { toResult } from "./result.js";
import type { Input, Output, Result } from "./schema.js";

export interface PresentOptions {
  readonly input: Input;
  readonly profile: RetrievalProfile;
  readonly totalMs: number;
}

export function present(call: Call, retrieved: Answered, { input, profile, totalMs }: PresentOptions): Output {
  const { collection, reranked } = retrieved;
  const passages = joinOverlapping(retrieved.passages);
  const isCovered = covers(call, retrieved, input);
  const worthIt = isCovered ? passages : passages.slice(0, 1);
  const all = worthIt.map((passage, i) => toResult(retrieved, passage, { rank: i + 1, input, isCovered }));
  const results = within(all, input.max_tokens * CHARS_PER_TOKEN);
  const omitted = passages.length - results.length;
  const took = timings(call, totalMs);
  const { spec, name, alias, points } = collection;
  const fingerprint = spec ? fingerprintLabel(spec.fingerprint) : "unverified";
  return {
    results,
    verdict: isCovered ? undefined : "not_covered",
    query_variants: retrieved.variants.map(({ text }) => sanitizeLine(text, text.length)),
    timings_ms: input.explain ? took : { total: took.total ?? 0 },
    collection: { name, alias, points, ...(input.explain && { fingerprint }) },
    degraded: [...call.degraded],
    reranked: reranked && { candidates: reranked.candidates, scored: reranked.scored },
    truncated:
      omitted === 0 ? undefined : { omitted, reason: isCovered ? `max_tokens ${input.max_tokens}` : "verdict" },
    indexing: retrieved.indexing?.length ? retrieved.indexing.map(presentIndexing) : undefined,
    empty_reason: retrieved.emptyReason,
    fields: retrieved.fields && presentFields(retrieved.fields),
    unknown_fields: retrieved.fields && unknownIn(input, retrieved.fields),
    explain: input.explain ? explain(profile, retrieved) : undefined,
    trace_id: call.trace.traceId,
  };
}

/** Of what scores below it 2 % answer, on the judged sets: docs/tuning.md. */
const COVERED_FROM = 0.1;
/** What leaves the score what it is. */
const HARMLESS: ReadonlySet<DegradedReason> = new Set([
  "stale_version",
  "device_fallback",
  "expansion_failed",
  "rerank_budget",
  "rerank_model_missing",
  "rerank_failed",
]);

/** Whether the passages are worth their tokens. Who says how much to send, or from which score on, gets that. */
function covers(call: Call, { mode, passages }: Answered, { detail, min_score }: Input): boolean {
  const isAsked = detail !== "auto" || min_score !== undefined;
  const isSure = mode === "hybrid" && call.degraded.every(({ reason }) => HARMLESS.has(reason));
  const [best] = passages;
  return isAsked || !isSure || best === undefined || best.score >= COVERED_FROM;
}

/** @returns undefined where documents have them all */
function unknownIn({ filter = {} }: Input, fields: readonly FieldInfo[]): string[] | undefined {
  const known = new Set(["document", "source", ...fields.map(({ name }) => name)]);
  const unknown = Object.keys(filter).filter((name) => !known.has(name));
  return unknown.length === 0 ? undefined : unknown.map((name) => sanitizeLine(name));
}

function presentIndexing({ source, ...progress }: NonNullable<Answered["indexing"]>[number]) {
  return { source: sanitizeLine(source, 1_000), ...progress };
}

/** How the scores of this answer were made. */
function explain(
  { candidates }: RetrievalProfile,
  { mode, variants, exact, phrases, denseWeight, reranked }: Retrieved,
): Output["explain"] {
  const named = [...exact.map(({ term }) => term), ...phrases.map(({ text }) => sanitizeLine(text, text.length))];
  return {
    mode,
    score:
      "how probable it is that the passage answers the question, 0..1: a logistic of the best fused or re-ranked score, the best cosine, and how far the passage falls behind",
    fusion: "dense_weight * max(0, cosine) + (1 - dense_weight) * BM25 / BM25max; the best of the variants on each leg",
    dense_weight: denseWeight,
    candidates_per_leg: candidates,
    variants: variants.map(({ text, leg, weight }) => ({ text: sanitizeLine(text, text.length), leg, weight })),
    rerank:
      reranked &&
      "(1 - rerank_blend) * fused + rerank_blend * rerank; a passage without a rerank score counts as the lowest that was given",
    exact:
      named.length === 0
        ? undefined
        : "what the question names exactly comes first: each passage keeps a share of its score and gets the rest for what it has of that",
    exact_terms: named.length === 0 ? undefined : named,
    rerank_blend: reranked?.blend,
  };
}

/** As many results as fit; at least the first, its text cut if need be, but not to nothing. */
function within(results: readonly Result[], maxChars: number): Result[] {
  const kept: Result[] = [];
  let left = maxChars - 600; // what the answer says besides its results
  for (const item of results) {
    const size = JSON.stringify(item).length;
    if (size <= left) kept.push(item);
    else if (kept.length > 0) break;
    else {
      const { text = "" } = item;
      kept.push(text === "" ? item : { ...item, text: cut(text, Math.max(LEAST_CHARS, left - (size - text.length))) });
    }
    left -= size;
  }
  return kept;
}

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars).toWellFormed()} …`;
}
