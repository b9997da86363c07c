/** Plain text: paragraphs between blank lines; those of a log are never cut inside a line while it fits. */
import { lineSpans, lineStarts, paragraphBlocks, type TextFormat } from "./format.js";

export const text: TextFormat = {
  kind: "text",
  name: "text",
  version: "text-2",
  parse: (content) => ({
    text: content,
    blocks: paragraphBlocks(content, isLog(content) ? "lines" : "prose"),
    lines: lineStarts(content),
  }),
};

/** Data files (JSON, YAML, TOML …): groups of lines, never cut inside one while it fits. */
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

/** A time or a level, as loggers begin their lines. */
const LOG_LINE =
  /^[[(<"']?(?:\d{4}[-/]\d\d[-/]\d\d|\d\d?:\d\d:\d\d|\d{10}|\w{3} [ \d]\d \d\d:\d\d|(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|FATAL|CRITICAL)\b)/;
const LOOKED_AT_LINES = 50;
const FEWEST_LINES = 3;
const LOOKED_AT_LENGTH = 50_000;

/** Whether most of its first lines are a logger's. */
function isLog(content: string): boolean {
  let lines = 0;
  let logged = 0;
  for (const { first, last } of lineSpans(content, 0, Math.min(content.length, LOOKED_AT_LENGTH))) {
    if (first === last) continue;
    if (LOG_LINE.test(content.slice(first, first + 40))) logged++;
    if (++lines === LOOKED_AT_LINES) break;
  }
  return lines >= FEWEST_LINES && logged > lines / 2;
}
