/**
 * Blocks as columns: half a million objects would take seconds on their way between two processes. Plain arrays: a typed
 * one costs more than all numbers of an ordinary document.
 */
import type { Block } from "../core/types.js";

export interface BlockColumns {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** 1: `lines`. */
  readonly kinds: readonly number[];
  /** Of each block the index of its headings. */
  readonly paths: readonly number[];
  readonly headings: readonly (readonly string[])[];
}

export function packBlocks(blocks: readonly Block[]): BlockColumns {
  const headings: (readonly string[])[] = [];
  return {
    starts: blocks.map(({ start }) => start),
    ends: blocks.map(({ end }) => end),
    kinds: blocks.map(({ kind }) => (kind === "lines" ? 1 : 0)),
    paths: blocks.map((block) => {
      // Formats keep one array until the next heading.
      if (headings.at(-1) !== block.headings) headings.push(block.headings);
      return headings.length - 1;
    }),
    headings,
  };
}

export function unpackBlocks({ starts, ends, kinds, paths, headings }: BlockColumns): Block[] {
  return starts.map((start, i) => ({
    start,
    end: ends[i] as number,
    headings: headings[paths[i] as number] as readonly string[],
    kind: kinds[i] === 1 ? "lines" : "prose",
  }));
}
