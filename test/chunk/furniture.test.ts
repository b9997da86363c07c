import { describe, expect, it } from "vitest";
import { furnitureOf, withoutFurniture } from "#src/chunk/furniture.js";
import { ReadText } from "#src/core/read-text.js";
import type { ParsedDocument } from "#src/core/types.js";
import { markdown } from "#src/source/formats/markdown.js";

const NAVIGATION = "[Home](/) | [Guide](/guide) | [Reference](/reference)";
const LICENCE = "Licensed under CC BY 4.0 by the authors.";
const page = (i: number) => `${NAVIGATION}\n\n# Topic ${i}\n\nWhat topic ${i} is about.\n\n---\n\n${LICENCE}\n`;
const pages = (count: number) => Array.from({ length: count }, (_, i) => markdown.parse(page(i)));

function readOf(document: ParsedDocument, learnedFrom: readonly ParsedDocument[]): string {
  const read = withoutFurniture(document, new Set(furnitureOf(learnedFrom)));
  expect(read.text).toBe(document.text);
  expect(read.blocks).toEqual(document.blocks);
  expect(read.lines).toEqual(document.lines);
  const spans = read.unread ?? [];
  for (const [i, { start }] of spans.entries()) expect(start).toBeGreaterThanOrEqual(spans[i - 1]?.end ?? 0);
  return new ReadText(read).read({ start: 0, end: read.text.length }).replace(/\s+/g, " ").trim();
}

describe("lines that begin or end most documents of a source", () => {
  it("are shown and not read", () => {
    expect(readOf(markdown.parse(page(3)), pages(10))).toBe("# Topic 3 What topic 3 is about. ---");
  });

  it("are told from more than half of the documents, and from no fewer than eight", () => {
    const others = (count: number) =>
      Array.from({ length: count }, (_, i) => markdown.parse(`Line ${i}.\n\nMore ${i}.`));
    expect(readOf(markdown.parse(page(3)), [...pages(6), ...others(5)])).not.toContain("Home");
    expect(readOf(markdown.parse(page(3)), [...pages(6), ...others(6)])).toContain("Home");
    expect(furnitureOf(pages(7))).toBeUndefined();
    expect(furnitureOf(pages(8))).toHaveLength(2);
  });

  it("are taken from the edge inwards, as far as they follow one another", () => {
    const two = (i: number) => markdown.parse(`Site\n\n${NAVIGATION}\n\nText ${i}.\n\nSee also\n\nPage ${i}`);
    const sample = Array.from({ length: 9 }, (_, i) => two(i));
    expect(readOf(two(1), sample)).toBe("Text 1. See also Page 1");
    expect(readOf(markdown.parse("News\n\nSite\n\nNothing else."), sample)).toBe("News Site Nothing else.");
    expect(readOf(markdown.parse("Text.\n\nSite"), sample)).toBe("Text. Site");
  });

  it("are the same whatever their links' targets and blanks", () => {
    const deeper = markdown.parse("[Home](../..)  |  [Guide](../guide) | [Reference](..)\n\nDeep down.");
    expect(readOf(deeper, pages(10))).toBe("Deep down.");
  });

  it("are read where a document has nothing else", () => {
    expect(readOf(markdown.parse(`${NAVIGATION}\n\n${LICENCE}`), pages(10))).toContain("CC BY");
    expect(readOf(markdown.parse(`${LICENCE}\n`), pages(10))).toBe(LICENCE);
    expect(readOf(markdown.parse("---\ntitle: Empty\n---\n"), pages(10))).toContain("Empty");
  });

  it("are no rows of a table, nor what its columns are called", () => {
    const table = (i: number) => `| Name | Office |\n| --- | --- |\n| Ada ${i} | Oslo |\n| All | Pune |`;
    const sample = Array.from({ length: 9 }, (_, i) => markdown.parse(`Staff of the company\n\n${table(i)}`));
    expect(readOf(sample[4] as ParsedDocument, sample)).toBe(table(4).replaceAll("\n", " "));
  });

  it("are no lines of what the documents are copies of", () => {
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `Line ${from + i} says what it says.`).join("\n\n");
    const versions = Array.from({ length: 9 }, (_, i) =>
      markdown.parse(`${lines(0, 80)}\n\n${i}\n\n${lines(80, 160)}`),
    );
    expect(furnitureOf(versions)).toEqual([]);
    expect(furnitureOf(Array.from({ length: 9 }, () => markdown.parse(lines(0, 5))))).toEqual([]);
  });

  it("are lines of text: a long paragraph, and what has no word, are none", () => {
    const long = "The same words. ".repeat(40);
    const sample = (first: string) =>
      Array.from({ length: 9 }, (_, i) => markdown.parse(`${first}\n\n${long}\n\nOnly here: ${i}.`));
    expect(furnitureOf(sample("***"))).toEqual([]);
    expect(furnitureOf(sample("Site"))).toHaveLength(1);
  });

  it("are looked for near the edges: a text of blank lines takes no time", () => {
    const blank = "\n".repeat(4_000_000);
    const block = { start: 0, end: blank.length + 2, kind: "lines", headings: [] } as const;
    const sample = Array.from({ length: 32 }, () => ({ text: `a${blank}b`, blocks: [block] }));
    const started = performance.now();
    expect(furnitureOf(sample)).toEqual([]);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});
