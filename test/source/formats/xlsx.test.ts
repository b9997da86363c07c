import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Refusal } from "#src/core/ports.js";
import type { ParsedDocument } from "#src/core/types.js";
import { xlsx } from "#src/source/formats/xlsx.js";
import { xlsxOf } from "../containers.js";

async function read(content: Uint8Array): Promise<ParsedDocument> {
  const parsed: ParsedDocument | Refusal = await xlsx.parse(content);
  return "reason" in parsed ? expect.unreachable(parsed.reason) : parsed;
}
const slices = ({ text, blocks }: ParsedDocument) =>
  blocks.map(({ start, end, headings, header }) => [
    headings.join(" > "),
    text.slice(start, end),
    ...(header === undefined ? [] : [text.slice(header.start, header.end)]),
  ]);
/** @param cells texts by their names, as inline strings */
const row = (number: number, cells: Readonly<Record<string, string>>) =>
  `<row r="${number}">${Object.entries(cells)
    .map(([name, text]) => `<c r="${name}${number}" t="inlineStr"><is><t>${text}</t></is></c>`)
    .join("")}</row>`;

describe("an XLSX", () => {
  it("as LibreOffice writes it has its sheets, tables under their header, and values as they are shown", async () => {
    const herons = await read(readFileSync(new URL("../fixtures/herons.xlsx", import.meta.url)));
    expect(herons.lines).toBeUndefined();
    expect(slices(herons)).toEqual([
      ["Counts", "Counts"],
      ["Counts", "Heron counts by site"],
      [
        "Counts",
        [
          "Site | Day | Herons | Share | Cost",
          "Lake | 3/12/2024 | 1,041 | 12.5% | 1,234.50 €",
          "River | 3/13/2024 | 38 | 50.0% | 12.00 €",
          "Total |  | 1079",
        ].join("\n"),
        "Site | Day | Herons | Share | Cost",
      ],
      ["Notes", "Notes"],
      ["Notes", "Weather | Wind\nfog | 3", "Weather | Wind"],
      ["Notes", "A remark of its own\n2024-03-12 14:30:00\nTRUE"],
    ]);
  });

  it("shows values by their kind and format, and dates that follow the reader's country as ISO dates", async () => {
    const patterns = [
      '<numFmt numFmtId="164" formatCode="dd.mm.yyyy"/>',
      '<numFmt numFmtId="165" formatCode="[broken"/>',
    ];
    const styles = `<styleSheet><numFmts>${patterns.join("")}</numFmts><cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs>${[0, 14, 164, 165, 10].map((id) => `<xf numFmtId="${id}"/>`).join("")}</cellXfs></styleSheet>`;
    const cells = [
      's="0"><v>0.1</v>',
      's="1"><v>45363</v>',
      's="2"><v>45363</v>',
      's="3"><v>7</v>',
      's="4"><v>0.125</v>',
    ];
    const others = [
      't="s"><v>0</v>',
      't="s"><v>9</v>',
      't="b"><v>1</v>',
      't="e"><v>#N/A</v>',
      't="str"><f>A1</f><v>x</v>',
      "><f>1+1</f>",
    ];
    const sheet = `<row>${[...cells, ...others].map((cell) => `<c ${cell}</c>`).join("")}</row>`;
    const sharedStrings = "<sst><si><r><t>sha</t></r><r><t>red</t></r><rPh><t>x</t></rPh></si></sst>";
    expect((await read(xlsxOf({ S: sheet }, { styles, sharedStrings }))).text).toBe(
      "S\n\n0.1 | 2024-03-12 | 12.03.2024 | 7 | 12.50% | shared | TRUE | #N/A | x",
    );
  });

  it("keeps columns in their place, leaves out those that nothing is in, and parts tables at empty rows", async () => {
    const sheet = [
      row(2, { C: "Site", F: "Day", XFD: "Herons" }),
      row(3, { C: "Lake", XFD: "forty one" }),
      row(9, { B: "on\n its own" }),
    ].join("");
    expect(slices(await read(xlsxOf({ Birds: sheet })))).toEqual([
      ["Birds", "Birds"],
      ["Birds", "Site | Day | Herons\nLake |  | forty one", "Site | Day | Herons"],
      ["Birds", "on its own"],
    ]);
  });

  it("leaves out hidden and empty sheets", async () => {
    const whole = xlsxOf({
      Empty: "",
      'Secret" state="hidden': row(1, { A: "secret" }),
      Shown: row(1, { A: "shown" }),
    });
    expect((await read(whole)).text).toBe("Shown\n\nshown");
  });

  it("with more rows and columns than anybody reads is refused", async () => {
    const rows = Array.from({ length: 10_000 }, (_, i) => {
      const letters = [676, 26, 1].map((size) => Math.floor(i / size) % 26);
      return `<row r="${i + 1}"><c r="${letters.map((letter) => String.fromCharCode(65 + letter)).join("")}${i + 1}"><v>1</v></c></row>`;
    });
    await expect(read(xlsxOf({ Diagonal: rows.join("") }))).rejects.toThrow("it has more than 10 MB of text");
  });
});
