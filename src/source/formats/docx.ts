/** DOCX: converted to HTML by mammoth, which knows Word's styles, and read as that. */
import type { BinaryFormat } from "./format.js";
import { parseHtml } from "./html.js";

/** Compound file: what Word wrote before 2007, and what it puts around an encrypted document. */
const OLE_MAGIC = Buffer.from("d0cf11e0a1b11ae1", "hex");

export const docx: BinaryFormat = {
  kind: "binary",
  name: "docx",
  version: "docx-2",
  async parse(bytes) {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (buffer.subarray(0, OLE_MAGIC.length).equals(OLE_MAGIC)) return { reason: "password-protected, or an old .doc" };
    const { default: mammoth } = await import("mammoth");
    const { value } = await mammoth.convertToHtml(
      { buffer },
      {
        styleMap: ["p[style-name='Title'] => h1:fresh", "p[style-name='Subtitle'] => p:fresh"],
        includeEmbeddedStyleMap: false,
        convertImage: mammoth.images.imgElement(async () => ({ src: "" })),
        externalFileAccess: false,
      },
    );
    // Lines of the HTML in between would mean nothing to anybody.
    const { lines: _, ...parsed } = parseHtml(value);
    return parsed;
  },
};
