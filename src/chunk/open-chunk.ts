/** A chunk while units are added to it. */
import type { Block, Span } from "../core/types.js";
import type { Paths } from "./paths.js";
import type { TableHeader } from "./table-header.js";

/** A whole block, or a piece of one that was split. */
export interface Unit extends Span {
  readonly tokens: number;
}

export interface MeasuredBlock {
  readonly units: readonly Unit[];
  /** More than one chunk may hold parts of it; they overlap. */
  readonly split: boolean;
  readonly kind: Block["kind"];
  readonly heading: boolean;
  /** Whether its heading path differs from that of the block before. */
  readonly opensSection: boolean;
  /** Number of its heading path. */
  readonly path: number;
  /** Most tokens of a chunk under this path or one above it. */
  readonly budget: number;
  /** Of the table that it is of. */
  readonly header?: TableHeader | undefined;
}

export interface Packed extends Span {
  /** Number of the longest heading path that its sections share. */
  readonly path: number;
}

/** A unit and the block that it is of. */
export interface Placed {
  readonly unit: Unit;
  readonly block: MeasuredBlock;
}

/** Most tokens of a chunk that begins with this unit. */
export function budgetFrom({ unit, block }: Placed): number {
  const { budget, header } = block;
  return header !== undefined && unit.start >= header.end ? budget - header.tokens : budget;
}

/** Also stops a chunk of one endless word, which counts as a single token. */
export const MAX_CHUNK_LENGTH = 4000;
const OVERLAP_TOKENS = 32;
/** An endless word counts as one token, so tokens alone do not keep the overlap short. */
const OVERLAP_LENGTH = 400;

export class OpenChunk {
  readonly placed: Placed[] = [];
  tokens = 0;
  budget = 0;
  hasBody = false;
  readonly #paths: Paths;
  #path = 0;
  /** It holds text of several sections. */
  #isMixed = false;

  constructor(paths: Paths, placed: readonly Placed[] = []) {
    this.#paths = paths;
    for (const { unit, block } of placed) this.add(unit, block);
  }

  get empty(): boolean {
    return this.placed.length === 0;
  }

  /** Its last section has no text of its own: the next one is what stands under the heading. */
  get endsInHeading(): boolean {
    return this.placed.at(-1)?.block.heading === true;
  }

  get packed(): Packed {
    return { start: this.start, end: this.end, path: this.#path };
  }

  get start(): number {
    return this.placed[0]?.unit.start ?? 0;
  }

  get end(): number {
    return this.placed.at(-1)?.unit.end ?? 0;
  }

  takes(more: { readonly tokens: number; readonly end: number }, budget: number): boolean {
    return this.tokens + more.tokens <= budget && more.end - this.start <= MAX_CHUNK_LENGTH;
  }

  /** Whether a section under this path may join: one that brings several together stays below the heading they share. */
  joins(path: number): boolean {
    return !this.#isMixed || this.#paths.shared(this.#path, path) === this.#path;
  }

  /**
   * The first block that is no heading gives the chunk its budget. It gives the path too, of which every later section
   * leaves what it shares.
   */
  add(unit: Unit, block: MeasuredBlock): void {
    if (this.empty || (!this.hasBody && !block.heading)) {
      this.#path = block.path;
      this.budget = this.empty ? budgetFrom({ unit, block }) : block.budget;
    } else if (this.hasBody) {
      this.#isMixed ||= block.path !== this.#path;
      this.#path = this.#paths.shared(this.#path, block.path);
    }
    if (!block.heading) this.hasBody = true;
    this.placed.push({ unit, block });
    this.tokens += unit.tokens;
  }

  /** Trailing units of `block` that the next chunk repeats before `next`; never this chunk's first. */
  overlap(block: MeasuredBlock, next: Unit): Placed[] {
    const repeated: Placed[] = [];
    const budget = budgetFrom({ unit: next, block });
    let tokens = 0;
    for (let i = this.placed.length - 1; i > 0; i--) {
      const placed = this.placed[i] as Placed;
      const { unit } = placed;
      tokens += unit.tokens;
      const short = tokens <= Math.min(OVERLAP_TOKENS, budget / 4) && next.start - unit.start <= OVERLAP_LENGTH;
      const fits = tokens + next.tokens <= budget && next.end - unit.start <= MAX_CHUNK_LENGTH;
      if (placed.block !== block || !short || !fits) break;
      repeated.unshift(placed);
    }
    return repeated;
  }
}
