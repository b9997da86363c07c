/** Text of documents inside an answer's text: no line of it can look like the answer's own. */
import { sanitize } from "../core/sanitize.js";

export function quote(text: string): string {
  const lines = sanitize(text).split("\n");
  return lines.map((line) => (line === "" ? ">" : `> ${line}`)).join("\n");
}
