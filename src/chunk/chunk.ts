/** Cuts a document into chunks along its structure, measured in the model's tokens. */
import type { Call } from "../core/call.js";
import type { TokenCounter } from "../core/ports.js";
import { ReadText } from "../core/read-text.js";
import type { Block, Chunk, ParsedDocument, Span } from "../core/types.js";
import { type CountTokens, inBatches } from "./count.js";
import { type Prefix, prefixesOf } from "./embed-prefix.js";
import { MAX_CHUNK_LENGTH, type MeasuredBlock, type Packed } from "./open-chunk.js";
import { pack } from "./pack.js";
import { Paths } from "./paths.js";
import { rangeOf } from "./range-of.js";
import { slicesOf } from "./slices.js";
import { characterSpans, wordSpans } from "./spans.js";
import { type SplitTask, splitSpans } from "./split.js";
import { type TableHeader, tableHeadersOf } from "./table-header.js";

/** Changes whenever the same document may give other chunks: marks indexed documents stale. */
export const CHUNKER_VERSION = "structure-5";

const SPECIAL_TOKENS = 2;

/**
 * Chunks in order, each an exact slice of the document's text, none with an `embedText` beyond `maxTokens`, each with a
 * word to be read. Together they hold every word of the blocks; only a block that had to be split repeats text. Linear
 * time, with pauses for the event loop in a large document.
 */
export async function chunkDocument(call: Call, document: ParsedDocument, model: TokenCounter): Promise<Chunk[]> {
  const count = inBatches((texts) => model.countTokens(call, texts));
  const room = { tokens: model.maxTokens - SPECIAL_TOKENS, count };
  const chunks: Chunk[] = [];
  const text = new ReadText(document);
  for (const slice of slicesOf(document.text, readBlocks(document.blocks, text))) {
    for (const chunk of await chunkSlice(document, { text, blocks: slice }, room)) {
      if (text.hasWord(chunk)) chunks.push({ ordinal: chunks.length, ...chunk });
    }
  }
  return chunks;
}

/** Without those that are shown only. One after the other: there may be a million. */
function* readBlocks(blocks: readonly Block[], text: ReadText): Generator<Block> {
  for (const block of blocks) if (text.hasText(block)) yield block;
}

/** What an `embedText` may take, and how it is counted. */
interface Room {
  readonly tokens: number;
  readonly count: CountTokens;
}

/** Blocks of a document that are chunked together. */
interface Slice {
  /** The whole document's. */
  readonly text: ReadText;
  readonly blocks: readonly Block[];
  readonly paths: Paths;
  /** Of each block the number of its heading path. */
  readonly pathOf: readonly number[];
  /** One for each path. */
  readonly prefixes: readonly Prefix[];
  /** Of each block most tokens of a chunk. */
  readonly budgets: readonly number[];
  /** Of each block, where it is of a table. */
  readonly tableHeaders: readonly (TableHeader | undefined)[];
}

async function chunkSlice(
  document: ParsedDocument,
  { text, blocks }: Pick<Slice, "text" | "blocks">,
  room: Room,
): Promise<Omit<Chunk, "ordinal">[]> {
  const paths = new Paths();
  const pathOf = blocks.map(({ headings }) => paths.number(headings));
  const prefixes = await prefixesOf(paths.all, (document.title ?? "").trim(), room.tokens, room.count);
  const budgetOf = budgetsOf(paths, prefixes, room.tokens);
  const budgets = pathOf.map((path) => budgetOf[path] as number);
  const tableHeaders = await tableHeadersOf(text.shown, blocks, budgets, room.count);
  const slice: Slice = { text, blocks, paths, pathOf, prefixes, budgets, tableHeaders };
  const packed = await enforceLimit(slice, pack(text.shown, paths, await measure(slice, room)), room);
  return packed.map((span) => {
    const prefix = prefixes[span.path] as Prefix;
    const lines = rangeOf(document.lines, span.start, span.end);
    const pages = rangeOf(document.pages, span.start, span.end);
    return {
      text: text.shown.slice(span.start, span.end),
      start: span.start,
      end: span.end,
      lines,
      pages,
      headings: prefix.headings,
      tableHeader: tableHeaderOf(slice, span)?.text,
      embedText: embedText(slice, span),
    };
  });
}

function embedText(slice: Slice, { start, end, path }: Packed): string {
  const lead = [slice.prefixes[path]?.text, tableHeaderOf(slice, { start })?.text].filter(Boolean);
  return [...lead, slice.text.read({ start, end })].join("\n");
}

/** Of the table that a chunk begins inside of; undefined where the chunk holds it itself. */
function tableHeaderOf({ blocks, tableHeaders }: Slice, { start }: Pick<Span, "start">): TableHeader | undefined {
  const header = tableHeaders[indexAt(blocks, start)];
  return header !== undefined && start >= header.end ? header : undefined;
}

/** Of the last block that begins at or before the offset. */
function indexAt(blocks: readonly Block[], offset: number): number {
  let low = 0;
  let high = blocks.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((blocks[middle] as Block).start <= offset) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Most tokens of a chunk under each path: one that takes more sections in comes under a path above. */
function budgetsOf(paths: Paths, prefixes: readonly Prefix[], tokens: number): number[] {
  return paths.all.map((_, number) => {
    const longest = Math.max(...Array.from(paths.upwards(number), (path) => (prefixes[path] as Prefix).tokens));
    return Math.max(1, tokens - longest);
  });
}

async function measure(slice: Slice, room: Room): Promise<MeasuredBlock[]> {
  const { text, blocks, pathOf } = slice;
  const tokens = await countBlocks(text, blocks, room.count);
  const drafts: Omit<MeasuredBlock, "units" | "split">[] = [];
  const tasks = new Map<number, SplitTask>();
  // Headings directly above a block share its first chunk, so they narrow its pieces.
  let lead = { tokens: 0, start: -1 };
  blocks.forEach((block, index) => {
    const path = pathOf[index] as number;
    const opensSection = index === 0 || path !== pathOf[index - 1];
    const heading = opensSection && isHeading(text.shown, block);
    const budget = slice.budgets[index] as number;
    const header = slice.tableHeaders[index];
    drafts.push({ kind: block.kind, heading, opensSection, path, budget, header });
    const limit = heading || lead.tokens > budget / 2 ? { tokens: 0, start: block.start } : lead;
    const maxTokens = budget - limit.tokens - (header?.tokens ?? 0);
    const wholeTokens = header !== undefined && block.start < header.end ? budget - limit.tokens : maxTokens;
    const maxLength = Math.max(1, MAX_CHUNK_LENGTH - (limit.start === -1 ? 0 : block.start - limit.start));
    if ((tokens[index] as number) > wholeTokens || block.end - block.start > maxLength) {
      tasks.set(index, { start: block.start, end: block.end, kind: block.kind, maxTokens, maxLength });
    }
    if (!heading) lead = { tokens: 0, start: -1 };
    else
      lead = { tokens: lead.tokens + (tokens[index] as number), start: lead.start === -1 ? block.start : lead.start };
  });
  const pieces = (await splitSpans(text, [...tasks.values()], room.count)).values();
  return drafts.map((draft, index) => {
    const { start, end } = blocks[index] as Block;
    const split = tasks.has(index);
    const units = split ? (pieces.next().value ?? []) : [{ start, end, tokens: tokens[index] as number }];
    return { ...draft, split, units };
  });
}

/** A block with more characters than a chunk may have is split in any case: it is not worth counting. */
async function countBlocks(text: ReadText, blocks: readonly Block[], count: CountTokens): Promise<number[]> {
  const countable = blocks.filter((block) => block.end - block.start <= MAX_CHUNK_LENGTH);
  const counts = (await count(countable.map((block) => text.read(block)))).values();
  return blocks.map((block) =>
    block.end - block.start <= MAX_CHUNK_LENGTH ? (counts.next().value as number) : Number.POSITIVE_INFINITY,
  );
}

/** The first block under a path is its heading's own line, where the format has such lines. */
function isHeading(text: string, block: Block): boolean {
  const heading = block.headings.at(-1);
  if (heading === undefined || block.kind !== "prose" || block.end - block.start > 1000) return false;
  const slice = text.slice(block.start, block.end);
  return slice.split("\n").length <= 2 && slice.includes(heading.split(" ")[0] as string);
}

/**
 * Sums of pieces are exact only for pieces that end at blank space, so every chunk is counted once more as it will be
 * embedded, and cut in two until it fits.
 */
async function enforceLimit(slice: Slice, chunks: readonly Packed[], { tokens, count }: Room): Promise<Packed[]> {
  let current = [...chunks];
  let unsure = new Set(current);
  while (unsure.size > 0) {
    const checked = [...unsure];
    const counts = await count(checked.map((chunk) => embedText(slice, chunk)));
    const tooLong = new Set(checked.filter((_, i) => (counts[i] as number) > tokens));
    unsure = new Set();
    if (tooLong.size === 0) break;
    current = current.flatMap((chunk) => {
      const halves = tooLong.has(chunk) ? halve(slice.text.shown, chunk) : [chunk];
      if (halves.length > 1) for (const half of halves) unsure.add(half);
      return halves;
    });
  }
  return withoutSwallowed(current);
}

/** Cutting one of two overlapping chunks can leave a piece that its neighbour holds whole. */
function withoutSwallowed(chunks: readonly Packed[]): Packed[] {
  let end = 0;
  return chunks.filter((chunk) => {
    if (chunk.end <= end) return false;
    end = chunk.end;
    return true;
  });
}

function halve(text: string, chunk: Packed): Packed[] {
  const size = Math.ceil((chunk.end - chunk.start) / 2);
  const words = wordSpans(text, chunk, size);
  const spans = words.length > 1 ? words : characterSpans(text, chunk, size);
  return spans.map((span) => ({ ...span, path: chunk.path }));
}
