/** The PDF reader on real documents. Floors are a little below what was measured; docs/decisions.md has the figures. */
import { beforeAll, describe, expect, it } from "vitest";
import { pdf } from "#src/source/formats/pdf.js";
import { type Figures, measureSet, shareInOrder } from "./pdf-set/measure.js";

let figures: Figures[];
const sum = (of: (each: Figures) => number) => figures.reduce((total, each) => total + of(each), 0);

beforeAll(async () => {
  figures = await measureSet((bytes) => pdf.parse(bytes));
}, 300_000);

describe("the PDF reader on real documents", () => {
  it("reads at least 40 of them", () => {
    expect(figures.length).toBeGreaterThanOrEqual(40);
  });

  it("finds their words in order", () => {
    expect(sum(shareInOrder) / figures.length).toBeGreaterThan(0.99);
    // Formulas have no order that is right.
    const others = figures.filter(({ name }) => name !== "r-lme4-pls");
    const low = others.filter((each) => shareInOrder(each) < 0.97);
    expect(low.map((each) => `${each.name} ${shareInOrder(each).toFixed(3)}`)).toEqual([]);
  });

  it("leaves out running heads, feet and page numbers", () => {
    expect(sum((each) => each.furniture)).toBeGreaterThan(250);
    expect(sum((each) => each.furnitureLeft) / sum((each) => each.furniture)).toBeLessThan(0.1);
  });

  it("finds their headings by the size and weight of the type", () => {
    const found = sum((each) => each.headingsFound);
    expect(found / sum((each) => each.expectedHeadings)).toBeGreaterThan(0.8);
    expect(found / sum((each) => each.headings)).toBeGreaterThan(0.7);
  });
});
