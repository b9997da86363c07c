/** Lines that begin or end most documents of a source: navigation, breadcrumbs, licences. Shown, and not read. */
import { createHash } from "node:crypto";
import { trimSpan } from "../core/blank.js";
import { joinedSpans } from "../core/joined-spans.js";
import { ReadText } from "../core/read-text.js";
import type { ParsedDocument, Span } from "../core/types.js";

/** What fewer documents have in common may be chance. */
const FEWEST_DOCUMENTS = 8;
/** At either edge of a document: lines with words, and characters that are looked through for them. */
const MOST_LINES = 64;
const EDGE_LENGTH = 10_000;
/** Characters: a longer line is text. */
const LONGEST_LINE = 500;
const HASH_CHARS = 16;

const EDGES = ["begins", "ends"] as const;
type Edge = (typeof EDGES)[number];

/** A line as its edge and its read text are told from others, without keeping what a document says. */
interface EdgeLine extends Span {
  /** Undefined of what is text for certain: where it stands, nothing further in is looked at. */
  readonly key: string | undefined;
}

/**
 * Keys of the lines that begin or end more than half of the documents, from the edge inwards. Undefined: there are too
 * few documents to tell.
 */
export function furnitureOf(documents: readonly ParsedDocument[]): readonly string[] | undefined {
  if (documents.length < FEWEST_DOCUMENTS) return undefined;
  return EDGES.flatMap((edge) =>
    commonOf(documents.map((document) => edgeLines(document, edge).map(({ key }) => key))),
  );
}

/** @param edges taken apart: each document's keys */
function commonOf(edges: readonly EdgeLine["key"][][]): string[] {
  const most = edges.length / 2;
  const found = new Set<string>();
  for (let before = -1; before < found.size; ) {
    before = found.size;
    const counts = new Map<string, number>();
    for (const [key] of edges) if (key !== undefined) counts.set(key, (counts.get(key) ?? 0) + 1);
    for (const [key, count] of counts) if (count > most) found.add(key);
    for (const keys of edges) keys.splice(0, keptFrom(keys, found));
  }
  // What has nothing else even far from its edge are copies of one text.
  return edges.filter(({ length }) => length === 0).length > most ? [] : [...found];
}

/** Index of the first line that is none of these, or behind the last. */
function keptFrom(keys: readonly EdgeLine["key"][], furniture: ReadonlySet<string>): number {
  const kept = keys.findIndex((key) => key === undefined || !furniture.has(key));
  return kept === -1 ? keys.length : kept;
}

/** The same document, whose lines of furniture are not read. One that has nothing else is read as it is. */
export function withoutFurniture(document: ParsedDocument, furniture: ReadonlySet<string>): ParsedDocument {
  if (furniture.size === 0) return document;
  const begin = peeled(edgeLines(document, "begins"), furniture);
  const end = peeled(edgeLines(document, "ends"), furniture).reverse();
  const from = begin.at(-1)?.end ?? 0;
  const to = end[0]?.start ?? document.text.length;
  const isAll = from >= to || !new ReadText(document).hasWord({ start: from, end: to });
  if (isAll) return document;
  const unread = [...(document.unread ?? []), ...begin, ...end].sort((a, b) => a.start - b.start);
  return { ...document, unread: joinedSpans(unread) };
}

function peeled(lines: readonly EdgeLine[], furniture: ReadonlySet<string>): EdgeLine[] {
  const kept = keptFrom(
    lines.map(({ key }) => key),
    furniture,
  );
  return lines.slice(0, kept);
}

/**
 * Those with words, from the edge inwards. What stands before the first block and behind the last is no text; a table's
 * rows, and what its columns are called, are.
 */
function edgeLines(document: ParsedDocument, edge: Edge): EdgeLine[] {
  const text = new ReadText(document);
  const tables = document.blocks.filter(({ header }) => header !== undefined);
  const table = edge === "begins" ? tables[0] : tables.at(-1);
  const isText = ({ start, end }: Span) =>
    end - start > LONGEST_LINE || (table !== undefined && start < table.end && end > table.start);
  const lines: EdgeLine[] = [];
  for (const line of linesFrom(edge, text.shown, edgeOf(document, edge))) {
    if (lines.length === MOST_LINES) break;
    if (isText(line)) return [...lines, { ...line, key: undefined }];
    if (text.hasWord(line)) lines.push({ ...line, key: keyOf(edge, text.read(line)) });
  }
  return lines;
}

function edgeOf({ blocks }: ParsedDocument, edge: Edge): Span {
  const [start, end] = [blocks[0]?.start ?? 0, blocks.at(-1)?.end ?? 0];
  if (edge === "begins") return { start, end: Math.min(end, start + EDGE_LENGTH) };
  return { start: Math.max(start, end - EDGE_LENGTH), end };
}

function keyOf(edge: Edge, line: string): string {
  const plain = line.replace(/\s+/g, " ").trim();
  return createHash("sha256").update(`${edge}\n${plain}`).digest("hex").slice(0, HASH_CHARS);
}

/** Without the blank space around them, and without blank ones. */
function* linesFrom(edge: Edge, text: string, { start, end }: Span): Generator<Span> {
  for (let [from, to] = [start, end]; from < to; ) {
    const line =
      edge === "begins" ? { start: from, end: lineEnd(text, from, to) } : { start: lineStart(text, from, to), end: to };
    const trimmed = trimSpan(text, line);
    if (trimmed !== undefined) yield trimmed;
    if (edge === "begins") from = line.end + 1;
    else to = line.start - 1;
  }
}

function lineEnd(text: string, from: number, to: number): number {
  const feed = text.indexOf("\n", from);
  return feed === -1 ? to : Math.min(feed, to);
}

function lineStart(text: string, from: number, to: number): number {
  return Math.max(text.lastIndexOf("\n", to - 1) + 1, from);
}
