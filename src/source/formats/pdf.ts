/** PDF: what PDFium draws, as text: page by page, column by column. */
import { MAX_TEXT_LENGTH, TOO_MUCH_TEXT } from "../refuse.js";
import type { BinaryFormat } from "./format.js";
import { inReadingOrder } from "./pdf/columns.js";
import { type FormField, PasswordNeeded, PdfDocument } from "./pdf/document.js";
import { withoutFurniture } from "./pdf/furniture.js";
import { lineOf } from "./pdf/lines.js";
import { pdfText } from "./pdf/pdf-text.js";
import { withPdfium } from "./pdf/pdfium.js";
import { Drawing, type Row } from "./pdf/rows.js";

export const pdf: BinaryFormat = {
  kind: "binary",
  name: "pdf",
  version: "pdf-2",
  async parse(bytes) {
    const drawn = await withPdfium((pdfium) => read(new PdfDocument(pdfium, bytes))).catch((error: unknown) => {
      if (error instanceof PasswordNeeded) return { reason: "password-protected" };
      if (error instanceof TooMuchText) return { reason: TOO_MUCH_TEXT };
      throw error;
    });
    if ("reason" in drawn) return drawn;
    const lines = withoutFurniture(drawn.pages).map((rows, i) => inReadingOrder(rows).map((row) => lineOf(row, i + 1)));
    const parsed = await pdfText(lines, drawn.fields);
    if (parsed.blocks.length === 0) return { reason: "no text in it; pages that are scans need OCR first" };
    return { ...parsed, title: parsed.title ?? drawn.title };
  },
};

/** Of each page, in order. */
interface Drawn {
  readonly pages: Row[][];
  readonly fields: FormField[][];
  readonly title: string | undefined;
}

class TooMuchText extends Error {}

function read(document: PdfDocument): Drawn {
  const pages: Row[][] = [];
  const fields: FormField[][] = [];
  let glyphsLeft = MAX_TEXT_LENGTH;
  for (let index = 0; index < document.pageCount; index++) {
    document.read(index, (page) => {
      const drawing = new Drawing();
      page.glyphs((glyph) => {
        if (glyphsLeft-- === 0) throw new TooMuchText();
        drawing.add(glyph);
      });
      pages.push(drawing.rows());
      fields.push(page.fields());
    });
  }
  const title = document.title().replace(/\s+/g, " ").trim();
  document.close();
  return { pages, fields, title: title === "" ? undefined : title };
}
