/** Packs measured units, in order, into the spans of chunks. Pure: all counting is done before. */
import { type MeasuredBlock, OpenChunk, type Packed } from "./open-chunk.js";
import type { Paths } from "./paths.js";
import { isStub, shareWithTail } from "./tail.js";

const SMALL_CHUNK_TOKENS = 48;

/**
 * Greedy: whole blocks while they fit, a new chunk at each section. A chunk of fewer than 48 tokens takes the next
 * section in when all of it fits, though not from under another heading once it has several under one; a chunk that ends
 * in a heading always does. The short end of a long section takes text from the chunk before it.
 */
export function pack(text: string, paths: Paths, blocks: readonly MeasuredBlock[]): Packed[] {
  const sections = sectionSizes(blocks);
  const chunks: OpenChunk[] = [];
  let open = new OpenChunk(paths);
  /** The open chunk goes on where the one before it was full. */
  let goesOn = false;
  const close = () => {
    if (!open.empty) chunks.push(open);
    open = new OpenChunk(paths);
  };
  const endSection = () => {
    const before = chunks.at(-1);
    const shared = goesOn && before !== undefined && isStub(open) ? shareWithTail(text, before, open) : undefined;
    goesOn = false;
    if (shared === undefined) return;
    chunks[chunks.length - 1] = new OpenChunk(paths, shared.before);
    open = new OpenChunk(paths, shared.tail);
  };
  blocks.forEach((block, index) => {
    if (block.opensSection && !open.empty) {
      endSection();
      const section = sections[index] as Section;
      const isSmall = open.tokens < SMALL_CHUNK_TOKENS && open.joins(block.path);
      if (!open.endsInHeading && !(isSmall && open.takes(section, open.budget))) close();
    }
    for (const unit of block.units) {
      const budget = open.hasBody ? open.budget : block.budget;
      if (!open.empty && !open.takes(unit, budget)) {
        const overlap = block.split ? open.overlap(block, unit) : [];
        close();
        goesOn = true;
        for (const repeated of overlap) open.add(repeated.unit, repeated.block);
      }
      open.add(unit, block);
    }
  });
  endSection();
  close();
  return chunks.map((chunk) => chunk.packed);
}

interface Section {
  readonly tokens: number;
  readonly end: number;
}

/** For each block that opens a section: what the section takes, with the next one's where it is but a heading. */
function sectionSizes(blocks: readonly MeasuredBlock[]): Section[] {
  const sizes: Section[] = new Array(blocks.length);
  let tokens = 0;
  let end = -1;
  let bare = true;
  let next: Section | undefined;
  for (let index = blocks.length - 1; index >= 0; index--) {
    const block = blocks[index] as MeasuredBlock;
    for (const unit of block.units) tokens += unit.tokens;
    if (end === -1) end = block.units.at(-1)?.end ?? 0;
    bare &&= block.heading;
    sizes[index] = bare && next !== undefined ? { tokens: tokens + next.tokens, end: next.end } : { tokens, end };
    if (block.opensSection) {
      next = sizes[index] as Section;
      tokens = 0;
      end = -1;
      bare = true;
    }
  }
  return sizes;
}
