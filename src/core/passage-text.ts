/** The text of a passage as it is read by itself. */
import type { Chunk } from "./types.js";

/** With the names of the columns in front, where it begins inside a table. */
export function passageText({ tableHeader, text }: Pick<Chunk, "tableHeader" | "text">): string {
  return tableHeader === undefined ? text : `${tableHeader}\n${text}`;
}
