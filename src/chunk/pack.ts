/** Packs measured units, in order, into the spans of chunks. Pure: all counting is done before. */
import type { Span } from "./spans.js";

/** A whole block, or a piece of one that was split. */
export interface Unit extends Span {
  readonly tokens: number;
}

export interface MeasuredBlock {
  readonly units: readonly Unit[];
  /** More than one chunk may hold parts of it; they overlap. */
  readonly split: boolean;
  readonly heading: boolean;
  /** Whether its heading path differs from that of the block before. */
  readonly opensSection: boolean;
  /** Index of its heading path. */
  readonly path: number;
  /** Most tokens of a chunk under this path. */
  readonly budget: number;
}

export interface Packed extends Span {
  readonly path: number;
}

/** Also stops a chunk of one endless word, which counts as a single token. */
export const MAX_CHUNK_LENGTH = 4000;
const SMALL_CHUNK_TOKENS = 48;
const OVERLAP_TOKENS = 32;
/** An endless word counts as one token, so tokens alone do not keep the overlap short. */
const OVERLAP_LENGTH = 400;

/**
 * Greedy: whole blocks while they fit, a new chunk at each section. A chunk of fewer than 48 tokens takes the next
 * section in when all of it fits, and headings alone always do.
 */
export function pack(blocks: readonly MeasuredBlock[]): Packed[] {
  const sections = sectionSizes(blocks);
  const chunks: Packed[] = [];
  let open = new OpenChunk();
  const close = () => {
    if (!open.empty) chunks.push(open.packed);
    open = new OpenChunk();
  };
  blocks.forEach((block, index) => {
    const section = sections[index] as Section;
    const joins = open.headingsOnly || (open.tokens < SMALL_CHUNK_TOKENS && open.takes(section, open.budget));
    if (block.opensSection && !open.empty && !joins) close();
    for (const unit of block.units) {
      const budget = open.hasBody ? open.budget : block.budget;
      if (!open.empty && !open.takes(unit, budget)) {
        const overlap = block.split ? open.overlap(index, unit, block.budget) : [];
        close();
        for (const repeated of overlap) open.add(repeated, block, index);
      }
      open.add(unit, block, index);
    }
  });
  close();
  return chunks;
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

class OpenChunk {
  readonly #units: { readonly unit: Unit; readonly block: number }[] = [];
  tokens = 0;
  budget = 0;
  hasBody = false;
  #path = 0;

  get empty(): boolean {
    return this.#units.length === 0;
  }

  get headingsOnly(): boolean {
    return !this.empty && !this.hasBody;
  }

  get packed(): Packed {
    return { start: this.#start, end: this.#units.at(-1)?.unit.end ?? 0, path: this.#path };
  }

  get #start(): number {
    return this.#units[0]?.unit.start ?? 0;
  }

  takes(more: { readonly tokens: number; readonly end: number }, budget: number): boolean {
    return this.tokens + more.tokens <= budget && more.end - this.#start <= MAX_CHUNK_LENGTH;
  }

  /** The first block that is no heading gives the chunk its path, and so its budget. */
  add(unit: Unit, block: MeasuredBlock, index: number): void {
    if (this.empty || (!this.hasBody && !block.heading)) {
      this.#path = block.path;
      this.budget = block.budget;
    }
    if (!block.heading) this.hasBody = true;
    this.#units.push({ unit, block: index });
    this.tokens += unit.tokens;
  }

  /** Trailing units of the same block that the next chunk repeats before `next`; never this chunk's first. */
  overlap(block: number, next: Unit, budget: number): Unit[] {
    const repeated: Unit[] = [];
    let tokens = 0;
    for (let i = this.#units.length - 1; i > 0; i--) {
      const { unit, block: of } = this.#units[i] as { unit: Unit; block: number };
      tokens += unit.tokens;
      const short = tokens <= Math.min(OVERLAP_TOKENS, budget / 4) && next.start - unit.start <= OVERLAP_LENGTH;
      const fits = tokens + next.tokens <= budget && next.end - unit.start <= MAX_CHUNK_LENGTH;
      if (of !== block || !short || !fits) break;
      repeated.unshift(unit);
    }
    return repeated;
  }
}
