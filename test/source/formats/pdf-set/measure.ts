/** How much of a set of PDFs with references a reader finds: words in order, furniture left, headings. */
import { readdirSync, readFileSync } from "node:fs";
import type { Refusal } from "#src/core/ports.js";
import type { ParsedDocument } from "#src/core/types.js";

export interface Figures {
  readonly name: string;
  /** Words of the text and of its reference, and how many of them are the same in the same order. */
  readonly words: number;
  readonly expectedWords: number;
  readonly inOrder: number;
  /** Running heads, feet and page numbers, and how many of them are in the text. */
  readonly furniture: number;
  readonly furnitureLeft: number;
  /** Headings of documents with bookmarks. */
  readonly headings: number;
  readonly expectedHeadings: number;
  readonly headingsFound: number;
}

interface Reference {
  readonly furniture: readonly { readonly page: number; readonly line: string }[];
  readonly headings: readonly string[];
}

type Parse = (bytes: Uint8Array) => Promise<ParsedDocument | Refusal>;

export async function measureSet(parse: Parse): Promise<Figures[]> {
  const folder = import.meta.dirname;
  const references = JSON.parse(readFileSync(`${folder}/reference.json`, "utf8")) as Record<string, Reference>;
  const figures: Figures[] = [];
  for (const file of readdirSync(folder).filter((each) => each.endsWith(".pdf"))) {
    const name = file.slice(0, -".pdf".length);
    const parsed = await parse(readFileSync(`${folder}/${file}`));
    if ("reason" in parsed) throw new Error(`${file} is refused: ${parsed.reason}`);
    const words = wordsOf(parsed.text);
    const expected = wordsOf(readFileSync(`${folder}/${name}.txt`, "utf8"));
    const reference = references[name] as Reference;
    const headings = new Set(parsed.blocks.flatMap((block) => block.headings).map(heading));
    const expectedHeadings = new Set(reference.headings.map(heading));
    figures.push({
      name,
      words: words.length,
      expectedWords: expected.length,
      inOrder: longestCommon(words, expected),
      furniture: reference.furniture.length,
      furnitureLeft: reference.furniture.filter(({ page, line }) => isAtEdge(parsed, page, line)).length,
      headings: expectedHeadings.size > 0 ? headings.size : 0,
      expectedHeadings: expectedHeadings.size,
      headingsFound: [...expectedHeadings].filter((each) => headings.has(each)).length,
    });
  }
  return figures;
}

/** Of the words of both, 0 to 1. */
export function shareInOrder({ words, expectedWords, inOrder }: Figures): number {
  return (2 * inOrder) / (words + expectedWords);
}

/** A letter of Chinese or Japanese is a word. */
function wordsOf(text: string): string[] {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\u2010\u2011]/g, "-")
    .replace(/[\u3040-\u30ff\u3400-\u9fff]/g, " $& ")
    .split(/\s+/)
    .map((word) => word.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, ""))
    .filter((word) => word !== "");
}

/** Length of the longest common subsequence. */
function longestCommon(a: readonly string[], b: readonly string[]): number {
  const numbers = new Map<string, number>();
  const numberOf = (word: string) => {
    if (!numbers.has(word)) numbers.set(word, numbers.size);
    return numbers.get(word) as number;
  };
  const [rows, columns] = [Uint32Array.from(a, numberOf), Uint32Array.from(b, numberOf)];
  let above = new Uint32Array(columns.length + 1);
  let row = new Uint32Array(columns.length + 1);
  for (const word of rows) {
    for (let i = 0; i < columns.length; i++) {
      row[i + 1] = word === columns[i] ? (above[i] as number) + 1 : Math.max(above[i + 1] as number, row[i] as number);
    }
    [above, row] = [row, above];
  }
  return above.at(-1) ?? 0;
}

function heading(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/^[\d.]+\s+/, "")
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/** Furniture is looked for where a page's text begins and ends: a number may stand anywhere else. */
function isAtEdge({ text, pages }: ParsedDocument, page: number, line: string): boolean {
  const at = pages?.numbers.indexOf(page) ?? -1;
  if (pages === undefined || at === -1) return false;
  const tight = (each: string) => each.replace(/\s+/g, "");
  const lines = text
    .slice(pages.offsets[at], pages.offsets[at + 1])
    .split("\n")
    .map(tight)
    .filter(Boolean);
  const sought = tight(line);
  return [...lines.slice(0, 4), ...lines.slice(-4)].some(
    (each) => each === sought || (sought.length >= 5 && each.includes(sought)),
  );
}
