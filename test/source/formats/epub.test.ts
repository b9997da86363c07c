import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Refusal } from "#src/core/ports.js";
import type { ParsedDocument } from "#src/core/types.js";
import { epub } from "#src/source/formats/epub.js";
import { epubOf, zipOf } from "../containers.js";

async function read(content: Uint8Array): Promise<ParsedDocument> {
  const parsed: ParsedDocument | Refusal = await epub.parse(content);
  return "reason" in parsed ? expect.unreachable(parsed.reason) : parsed;
}
const METADATA = "<dc:title>Of &amp;\n birds</dc:title><dc:creator>Ann Example</dc:creator><dc:creator> </dc:creator>";
/** @param spine ids of pages: `p0`, `p1` … */
const bookOf = (
  pages: Readonly<Record<string, string>>,
  spine: readonly string[],
  more: Readonly<Record<string, string>> = {},
) => epubOf(pages, METADATA, { spine, more });
const slices = ({ text, blocks }: ParsedDocument) =>
  blocks.map(({ start, end, headings }) => [headings.join(" > "), text.slice(start, end)]);

describe("an EPUB", () => {
  it("as pandoc writes it has its chapters under their headings, and no lines", async () => {
    const birds = await read(readFileSync(new URL("../fixtures/birds.epub", import.meta.url)));
    expect(birds).toMatchObject({
      title: "Birds",
      metadata: { authors: ["Ann Example", "Bo Example"], language: "en", date: "2024-03-12" },
    });
    expect(birds.lines).toBeUndefined();
    expect(slices(birds).slice(-6)).toEqual([
      ["Herons", "Herons"],
      ["Herons", "Herons stand still."],
      ["Herons > Food", "Food"],
      ["Herons > Food", "They eat fish."],
      ["Storks", "Storks"],
      ["Storks", "Storks nest on roofs. a2"],
    ]);
  });

  it("is read in the order of its spine, each chapter once, without its table of contents", async () => {
    const pages = {
      "b c.xhtml": "<h1>Two</h1><table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>",
      "a.xhtml": "<h1>One</h1><p>first</p>",
      "nav.xhtml": '<nav><a href="a.xhtml">One</a></nav>',
      "unused.xhtml": "<p>never</p>",
    };
    const book = await read(bookOf(pages, ["p2", "p1", "p0", "p1", "missing"]));
    expect(book).toMatchObject({ title: "Of & birds", metadata: { authors: ["Ann Example"] } });
    expect(slices(book)).toEqual([
      ["One", "One"],
      ["One", "first"],
      ["Two", "Two"],
      ["Two", "a | b\n1 | 2"],
    ]);
    const { header } = book.blocks.at(-1) ?? {};
    expect(book.text.slice(header?.start, header?.end)).toBe("a | b");
  });

  it("calls a chapter without a heading what its table of contents calls it", async () => {
    const pages = {
      "a.xhtml": "<p>first</p>",
      "b.xhtml": "<h2>Own</h2>",
      "nav.xhtml": '<nav><a href="a.xhtml#x">Chapter <b>one</b></a><a href="b.xhtml">Other</a></nav>',
    };
    expect(slices(await read(bookOf(pages, ["p0", "p1"])))).toEqual([
      ["Chapter one", "first"],
      ["Own", "Own"],
    ]);
  });

  it("that is locked is refused; encrypted fonts lock none", async () => {
    const encrypted = (uri: string) => ({ "META-INF/encryption.xml": `<e><CipherReference URI="${uri}"/></e>` });
    const pages = { "a b.xhtml": "<p>text" };
    expect(await epub.parse(bookOf(pages, ["p0"], encrypted("OPS/a%20b.xhtml")))).toEqual({
      reason: "encrypted (DRM)",
    });
    expect((await read(bookOf(pages, ["p0"], encrypted("OPS/font.otf")))).text).toBe("text");
  });

  it("that is none, cut off or damaged is refused with the reason", async () => {
    const whole = bookOf({ "a.xhtml": `<p>${"word ".repeat(500)}` }, ["p0"]);
    const flipped = Buffer.from(whole);
    const at = flipped.indexOf("OPS/a.xhtml") + 20;
    flipped.writeUInt8(flipped.readUInt8(at) ^ 0xff, at);
    await expect(read(Buffer.from("text"))).rejects.toThrow("it is no ZIP container, or cut off");
    await expect(read(whole.subarray(0, -100))).rejects.toThrow("it is no ZIP container, or cut off");
    await expect(read(flipped)).rejects.toThrow();
    await expect(read(zipOf({ a: "b" }))).rejects.toThrow("it names no package document");
  });
});
