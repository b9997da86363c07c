import { expect, it } from "vitest";
import { table } from "#src/cli/table.js";

it("has columns as wide as their widest cell, numbers to the right, no blanks at the end", () => {
  expect(
    table([
      ["* docs", 7, "documents"],
      ["  other", 1_200, "x"],
    ]),
  ).toBe("* docs      7  documents\n  other  1200  x");
  expect(table([])).toBe("");
});
