/** No drawing that an author can make makes the PDF reader slow. */
import { expect, it } from "vitest";
import { pdf } from "#src/source/formats/pdf.js";
import { pdfOf } from "../source/containers.js";
import { LONGER, slowness } from "./linear.js";

const WIDE = 590;
/** Of so many pieces of text: where each of them stands, and what it says. */
type Drawing = (index: number) => { readonly x: number; readonly y: number; readonly text?: string };

const DRAWINGS: Readonly<Record<string, Drawing>> = {
  "one line": (i) => ({ x: i * 5, y: 400 }),
  "one line with wide gaps": (i) => ({ x: i * 40, y: 400 }),
  "one line, backwards": (i) => ({ x: -i * 40, y: 400 }),
  "one place": () => ({ x: 100, y: 400 }),
  "lines downwards": (i) => ({ x: 50, y: -i * 12, text: "some words of text" }),
  "lines upwards": (i) => ({ x: 50, y: i * 12, text: "some words of text" }),
  "words cut at line ends": (i) => ({ x: 50, y: -i * 12, text: "hyphen-" }),
  "one word": (i) => ({ x: i * 50, y: 400, text: "a".repeat(10) }),
  stairs: (i) => ({ x: i * 40, y: -i * 6 }),
  "two heights in one row": (i) => ({ x: i * 40, y: 400 - (i % 2) * 6 }),
  "two columns, line by line": (i) => ({
    x: i % 2 === 0 ? 50 : 320,
    y: -i * 6,
    text: "some words of a longer line of text",
  }),
  "a table of many columns": (i) => ({ x: (i % 40) * 40, y: -Math.floor(i / 40) * 12 }),
  "a table, column by column": (i) => ({ x: Math.floor(i / 1_000) * 40, y: -(i % 1_000) * 12 }),
  "a text of changing gutters": (i) => ({ x: (i % 7) * 80 + (Math.floor(i / 7) % 5) * 9, y: -Math.floor(i / 7) * 12 }),
  accents: (i) => ({ x: i * 5, y: 400, text: i % 2 === 0 ? "\\250" : "a" }),
  "all over the page": (i) => ({ x: (i * 7_919) % WIDE, y: (i * 104_729) % 797 }),
};

const SHORT = 1_000;
const PAGES = 250;

const read = (file: Buffer) => pdf.parse(file);

it.each(Object.keys(DRAWINGS))("%s is read in linear time", { timeout: 120_000 }, async (name) => {
  const draw = DRAWINGS[name] as Drawing;
  expect(await slowness(read, { short: drawn(draw, SHORT), long: drawn(draw, SHORT * LONGER) })).toBeUndefined();
});

it("many pages with lines at one height are read in linear time", { timeout: 120_000 }, async () => {
  const pages = (count: number) =>
    pdfOf(
      ...Array.from(
        { length: count },
        (_, i) => `BT /F1 10 Tf 50 700 Td (Head ${i % 9} of ${i * 7}) Tj 0 -40 Td (Text.) Tj ET`,
      ),
    );
  expect(await slowness(read, { short: pages(PAGES), long: pages(PAGES * LONGER) })).toBeUndefined();
});

function drawn(draw: Drawing, count: number): Buffer {
  const pieces = Array.from({ length: count }, (_, i) => {
    const { x, y, text = "ab" } = draw(i);
    return `1 0 0 1 ${x} ${y} Tm (${text}) Tj`;
  });
  return pdfOf(`BT /F1 10 Tf ${pieces.join("\n")} ET`);
}
