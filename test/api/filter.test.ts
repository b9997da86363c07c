import { expect, it } from "vitest";
import { asStored } from "#src/api/retrieve/filter.js";

const NFC = "caf\u00e9";
const NFD = "cafe\u0301";

it.each([
  [{ extension: ".ts" }, { extension: ["ts"] }],
  [{ extension: "TS" }, { extension: ["ts"] }],
  [{ extension: "*.ts" }, { extension: ["ts"] }],
  [{ extension: [".Md", "html"] }, { extension: ["md", "html"] }],
  [{ format: "Markdown" }, { format: ["markdown"] }],
  [{ path: "./a.ts" }, { path: ["a.ts"] }],
  [{ document: "././docs/" }, { document: ["docs/"] }],
  [{ path: "../a.ts" }, { path: ["../a.ts"] }],
  [{ path: `./${NFC}/*.md` }, { path: [`${NFC}/*.md`, `${NFD}/*.md`] }],
  [{ document: NFD }, { document: [NFD, NFC] }],
  [{ source: NFC }, { source: [NFC, NFD] }],
  [
    { lang: ".TS", year: 2024, draft: false, tags: ["./A"] },
    { lang: ".TS", year: 2024, draft: false, tags: ["./A"] },
  ],
  [{ extension: { gte: "M" } }, { extension: { gte: "M" } }],
])("a filter means what it plainly says: %j", (filter, stored) => {
  expect(asStored(filter)).toEqual(stored);
});
