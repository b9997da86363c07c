/** Blocks as columns: half a million objects would take seconds on their way between two processes. */
import type { Block } from "../core/types.js";

export interface BlockColumns {
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** 1: `lines`. */
  readonly kinds: Uint8Array;
  /** Of each block the index of its headings. */
  readonly paths: Uint32Array;
  readonly headings: readonly (readonly string[])[];
}

export function packBlocks(blocks: readonly Block[]): BlockColumns {
  const headings: (readonly string[])[] = [];
  return {
    starts: Uint32Array.from(blocks, ({ start }) => start),
    ends: Uint32Array.from(blocks, ({ end }) => end),
    kinds: Uint8Array.from(blocks, ({ kind }) => (kind === "lines" ? 1 : 0)),
    paths: Uint32Array.from(blocks, (block) => {
      // Formats keep one array until the next heading.
      if (headings.at(-1) !== block.headings) headings.push(block.headings);
      return headings.length - 1;
    }),
    headings,
  };
}

export function unpackBlocks({ starts, ends, kinds, paths, headings }: BlockColumns): Block[] {
  return Array.from(starts, (start, i) => ({
    start,
    end: ends[i] as number,
    headings: headings[paths[i] as number] as readonly string[],
    kind: kinds[i] === 1 ? "lines" : "prose",
  }));
}
