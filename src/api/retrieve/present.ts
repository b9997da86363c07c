/** An answer as clients get it: passages with their sources, scores and, when asked, how they were made. */

import type { Answered, Passage, Retrieved } from "../../app/app.js";
import { type Call, timings } from "../../core/call.js";
import { fingerprintLabel } from "../../core/fingerprint.js";
import { passageText } from "../../core/passage-text.js";
import type { RetrievalProfile } from "../../core/profile.js";
import { boundRecord, RECORD_LIMITS } from "../../core/record-limits.js";
import { sanitize, sanitizeLine } from "../../core/sanitize.js";
import { pathOf, sourceOf } from "../../core/sources.js";
import { documentUri } from "../document/uri.js";
import { presentFields } from "../fields.js";
import { CHARS_PER_TOKEN, LEAST_CHARS } from "../limits.js";
import { joinOverlapping } from "./join.js";
import type { Input, Output, Result } from "./schema.js";
import { snippet } from "./snippet.js";

export interface PresentOptions {
  readonly input: Input;
  readonly profile: RetrievalProfile;
  readonly totalMs: number;
}

export function present(call: Call, retrieved: Answered, { input, profile, totalMs }: PresentOptions): Output {
  const { collection, reranked } = retrieved;
  const passages = joinOverlapping(retrieved.passages);
  const all = passages.map((passage, i) => toResult(retrieved, passage, i + 1, input));
  const results = within(all, input.max_tokens * CHARS_PER_TOKEN);
  const omitted = all.length - results.length;
  return {
    results,
    query_variants: retrieved.variants.map(({ text }) => sanitizeLine(text, text.length)),
    timings_ms: timings(call, totalMs),
    collection: {
      name: collection.name,
      alias: collection.alias,
      fingerprint: collection.spec ? fingerprintLabel(collection.spec.fingerprint) : "unverified",
      points: collection.points,
    },
    degraded: [...call.degraded],
    reranked: reranked && { candidates: reranked.candidates, scored: reranked.scored },
    truncated: omitted === 0 ? undefined : { omitted, reason: `max_tokens ${input.max_tokens}` },
    indexing: retrieved.indexing?.length ? retrieved.indexing.map(presentIndexing) : undefined,
    empty_reason: retrieved.emptyReason,
    fields: retrieved.fields && presentFields(retrieved.fields),
    explain: input.explain ? explain(profile, retrieved) : undefined,
    trace_id: call.trace.traceId,
  };
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

function toResult({ collection, sources, stale }: Answered, passage: Passage, rank: number, input: Input): Result {
  const { point, score, fused, dense, lexical, exact, rerank: reranked } = passage;
  const { record } = point;
  const from = sourceOf(sources, record.source);
  const path = pathOf(from, record);
  return {
    rank,
    id: point.id,
    score: round(score),
    scores: {
      dense: dense === undefined ? undefined : round(dense),
      lexical: lexical === undefined ? undefined : round(lexical),
      exact: exact === undefined ? undefined : round(exact),
      fused: round(fused),
      rerank: reranked === undefined ? undefined : round(reranked),
    },
    ...shown(point, rank, input),
    stale: stale?.get(point.id),
    source: {
      name: sanitizeLine(from.name),
      document: sanitizeLine(record.document, 1_000),
      uri: documentUri(collection.alias, from.name, record.document),
      path: path && sanitizeLine(path, 4_000),
      title: record.title ? sanitizeLine(record.title) : undefined,
      heading: point.headings.length > 0 ? sanitizeLine(point.headings.join(" > ")) : undefined,
      line_start: point.lines?.first,
      line_end: point.lines?.last,
      page_start: point.pages?.first,
      page_end: point.pages?.last,
    },
    metadata: input.detail === "ids" ? {} : sanitizeMetadata(boundRecord(record).metadata),
  };
}

/** Passages that are sent whole where the caller leaves it to us: what answers is among them nearly always. */
const WHOLE = 2;

/** An excerpt is a part of the passage, as it stands there; it keeps the names of its columns. */
function shown(point: Passage["point"], rank: number, { detail, query }: Input): Pick<Result, "text" | "excerpt"> {
  if (detail === "ids") return {};
  const text = sanitize(point.text);
  const tableHeader = point.tableHeader && sanitize(point.tableHeader);
  const isWhole = detail === "full" || (detail === "auto" && rank <= WHOLE);
  const part = isWhole ? text : snippet(text, query);
  return { text: passageText({ tableHeader, text: part }), excerpt: part === text ? undefined : true };
}

/** Collections of an older version, and those of others, may hold more than is stored now. */
function sanitizeMetadata(metadata: Passage["point"]["record"]["metadata"]): Result["metadata"] {
  const clean = (value: unknown) => (typeof value === "string" ? sanitizeLine(value, RECORD_LIMITS.valueChars) : value);
  return Object.fromEntries(
    Object.entries(metadata).map(([key, value]) => [
      sanitizeLine(key, RECORD_LIMITS.keyChars),
      Array.isArray(value) ? value.map(clean) : clean(value),
    ]),
  ) as Result["metadata"];
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

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
