/** Shares the text of a section's last two chunks anew where the last one would be a stub. */
import type { Block, Span } from "../core/types.js";
import { budgetFrom, MAX_CHUNK_LENGTH, type OpenChunk, type Placed } from "./open-chunk.js";
import { lineSpans, sentenceSpans } from "./spans.js";

/** Fewer tokens say little by themselves; with a model of a short input, a quarter of a chunk. */
const STUB_TOKENS = 48;

export function isStub({ tokens, budget }: Pick<OpenChunk, "tokens" | "budget">): boolean {
  return tokens < Math.min(STUB_TOKENS, budget / 4);
}

/** The units of two chunks. */
export interface Shared {
  readonly before: readonly Placed[];
  readonly tail: readonly Placed[];
}

/**
 * Whole units move from the chunk before into the tail until it is no stub. Where that would take too much, the last of
 * them is cut, at a sentence or a line, so that both chunks hold about the same. Undefined where it cannot be cut.
 */
export function shareWithTail(text: string, before: OpenChunk, tail: OpenChunk): Shared | undefined {
  const own = tail.placed.filter(({ unit }) => unit.start >= before.end);
  const placed = [...before.placed, ...own];
  let last = before.placed.length;
  for (let tokens = tokensOf(own); last > 0 && isStub({ tokens, budget: tail.budget }); ) {
    tokens += (placed[--last] as Placed).unit.tokens;
  }
  const whole = cutAt(placed, withHeadings(placed, last));
  if (isFit(whole)) return whole;
  const pieces = piecesOf(text, placed[last] as Placed);
  const finer = [...placed.slice(0, last), ...pieces, ...placed.slice(last + 1)];
  const even = cutAt(finer, middle(finer, last, last + pieces.length));
  return pieces.length > 1 && isFit(even) ? even : undefined;
}

function cutAt(placed: readonly Placed[], at: number): Shared {
  return { before: placed.slice(0, at), tail: placed.slice(at) };
}

/** Headings stay with what they stand above. */
function withHeadings(placed: readonly Placed[], at: number): number {
  return at > 0 && placed[at - 1]?.block.heading ? withHeadings(placed, at - 1) : at;
}

function isFit({ before, tail }: Shared): boolean {
  const first = tail[0] as Placed;
  const budget = budgetFrom(first);
  const tokens = tokensOf(tail);
  const length = (tail.at(-1) as Placed).unit.end - first.unit.start;
  const keepsText = before.some(({ block }) => !block.heading) && !isStub({ tokens: tokensOf(before), budget });
  return keepsText && tokens <= budget && length <= MAX_CHUNK_LENGTH && !isStub({ tokens, budget });
}

/** Where the units behind hold half of all tokens or a little less, within `(from, to)`. */
function middle(placed: readonly Placed[], from: number, to: number): number {
  const half = tokensOf(placed) / 2;
  let at = to - 1;
  let tokens = tokensOf(placed.slice(at));
  while (at > from + 1 && tokens + (placed[at - 1] as Placed).unit.tokens <= half) {
    at--;
    tokens += (placed[at] as Placed).unit.tokens;
  }
  return at;
}

/** The unit's sentences or lines, their tokens in proportion to their length: each chunk is counted again later. */
function piecesOf(text: string, { unit, block }: Placed): Placed[] {
  const tokens = unit.tokens / (unit.end - unit.start);
  return spansOf(text, unit, block.kind).map(({ start, end }) => ({
    unit: { start, end, tokens: Math.ceil(tokens * (end - start)) },
    block,
  }));
}

function spansOf(text: string, span: Span, kind: Block["kind"]): Span[] {
  return kind === "prose" ? sentenceSpans(text, span) : lineSpans(text, span, 1);
}

function tokensOf(placed: readonly Placed[]): number {
  return placed.reduce((sum, { unit }) => sum + unit.tokens, 0);
}
