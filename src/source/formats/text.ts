/** Plain text: paragraphs between blank lines. */
import { type Format, lineStarts, paragraphBlocks } from "./format.js";

export const text: Format = {
  name: "text",
  version: "text-1",
  parse: (content) => ({
    text: content,
    blocks: paragraphBlocks(content, "prose"),
    lines: lineStarts(content),
  }),
};

/** Data files (JSON, YAML, CSV …): groups of lines, never cut inside one while it fits. */
export const data: Format = {
  name: "data",
  version: "data-1",
  parse: (content) => ({
    text: content,
    blocks: paragraphBlocks(content, "lines"),
    lines: lineStarts(content),
  }),
};
