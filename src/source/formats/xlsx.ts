/** XLSX: each sheet that is shown under its name, its rows as a table, values as their cells show them. */
import { MAX_TEXT_LENGTH } from "../refuse.js";
import { CellFormats } from "./container/cell-formats.js";
import { mainPart, openPackage, packageTitle, relationsOf, targetOf } from "./container/relations.js";
import { readSharedStrings, readSheet } from "./container/sheet.js";
import { readXml } from "./container/xml.js";
import type { BinaryFormat } from "./format.js";
import { joined } from "./joined.js";
import { sheetText } from "./sheet-text.js";

export const xlsx: BinaryFormat = {
  kind: "binary",
  name: "xlsx",
  version: "xlsx-1",
  async parse(bytes) {
    const zip = openPackage(bytes);
    if (zip === undefined) return { reason: "password-protected, or an old .xls" };
    const library = await import("numfmt");
    const main = mainPart(zip);
    const relations = relationsOf(zip, main);
    const related = (type: string) => {
      const part = targetOf(relations, type);
      return (part && zip.text(part)) ?? "";
    };
    const { sheets, from1904 } = readWorkbook(zip.text(main) ?? "");
    const formats = new CellFormats(library, related("styles"), from1904);
    const shared = readSharedStrings(related("sharedStrings"));
    let left = MAX_TEXT_LENGTH;
    const parts = [...sheets].flatMap(([id, name]) => {
      const relation = relations.get(id);
      const rows =
        relation?.type === "worksheet" ? readSheet(zip.text(relation.target) ?? "", { shared, formats }) : [];
      if (rows.length === 0) return [];
      const part = sheetText(name, rows, left);
      left -= part.text.length;
      return [part];
    });
    const { text, blocks } = joined(parts);
    return { title: packageTitle(zip), text, blocks };
  },
};

interface Workbook {
  /** Names by the ids of their relations, in order, without those that are hidden. */
  readonly sheets: ReadonlyMap<string, string>;
  /** Days are counted from 1904. */
  readonly from1904: boolean;
}

function readWorkbook(xml: string): Workbook {
  const sheets = new Map<string, string>();
  let from1904 = false;
  readXml(xml, {
    open(tag) {
      if (tag.name === "workbookPr") from1904 = ["1", "true"].includes(tag.get("date1904") ?? "");
      const isShown = (tag.get("state") ?? "visible") === "visible";
      if (tag.name === "sheet" && isShown) sheets.set(tag.relation ?? "", tag.get("name")?.trim() || "Sheet");
      return undefined;
    },
    close: () => undefined,
  });
  return { sheets, from1904 };
}
