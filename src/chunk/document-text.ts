import type { Chunk } from "../core/types.js";

/**
 * A document's text from all of its chunks in order: what chunks repeat is taken once. What lay between two chunks is
 * not kept by them; it was blank, so a single character becomes a line end and more become an empty line.
 */
export function rebuildText(chunks: readonly Pick<Chunk, "text" | "start" | "end">[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const chunk of chunks) {
    if (chunk.end <= at) continue;
    if (parts.length > 0 && chunk.start > at) parts.push(chunk.start - at === 1 ? "\n" : "\n\n");
    parts.push(chunk.text.slice(Math.max(0, at - chunk.start)));
    at = chunk.end;
  }
  return parts.join("");
}
