/** What the PDF reader makes of where text is drawn. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { ParsedDocument } from "#src/core/types.js";
import { pdf } from "#src/source/formats/pdf.js";
import { pdfOf } from "../containers.js";

type Text = readonly [x: number, y: number, text: string, style?: "bold" | "large"];

/** A page on which texts are drawn in order. */
function page(...texts: Text[]): string {
  const fonts = { plain: "/F1 10", bold: "/F2 10", large: "/F1 18" };
  const drawn = texts.map(([x, y, text, style]) => `${fonts[style ?? "plain"]} Tf 1 0 0 1 ${x} ${y} Tm (${text}) Tj`);
  return `BT ${drawn.join("\n")} ET`;
}

async function read(...pages: string[]): Promise<ParsedDocument> {
  const parsed = await pdf.parse(pdfOf(...pages));
  return "reason" in parsed ? expect.unreachable(parsed.reason) : parsed;
}

const paragraphs = ({ text }: ParsedDocument) => text.split("\n\n");
const headings = ({ blocks }: ParsedDocument) => [...new Set(blocks.map((block) => block.headings.join(" > ")))];
/** Lines below one another, drawn from top to bottom. */
const lines = (x: number, top: number, texts: readonly string[]) =>
  texts.map((text, i): Text => [x, top - i * 12, text]);

const LEFT = [
  "Bearings are greased twice a year, in",
  "spring and before the frost, with the",
  "grease that the maker of the pump",
  "names on the plate beside the valve.",
];
const RIGHT = [
  "Gaskets are changed whenever a flange",
  "has been opened, even if the old ones",
  "seem to be whole, because they take",
  "the form of the flange they were in.",
];
const inRows = LEFT.flatMap((left, i): Text[] => [
  [50, 600 - i * 12, left],
  [320, 600 - i * 12, RIGHT[i] as string],
]);

describe("lines and blanks", () => {
  it("follow from the places of the glyphs", async () => {
    const one = page([50, 700, "One"], [80, 700, "line"], [50, 688, "and the next."]);
    expect((await read(one)).text).toBe("One line\nand the next.");
  });

  it("are not made within a word that is drawn in parts", async () => {
    expect((await read(page([50, 700, "Nov"], [67.8, 700, "em"], [81.7, 700, "ber"]))).text).toBe("November");
  });
});

describe("columns", () => {
  it.each([
    ["one after the other", [...lines(50, 600, LEFT), ...lines(320, 600, RIGHT)]],
    ["line by line", inRows],
  ])("are read one after the other when they are drawn %s", async (_, texts) => {
    const text = (
      await read(page([50, 650, "Care of the pump, for those who look after it through the year"], ...texts))
    ).text;
    expect(text).toBe(
      `Care of the pump, for those who look after it through the year\n\n${LEFT.join("\n")}\n\n${RIGHT.join("\n")}`,
    );
  });

  it("do not break a table, however it is drawn", async () => {
    const names = ["Denmark", "Norway", "Sweden", "Finland"];
    const weeks = ["52", "49", "68", "45"];
    const byRow = names.flatMap((name, i): Text[] => [
      [50, 600 - i * 12, name],
      [300, 600 - i * 12, weeks[i] as string],
    ]);
    const byColumn = [...lines(50, 600, names), ...lines(300, 600, weeks)];
    const rows = "Denmark 52\nNorway 49\nSweden 68\nFinland 45";
    const tables = [await read(page(...byRow)), await read(page(...byColumn))];
    expect(tables.map(({ text }) => text)).toEqual([rows, rows]);
    expect(tables.map(({ blocks }) => blocks[0]?.kind)).toEqual(["lines", "lines"]);
  });

  it("leave the lines of a table's cell together where it is drawn cell by cell", async () => {
    const cells = [
      ["The first name", "of an animal"],
      ["Where it lives", "and what it eats"],
      ["Another name", "of it"],
      ["Nobody knows", "where it is"],
    ];
    const texts = cells.flatMap((cell, i) => lines(i % 2 === 0 ? 50 : 300, 600 - Math.floor(i / 2) * 30, cell));
    expect(paragraphs(await read(page(...texts)))).toEqual(cells.map((cell) => cell.join("\n")));
  });
});

describe("running heads, feet and page numbers", () => {
  const body = (i: number): Text[] => [
    [50, 650, `Chapter ${"ABCDEF"[i]} begins`, "large"],
    [50, 600, `What stands on page ${"abcdef"[i]} is said here.`],
  ];
  const content = (i: number) => `Chapter ${"ABCDEF"[i]} begins\n\nWhat stands on page ${"abcdef"[i]} is said here.`;
  const numbers = [0, 1, 2, 3, 4, 5];

  it("are neither text nor headings", async () => {
    const pages = numbers.map((i) =>
      page([50, 780, "Annual report", "large"], ...body(i), [300, 20, `Page ${i + 1} of 6`]),
    );
    const report = await read(...pages);
    expect(report.text).toBe(numbers.map(content).join("\n\n"));
    expect(headings(report)).toEqual(numbers.map((i) => `Chapter ${"ABCDEF"[i]} begins`));
  });

  it("may differ from one side of a book to the other, and with its chapters", async () => {
    const heads = (i: number) =>
      i % 2 === 0 ? `Title of the part ${"VWX"[i / 2]} ${i + 7}` : `${i + 7} The whole book`;
    const book = await read(...numbers.map((i) => page([50, 780, heads(i)], ...body(i))));
    expect(book.text).toBe(numbers.map(content).join("\n\n"));
  });

  it("are no rows of a table that goes on for pages, nor a page's first sentence", async () => {
    const rows = numbers.map((i) => [40 * i + 11, 40 * i + 12].map((n) => `Item ${n} of ${n * 3}`));
    const list = await read(...rows.map((row) => page(...lines(50, 780, row))));
    expect(list.text.split(/\n+/)).toEqual(rows.flat());
  });
});

describe("a word that is cut", () => {
  it.each([
    ["in the lexicon", "The amount is calcu-", "lated every week.", "The amount is calculated every week."],
    [
      "in the document",
      "A snorble. The snor-",
      "bles are many; snorbles sing.",
      "A snorble. The snorbles are many; snorbles sing.",
    ],
    ["nowhere, and keeps its hyphen", "A price-", "determining factor.", "A price-determining factor."],
    ["with a number, and keeps its hyphen", "The post-", "2020 rules.", "The post-2020 rules."],
  ])("at a line's end is joined: known %s", async (_, end, next, expected) => {
    expect((await read(page([50, 700, end], [50, 688, next]))).text).toBe(expected);
  });

  it("at the end of a column or page is joined, and its paragraph goes on", async () => {
    const first = page(
      ...lines(50, 100, ["The boat must be hauled out of the water before the", "first day of the month of Novem-"]),
    );
    const second = page(...lines(50, 780, ["ber, or else the excess doubles."]), [50, 700, "Another paragraph."]);
    const policy = await read(first, second);
    expect(paragraphs(policy)).toEqual([
      "The boat must be hauled out of the water before the\nfirst day of the month of November, or else the excess doubles.",
      "Another paragraph.",
    ]);
    expect(policy.text.slice(policy.pages?.offsets[1])).toMatch(/^ber, or else/);
    const columns = page(
      ...lines(50, 600, [...LEFT.slice(0, 3), "names on the plate, and never with lubri-"]),
      ...lines(320, 600, ["cants of other makers.", ...RIGHT]),
    );
    expect((await read(columns)).text).toContain("never with lubricants of other makers.");
  });

  it("goes on behind the notes under a page's text", async () => {
    const text = lines(50, 200, ["The boat must be hauled out of the water before", "the first of Novem-"]);
    const note = "/F1 7 Tf 1 0 0 1 50 60 Tm (A note in small type, as it stands under a text.) Tj";
    const first = page(...text).replace(" ET", `\n${note} ET`);
    const parsed = await read(first, page([50, 780, "ber, or the excess doubles."], [50, 768, "Nobody knows why."]));
    expect(parsed.text).toContain("the first of November, or the excess doubles.");
    expect([...(parsed.pages?.numbers ?? [])]).toEqual([1, 2]);
  });
});

describe("headings", () => {
  it("are told by the weight of the type where it is of one size", async () => {
    const manual = await read(
      page(
        [50, 700, "Priming the pump", "bold"],
        [50, 688, "Fill the housing with water."],
        [50, 660, "Draining", "bold"],
        [50, 648, "Open the plug."],
      ),
    );
    expect(headings(manual)).toEqual(["Priming the pump", "Draining"]);
  });
});

describe("a form", () => {
  it("has what is filled in, by the names of its fields", async () => {
    const form = await pdf.parse(readFileSync(new URL("pdf-set/pypdf-libreoffice-form.pdf", import.meta.url)));
    expect("text" in form && form.text).toMatch(/\n\nFirst Name: Alice\nFirst Name_2: Bob$/);
  });
});
