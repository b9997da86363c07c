/** Parts that were read by themselves (chapters, slides, sheets) as one document. */
import type { Block, Marks, ParsedDocument, Span } from "../../core/types.js";

const GAP = "\n\n";

/** Text and blocks of all parts, in order. */
export function joined(parts: readonly Pick<ParsedDocument, "text" | "blocks">[]): {
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Where each part begins. */
  readonly starts: Marks;
} {
  const blocks: Block[] = [];
  const offsets = new Uint32Array(parts.length);
  let at = 0;
  parts.forEach((part, i) => {
    offsets[i] = at;
    for (const block of part.blocks)
      blocks.push({ ...block, ...moved(block, at), header: block.header && moved(block.header, at) });
    at += part.text.length + GAP.length;
  });
  const numbers = Uint32Array.from(parts, (_, i) => i + 1);
  return { text: parts.map(({ text }) => text).join(GAP), blocks, starts: { offsets, numbers } };
}

function moved({ start, end }: Span, by: number): Span {
  return { start: start + by, end: end + by };
}
