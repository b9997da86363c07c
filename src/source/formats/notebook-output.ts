/** What the code of a notebook wrote: its beginning and its end as text; pictures and widgets are left out. */
import { stripVTControlCharacters } from "node:util";
import { withoutEncodedData } from "../encoded-data.js";
import { wellFormed } from "./characters.js";

/** Characters that are kept of what one cell wrote. */
const HEAD = 400;
const TAIL = 200;
/** Looked at of one text, so that none costs more than it is worth. */
const MOST_LENGTH = 100_000;
/** How an object is named that is drawn instead: `<Figure size 640x480 with 1 Axes>`. */
const DRAWN = /^<[^<>\n]*>$/;

/** Of formats 3 and 4. */
interface Output {
  readonly text?: unknown;
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly ename?: unknown;
  readonly evalue?: unknown;
}

/** @param outputs of one cell, in order */
export function outputText(outputs: readonly object[]): string {
  const text = outputs.map(shown).filter(Boolean).join("\n");
  if (text.length <= HEAD + TAIL) return text;
  return wellFormed(`${text.slice(0, HEAD).trimEnd()}\n…\n${text.slice(-TAIL).trimStart()}`);
}

function shown({ text, data, ename, evalue }: Output): string {
  if (typeof ename === "string") return clean(`${ename}: ${linesOf(evalue)}`);
  const written = clean(linesOf(text ?? data?.["text/markdown"] ?? data?.["text/plain"]));
  return DRAWN.test(written) ? "" : written;
}

/** Without colours, and what a progress bar wrote over. */
function clean(text: string): string {
  const lines = stripVTControlCharacters(text.slice(0, MOST_LENGTH)).trimEnd().split("\n");
  const last = lines.map((line) => line.slice(line.lastIndexOf("\r", line.length - 2) + 1).trimEnd());
  return wellFormed(withoutEncodedData(last.join("\n")).trim());
}

/** Texts are written as one string, or as one for each line. */
export function linesOf(value: unknown): string {
  return (Array.isArray(value) ? value : [value]).filter((line) => typeof line === "string").join("");
}
