/** DOCX: Word's paragraphs, headings, tables, notes and equations as HTML, which is read as that. */
import { mainPart, openPackage, packageTitle, relationsOf, targetOf } from "./container/relations.js";
import { readNotes, WordBody } from "./container/word-body.js";
import { WordStyles } from "./container/word-styles.js";
import { readXml } from "./container/xml.js";
import type { BinaryFormat } from "./format.js";
import { parseHtml } from "./html.js";

export const docx: BinaryFormat = {
  kind: "binary",
  name: "docx",
  version: "docx-3",
  async parse(bytes) {
    const zip = openPackage(bytes);
    if (zip === undefined) return { reason: "password-protected, or an old .doc" };
    const main = mainPart(zip);
    const relations = relationsOf(zip, main);
    const related = (type: string) => {
      const part = targetOf(relations, type);
      return (part && zip.text(part)) ?? "";
    };
    const styles = new WordStyles(related("styles"));
    const notes = [...readNotes(related("footnotes"), styles), ...readNotes(related("endnotes"), styles)];
    const body = new WordBody(styles, new Map(notes));
    readXml(zip.text(main) ?? "", body);
    // Lines of the HTML in between would mean nothing to anybody.
    const { lines: _, ...parsed } = parseHtml(body.html.join(""));
    return { ...parsed, title: parsed.title ?? packageTitle(zip) };
  },
};
