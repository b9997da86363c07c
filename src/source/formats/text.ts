/** Plain text: paragraphs between blank lines. */
import { lineStarts, paragraphBlocks, type TextFormat } from "./format.js";

export const text: TextFormat = {
  kind: "text",
  name: "text",
  version: "text-2",
  parse: (content) => ({
    text: content,
    blocks: paragraphBlocks(content, "prose"),
    lines: lineStarts(content),
  }),
};

/** Data files (JSON, YAML, CSV …): groups of lines, never cut inside one while it fits. */
export const data: TextFormat = {
  kind: "text",
  name: "data",
  version: "data-2",
  parse: (content) => ({
    text: content,
    blocks: paragraphBlocks(content, "lines"),
    lines: lineStarts(content),
  }),
};

/** Whatever else is text: the same, for files whose names say nothing of what is in them. */
export const plain: TextFormat = { ...data, name: "text", version: "plain-1" };
