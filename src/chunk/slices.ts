/** Cuts a large document into runs of blocks, so that no pass over them holds up the event loop or fills memory. */

import { trimSpan } from "../core/blank.js";
import type { Block, Span } from "../core/types.js";
import { characterSpans, wordSpans } from "./spans.js";

/** Characters of a run. */
const SLICE_LENGTH = 100_000;
/** Blocks of a run: a text of single letters has as many as another has words. */
const SLICE_BLOCKS = 5_000;

/** Blocks in order without blank space around them; a longer one is cut, at a blank where there is one. */
export function* slicesOf(text: string, blocks: Iterable<Block>): Generator<Block[]> {
  let slice: Block[] = [];
  let length = 0;
  for (const block of blocks) {
    for (const span of withinLimit(text, block)) {
      if (slice.length === SLICE_BLOCKS || (slice.length > 0 && length + span.end - span.start > SLICE_LENGTH)) {
        yield slice;
        slice = [];
        length = 0;
      }
      slice.push({ ...block, start: span.start, end: span.end });
      length += span.end - span.start;
    }
  }
  if (slice.length > 0) yield slice;
}

function withinLimit(text: string, block: Block): Span[] {
  if (block.end - block.start > SLICE_LENGTH) {
    return wordSpans(text, block, SLICE_LENGTH).flatMap((span) =>
      span.end - span.start > SLICE_LENGTH ? characterSpans(text, span, SLICE_LENGTH) : [span],
    );
  }
  const span = trimSpan(text, block);
  return span === undefined ? [] : [span];
}
