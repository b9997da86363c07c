import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Refusal } from "#src/core/ports.js";
import type { ParsedDocument } from "#src/core/types.js";
import { pptx } from "#src/source/formats/pptx.js";
import { pptxOf, relationsXml } from "../containers.js";

async function read(content: Uint8Array): Promise<ParsedDocument> {
  const parsed: ParsedDocument | Refusal = await pptx.parse(content);
  return "reason" in parsed ? expect.unreachable(parsed.reason) : parsed;
}
const slices = ({ text, blocks }: ParsedDocument) =>
  blocks.map(({ start, end, headings }) => [headings.join(" > "), text.slice(start, end)]);
const shape = (text: string, type?: string) =>
  `<p:sp><p:nvSpPr>${type === undefined ? "" : `<p:nvPr><p:ph type="${type}"/></p:nvPr>`}</p:nvSpPr><p:txBody><a:p><a:r><a:t>${text}</a:t></a:r></a:p></p:txBody></p:sp>`;

describe("a PPTX", () => {
  it("as python-pptx writes it has its slides in their order, tables with their header, and what the speaker noted", async () => {
    const herons = await read(readFileSync(new URL("../fixtures/herons.pptx", import.meta.url)));
    expect(herons.title).toBe("Heron count 2024");
    expect(herons.lines).toBeUndefined();
    expect(slices(herons)).toEqual([
      ["Heron count 2024", "Heron count 2024"],
      ["Heron count 2024", "Spring survey"],
      ["Results", "Results"],
      ["Results", "Site | Herons\nLake | 41\nRiver | 38"],
      ["Method", "Method"],
      ["Method", "Count at dawn"],
      ["Method", "Twice a week"],
      ["Method > Notes", "Notes"],
      ["Method > Notes", "Mention the fog on Tuesdays."],
    ]);
    const { header } = herons.blocks[3] ?? {};
    expect(herons.text.slice(header?.start, header?.end)).toBe("Site | Herons");
  });

  it("counts slides as pages, empty ones too", async () => {
    const { text, pages } = await read(pptxOf([shape("One", "title"), "", shape("Three", "title") + shape("text")]));
    expect([...(pages?.numbers ?? [])]).toEqual([1, 2, 3]);
    expect(text.slice(pages?.offsets[2])).toBe("Three\n\ntext");
  });

  it("has the title first wherever it stands, and nothing of what every slide repeats", async () => {
    const slide = ["dt", "ftr", "sldNum"].map((type) => shape(type, type)).join("");
    const parsed = await read(pptxOf([`${shape("a &amp; &lt;b&gt;")}${shape("Title", "ctrTitle")}${slide}`]));
    expect(slices(parsed)).toEqual([
      ["Title", "Title"],
      ["Title", "a & <b>"],
    ]);
  });

  it("has the texts of diagrams and of pictures", async () => {
    const diagram = "<dgm:pt><dgm:t><a:p><a:r><a:t>Egg</a:t></a:r></a:p></dgm:t></dgm:pt>";
    const picture = '<p:pic><p:nvPicPr><p:cNvPr id="1" descr="A nest"/></p:nvPicPr></p:pic>';
    const parsed = await read(
      pptxOf([shape("Life", "title") + picture], {
        "ppt/slides/_rels/slide1.xml.rels": relationsXml({ r1: ["diagramData", "../diagrams/data1.xml"] }),
        "ppt/diagrams/data1.xml": diagram,
      }),
    );
    expect(parsed.text).toBe("Life\n\nA nest\n\nEgg");
  });

  it("that is locked, or of the old kind, is refused", async () => {
    expect(await pptx.parse(Buffer.from("d0cf11e0a1b11ae1000000", "hex"))).toEqual({
      reason: "password-protected, or an old .ppt",
    });
  });
});
