/** A passage as clients get it: as much of it as is worth its tokens, each thing said once. */
import type { Answered, Passage } from "../../app/app.js";
import { passageText } from "../../core/passage-text.js";
import { boundRecord, RECORD_LIMITS } from "../../core/record-limits.js";
import { sanitize, sanitizeLine } from "../../core/sanitize.js";
import { pathOf, sourceOf } from "../../core/sources.js";
import { documentUri } from "../document/uri.js";
import type { Input, Result } from "./schema.js";
import { snippet } from "./snippet.js";

/** Where a passage stands, in which answer. */
interface Place {
  readonly rank: number;
  readonly input: Input;
  /** Whether the documents answer the question at all. */
  readonly isCovered: boolean;
}

export function toResult({ collection, sources, stale }: Answered, passage: Passage, place: Place): Result {
  const { point, score } = passage;
  const { record } = point;
  const { rank, input } = place;
  const from = sourceOf(sources, record.source);
  const path = pathOf(from, record);
  const isLean = input.detail === "auto" && !input.explain;
  return {
    rank,
    id: isLean && point.lines !== undefined ? undefined : point.id,
    score: round(score),
    scores: input.explain ? scoresOf(passage) : undefined,
    ...shown(point, place),
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
    metadata: input.detail === "ids" ? undefined : presentMetadata(boundRecord(record).metadata, isLean),
  };
}

function scoresOf({ fused, dense, lexical, exact, rerank: reranked }: Passage): Result["scores"] {
  return {
    dense: dense === undefined ? undefined : round(dense),
    lexical: lexical === undefined ? undefined : round(lexical),
    exact: exact === undefined ? undefined : round(exact),
    fused: round(fused),
    rerank: reranked === undefined ? undefined : round(reranked),
  };
}

/** Passages that are sent whole where the caller leaves it to us: what answers is among them nearly always. */
const WHOLE = 2;
/** Those behind them that answer now and then. */
const NEAR = 5;
const NEAR_CHARS = 200;
const FAR_CHARS = 100;
const SNIPPET_CHARS = 240;

/** An excerpt is a part of the passage, as it stands there; it keeps the names of its columns. */
function shown(point: Passage["point"], place: Place): Pick<Result, "text" | "excerpt"> {
  const { query, detail } = place.input;
  if (detail === "ids") return {};
  const text = sanitize(point.text);
  const tableHeader = point.tableHeader && sanitize(point.tableHeader);
  const most = mostChars(place);
  const part = most === undefined ? text : snippet(text, query, most);
  return { text: passageText({ tableHeader, text: part }), excerpt: part === text ? undefined : true };
}

/** @returns undefined for all of it */
function mostChars({ rank, input: { detail }, isCovered }: Place): number | undefined {
  if (detail === "full") return undefined;
  if (detail === "snippet" || !isCovered) return SNIPPET_CHARS;
  if (rank <= WHOLE) return undefined;
  return rank <= NEAR ? NEAR_CHARS : FAR_CHARS;
}

/** The same results in few words, for a text beside them that nobody needs to read for more than to choose. */
export function inBrief(result: Result, query: string): Result {
  const { text } = result;
  if (text === undefined) return result;
  const part = snippet(text, query, FAR_CHARS);
  return part === text ? result : { ...result, text: part, excerpt: true };
}

/** Of a file's document, what `source` says already. */
const SAID = new Set(["path", "format", "extension"]);

/** Collections of an older version, and those of others, may hold more than is stored now. */
function presentMetadata(metadata: Passage["point"]["record"]["metadata"], isLean: boolean): Result["metadata"] {
  const clean = (value: unknown) => (typeof value === "string" ? sanitizeLine(value, RECORD_LIMITS.valueChars) : value);
  const told = Object.entries(metadata).filter(([key]) => !(isLean && SAID.has(key)));
  if (told.length === 0) return undefined;
  return Object.fromEntries(
    told.map(([key, value]) => [
      sanitizeLine(key, RECORD_LIMITS.keyChars),
      Array.isArray(value) ? value.map(clean) : clean(value),
    ]),
  ) as Result["metadata"];
}

function round(value: number): number {
  return Math.round(value * 10_000) / 10_000;
}
