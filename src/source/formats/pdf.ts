/** PDF: the text that PDF.js finds, page by page. */

import type { BinaryFormat } from "./format.js";
import { type PageLine, PdfText } from "./pdf-text.js";

export const pdf: BinaryFormat = {
  kind: "binary",
  name: "pdf",
  version: "pdf-1",
  async parse(bytes) {
    const { getDocumentProxy } = await import("unpdf");
    // PDF.js hands the buffer it is given to others; 0: it reports errors only, not of every odd font.
    const opened = await getDocumentProxy(new Uint8Array(bytes), { verbosity: 0, useSystemFonts: false }).catch(
      (error: Error) => {
        if (error.name === "PasswordException") return undefined;
        throw error;
      },
    );
    if (opened === undefined) return { reason: "password-protected" };
    const pages: PageLine[][] = [];
    for (let number = 1; number <= opened.numPages; number++) {
      const page = await opened.getPage(number);
      const { items } = await page.getTextContent();
      pages.push(toLines(items as TextItem[]));
      page.cleanup();
    }
    const parsed = new PdfText(pages).parsed();
    if (parsed.blocks.length === 0) return { reason: "no text in it; pages that are scans need OCR first" };
    if (parsed.title !== undefined) return parsed;
    const { info } = (await opened.getMetadata()) as { info: { Title?: unknown } };
    const title = typeof info.Title === "string" ? info.Title.replace(/\s+/g, " ").trim() : "";
    return title === "" ? parsed : { ...parsed, title };
  },
};

/** https://mozilla.github.io/pdf.js/api/draft/module-pdfjsLib.html#~TextItem; marked content has no `str`. */
interface TextItem {
  readonly str?: string;
  /** [a, b, c, d, x, y] of the text matrix: the font size is the length of (c, d). */
  readonly transform: readonly number[];
  readonly hasEOL: boolean;
}

function toLines(items: readonly TextItem[]): PageLine[] {
  const lines: PageLine[] = [];
  let text = "";
  let size = 0;
  let y = 0;
  const end = () => {
    // NUL and lone surrogates come from fonts without a map to Unicode.
    const clean = text
      .replace(/\p{Surrogate}|\0/gu, "\ufffd")
      .replace(/\s+/g, " ")
      .trim();
    if (clean !== "") lines.push({ text: clean, size, y });
    text = "";
    size = 0;
  };
  for (const { str, transform, hasEOL } of items) {
    if (str === undefined) continue;
    if (str.trim() !== "") {
      const [, , c = 0, d = 0, , at = 0] = transform;
      if (size === 0) y = at;
      size = Math.max(size, Math.hypot(c, d));
    }
    text += str;
    if (hasEOL) end();
  }
  end();
  return lines;
}
