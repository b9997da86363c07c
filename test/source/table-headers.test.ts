import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ParsedDocument } from "#src/core/types.js";
import { packBlocks, unpackBlocks } from "#src/source/block-columns.js";
import { csv } from "#src/source/formats/csv.js";
import { html } from "#src/source/formats/html.js";
import { markdown } from "#src/source/formats/markdown.js";

const headersOf = ({ text, blocks }: ParsedDocument) =>
  blocks.map(({ header }) => header && text.slice(header.start, header.end));

describe("the header of a Markdown table", () => {
  it("is its first row, and no other block has one", () => {
    const document = markdown.parse("Text\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- list\n\na | b\n-|-\n3 | 4");
    expect(headersOf(document)).toEqual([undefined, "| a | b |", undefined, "a | b"]);
  });
});

describe("the header of CSV", () => {
  it.each([
    ["name,age\nAnn,30\nBob,31", "name,age"],
    ["\n\nname;age\r\nAnn;30\r\n", "name;age"],
    ["name\tage\nAnn\t30", "name\tage"],
    [",name,age\n0,Ann,30", ",name,age"],
    ['"last, first","two\nlines"\n"Park, Ben",1', '"last, first","two\nlines"'],
    ['size 5" wide,"b ""c"""\n1,2', 'size 5" wide,"b ""c"""'],
    ["city,country\nPune,India\nOslo,Norway", "city,country"],
  ])("is the row that names its columns: %j", (text, header) => {
    expect(headersOf(csv.parse(text))).toEqual([header]);
  });

  it.each([
    ["only a column", "name\nAnn\nBob"],
    ["only a row", "name,age"],
    ["a number", "Ann,30\nBob,31"],
    ["a date", "Ann,2024-05-06\nBob,2024-05-07"],
    ["an address", "Ann,ann@example.org\nBob,bob@example.org"],
    ["a cell that comes again", "Ann,Pune\nBob,Oslo\nCho,Pune"],
    ["the same twice", "a,a\nb,c"],
    ["an empty cell", "a,\nb,c"],
    ["a sentence", `a,${"many words ".repeat(10)}\nb,c`],
    ["nothing", " \n"],
  ])("is missing where there is %s", (_, text) => {
    expect(headersOf(csv.parse(text)).filter((header) => header !== undefined)).toEqual([]);
  });

  it("stands above every group of rows", () => {
    const document = csv.parse("name,age\n\nAnn,30\n\nBob,31\n");
    expect(headersOf(document)).toEqual(["name,age", "name,age", "name,age"]);
  });
});

describe("the header of an HTML table", () => {
  const table = (rows: string) => headersOf(html.parse(`<p>x</p><table>${rows}</table><p>y</p>`)).slice(1, -1);
  it.each([
    ["<tr><th>k<th>v<tr><td>1<td>2", "k | v"],
    ["<thead><tr><td>k</td><td>v</td></tr></thead><tr><td>a</td><td>b</td></tr>", "k | v"],
    ["<thead><tr><th colspan=2>both<tr><th>k<th>v<tbody><tr><td>1<td>2", "both\nk | v"],
    ["<caption>Limits</caption><tr><th>k</th><th>v</th></tr><tr><td>1</td><td>2</td></tr>", "Limits\nk | v"],
    ["<tr><td>k</td><td>v</td></tr><tr><td>a</td><td>2</td></tr>", "k | v"],
  ])("is what its rows say of themselves, else the row that reads as names: %s", (rows, header) => {
    expect(table(rows)).toEqual([header]);
  });

  it.each([
    ["rows with a head each", "<tr><th>k</th><td>1</td></tr><tr><th>l</th><td>2</td></tr>"],
    ["values in the first row", "<tr><td>k</td><td>1</td></tr><tr><td>l</td><td>2</td></tr>"],
    ["nothing below", "<tr><th>k</th><th>v</th></tr>"],
    ["no text", "<tr><td></td></tr>"],
  ])("is missing with %s", (_, rows) => {
    expect(table(rows).filter((header) => header !== undefined)).toEqual([]);
  });

  it("is none of the text behind it, nor of a table inside", () => {
    const inner = "<table><tr><th>x</th></tr><tr><td>y</td></tr></table>";
    expect(table(`<tr><td>1</td><td>${inner}</td></tr><tr><td>2</td><td>b</td></tr>`)).toEqual([undefined]);
    const broken = html.parse("<table><tr><th>a</th><tr><td><h2>b</h2>c</td></tr></table>").blocks;
    expect(broken.map(({ header }) => header)).toEqual(broken.map(() => undefined));
  });
});

describe("blocks on their way between two processes", () => {
  it("keep the headers of their tables", () => {
    const span = fc.record({ start: fc.nat(), end: fc.nat() });
    const shared = fc.array(span, { minLength: 1, maxLength: 3 });
    const blocks = shared.chain((headers) =>
      fc.array(
        fc.record({
          ...{ start: fc.nat(), end: fc.nat(), headings: fc.array(fc.string(), { maxLength: 2 }) },
          kind: fc.constantFrom("prose" as const, "lines" as const),
          header: fc.constantFrom(...headers, undefined),
        }),
      ),
    );
    fc.assert(
      fc.property(blocks, (all) => {
        expect(unpackBlocks(packBlocks(all))).toEqual(all);
      }),
    );
  });
});
