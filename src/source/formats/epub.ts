/** EPUB: the chapters in reading order, each read as the page that it is. */
import type { ParsedDocument } from "../../core/types.js";
import { encryptedEntries, readBookPackage } from "./container/book-package.js";
import { Zip } from "./container/zip.js";
import type { BinaryFormat } from "./format.js";
import { parseHtml } from "./html.js";
import { joined } from "./joined.js";

export const epub: BinaryFormat = {
  kind: "binary",
  name: "epub",
  version: "epub-1",
  async parse(bytes) {
    const zip = new Zip(bytes);
    const { title, authors, language, date, chapters, labels } = readBookPackage(zip);
    const encrypted = encryptedEntries(zip);
    if (chapters.some((name) => encrypted.has(name))) return { reason: "encrypted (DRM)" };
    const pages = chapters.map((name) => labelled(parseHtml(zip.text(name) ?? ""), labels.get(name)));
    const { text, blocks } = joined(pages.filter((page) => page.blocks.length > 0));
    const metadata = {
      ...(authors.length > 0 && { authors }),
      ...(language !== undefined && { language }),
      ...(date !== undefined && { date }),
    };
    return { title: title ?? pages.find((page) => page.title)?.title, metadata, text, blocks };
  },
};

/** A chapter without a heading is called what the table of contents calls it. */
function labelled(page: ParsedDocument, label: string | undefined): ParsedDocument {
  if (label === undefined || page.blocks.some(({ headings }) => headings.length > 0)) return page;
  return { ...page, blocks: page.blocks.map((block) => ({ ...block, headings: [label] })) };
}
