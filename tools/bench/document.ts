/** docs/performance.md: what a command measures stands between two marks, the rest is written by hand. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./corpus.js";

const DOCUMENT = join(ROOT, "docs/performance.md");

export function writeSection(name: "bench" | "growth", content: string): void {
  const text = readFileSync(DOCUMENT, "utf8");
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const [head, rest] = text.split(begin);
  const tail = rest?.split(end)[1];
  if (head === undefined || tail === undefined) throw new Error(`${DOCUMENT} has no place for ${name}`);
  writeFileSync(DOCUMENT, `${head}${begin}\n${content.trimEnd()}\n${end}${tail}`);
}
