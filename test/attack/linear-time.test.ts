/** Nothing that an author can write makes a parser slow. */
import { expect, it } from "vitest";
import { DEFINITIONS } from "#src/source/formats/definitions.js";
import { type Format, formatOf } from "#src/source/formats/index.js";
import { unreadSpans } from "#src/source/unread.js";
import { docxOf, epubOf, pptxOf, xlsxOf } from "../source/containers.js";
import { LONGER, slowness } from "./linear.js";
import { CONTAINER_TOKENS, TOKENS } from "./tokens.js";

/** Of the languages that share their definitions one. */
const LANGUAGES = new Map([...DEFINITIONS].map(([extension, { source }]) => [source, extension])).values();
const NAMES = [
  "a.md",
  "a.rst",
  "a.adoc",
  "a.org",
  "a.tex",
  "a.txt",
  "a.html",
  "a.json",
  "a.dart",
  "a.odd",
  ...Array.from(LANGUAGES, (extension) => `a.${extension}`),
];
/** Files around a text, of the formats that are no text themselves. */
const CONTAINERS: readonly (readonly [name: string, of: (text: string) => Buffer])[] = [
  ["body.docx", (text) => docxOf(`<w:p><w:r><w:t>${text}`)],
  ["footnotes.docx", (text) => docxOf("<w:p/>", { footnotes: `<w:footnote w:id="1"><w:p><w:r><w:t>${text}` })],
  ["styles.docx", (text) => docxOf("<w:p/>", { styles: `<w:style w:styleId="${text}">${text}` })],
  ["equation.docx", (text) => docxOf(`<w:p><m:oMath><m:r><m:t>${text}`)],
  ["slide.pptx", (text) => pptxOf([`<p:sp><a:p><a:r><a:t>${text}`])],
  ["sheet.xlsx", (text) => xlsxOf({ S: `<row><c t="str"><v>${text}` })],
  ["strings.xlsx", (text) => xlsxOf({ S: '<row><c t="s"><v>0' }, { sharedStrings: `<si><t>${text}`, styles: text })],
  ["contents.epub", (text) => epubOf({ "a.xhtml": "<p>a", "nav.xhtml": `<a href="a.xhtml">${text}` })],
  ["package.epub", (text) => epubOf({ "a.xhtml": "<p>a" }, text)],
  ["cell.ipynb", (text) => notebookOf({ cell_type: "markdown", source: text })],
  ["code.ipynb", (text) => notebookOf({ cell_type: "code", source: text, outputs: [{ text }] })],
  ["raw.eml", (text) => Buffer.from(text)],
  ["header.eml", (text) => Buffer.from(`From: ${text}\r\nSubject: ${text}\r\nTo: a@example.com\r\n\r\nx`)],
  ["parts.eml", (text) => mailOf('Content-Type: multipart/mixed; boundary="b"', `--b\r\n${text}`)],
];

function notebookOf(cell: object): Buffer {
  return Buffer.from(JSON.stringify({ cells: [cell] }));
}

function mailOf(header: string, body: string): Buffer {
  return Buffer.from(`From: a@example.com\r\n${header}\r\n\r\n${body}`);
}

const SHORT = 50_000;

it.each(NAMES)(
  "%s is read in linear time, whatever it repeats",
  async (name) => {
    const format = formatOf(name) as Format;
    expect(await slowTokens(TOKENS, format, (text) => text, SHORT)).toEqual([]);
  },
  240_000,
);

it.each(CONTAINERS)(
  "%s is read in linear time, whatever is repeated in it",
  async (name, of) => {
    const format = formatOf(name) as Format;
    expect(await slowTokens(CONTAINER_TOKENS, format, of, SHORT / 8)).toEqual([]);
  },
  240_000,
);

async function slowTokens(
  tokens: readonly string[],
  format: Format,
  of: (text: string) => string | Buffer,
  short: number,
): Promise<string[]> {
  const slow: string[] = [];
  for (const token of tokens) {
    const repeated = (length: number) => of(`x\n\n${token.repeat(Math.ceil(length / token.length))}x`);
    const read = (content: string | Buffer) => readWith(format, content);
    const tooSlow = await slowness(read, { short: repeated(short), long: repeated(short * LONGER) });
    if (tooSlow !== undefined) slow.push(`${token}: ${tooSlow}`);
  }
  return slow;
}

async function readWith(format: Format, content: string | Buffer): Promise<void> {
  if (format.kind === "text") {
    const { text, unread } = format.parse(content as string);
    unreadSpans(text, unread);
  }
  // What is refused costs too.
  else await format.parse(content as Buffer).catch(() => undefined);
}
