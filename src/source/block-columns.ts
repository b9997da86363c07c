/**
 * Blocks as columns: half a million objects would take seconds on their way between two processes. Plain arrays: a typed
 * one costs more than all numbers of an ordinary document.
 */
import type { Block, Span } from "../core/types.js";

export interface BlockColumns {
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  /** 1: `lines`. */
  readonly kinds: readonly number[];
  /** Of each block the index of its headings. */
  readonly paths: readonly number[];
  readonly headings: readonly (readonly string[])[];
  /** Of each block the index of its table's header, -1 without one; empty where none has one. */
  readonly headerOf: readonly number[];
  readonly headers: readonly Span[];
}

export function packBlocks(blocks: readonly Block[]): BlockColumns {
  const headings: (readonly string[])[] = [];
  const headers: Span[] = [];
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
    headerOf: blocks.some(({ header }) => header !== undefined)
      ? blocks.map(({ header }) => {
          if (header === undefined) return -1;
          if (headers.at(-1) !== header) headers.push(header);
          return headers.length - 1;
        })
      : [],
    headers,
  };
}

export function unpackBlocks({ starts, ends, kinds, paths, headings, headerOf, headers }: BlockColumns): Block[] {
  return starts.map((start, i) => ({
    start,
    end: ends[i] as number,
    headings: headings[paths[i] as number] as readonly string[],
    kind: kinds[i] === 1 ? "lines" : "prose",
    header: headers[headerOf[i] ?? -1],
  }));
}

/** Starts and ends in turn. */
export function packSpans(spans: readonly Span[]): Uint32Array {
  const packed = new Uint32Array(spans.length * 2);
  for (const [i, { start, end }] of spans.entries()) packed.set([start, end], i * 2);
  return packed;
}

export function unpackSpans(packed: Uint32Array): Span[] {
  return Array.from({ length: packed.length / 2 }, (_, i) => ({
    start: packed[i * 2] as number,
    end: packed[i * 2 + 1] as number,
  }));
}
