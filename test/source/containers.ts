/** DOCX, PDF and other containers with any content, for tests: the smallest that their readers accept. */
import { crc32, deflateRawSync, deflateSync } from "node:zlib";

const PACKAGE = "application/vnd.openxmlformats-package.relationships+xml";
const DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml";
const OFFICE = "http://schemas.openxmlformats.org";

/** @param body what stands in `<w:body>`, closing tags included; `parts` are `styles`, `footnotes` and others beside it */
export function docxOf(body: string | Buffer, parts: Readonly<Record<string, string>> = {}): Buffer {
  const names = Object.keys(parts);
  return zipOf({
    "[Content_Types].xml": `<Types xmlns="${OFFICE}/package/2006/content-types"><Default Extension="rels" ContentType="${PACKAGE}"/><Override PartName="/word/document.xml" ContentType="${DOCUMENT}"/></Types>`,
    "_rels/.rels": relationsXml({ r1: ["officeDocument", "word/document.xml"] }),
    "word/_rels/document.xml.rels": relationsXml(
      Object.fromEntries(names.map((name) => [name, [name, `${name}.xml`]])),
    ),
    "word/document.xml": Buffer.concat([
      Buffer.from(`<w:document xmlns:w="${OFFICE}/wordprocessingml/2006/main"><w:body>`),
      Buffer.from(body),
    ]),
    ...Object.fromEntries(names.map((name) => [`word/${name}.xml`, parts[name] as string])),
  });
}

/** @param slides each as what stands in its shapes; `more` are further parts */
export function pptxOf(slides: readonly string[], more: Readonly<Record<string, string>> = {}): Buffer {
  const names = slides.map((_, i) => `slide${i + 1}`);
  return zipOf({
    "_rels/.rels": relationsXml({ r1: ["officeDocument", "/ppt/presentation.xml"] }),
    "ppt/_rels/presentation.xml.rels": relationsXml(
      Object.fromEntries(names.map((name) => [name, ["slide", `slides/${name}.xml`]])),
    ),
    "ppt/presentation.xml": `<p:presentation><p:sldIdLst>${names.map((name, i) => `<p:sldId id="${i}" r:id="${name}"/>`).join("")}</p:sldIdLst></p:presentation>`,
    ...Object.fromEntries(slides.map((slide, i) => [`ppt/slides/slide${i + 1}.xml`, `<p:sld>${slide}</p:sld>`])),
    ...more,
  });
}

/** @param sheets what stands in `<sheetData>`, by name; `parts` are `styles` and `sharedStrings` */
export function xlsxOf(sheets: Readonly<Record<string, string>>, parts: Readonly<Record<string, string>> = {}): Buffer {
  const names = Object.keys(sheets);
  const relations = [
    ...names.map((_, i) => [`s${i}`, ["worksheet", `worksheets/sheet${i}.xml`]] as const),
    ...Object.keys(parts).map((name) => [name, [name, `${name}.xml`]] as const),
  ];
  return zipOf({
    "_rels/.rels": relationsXml({ r1: ["officeDocument", "xl/workbook.xml"] }),
    "xl/_rels/workbook.xml.rels": relationsXml(Object.fromEntries(relations)),
    "xl/workbook.xml": `<workbook><sheets>${names.map((name, i) => `<sheet name="${name}" r:id="s${i}"/>`).join("")}</sheets></workbook>`,
    ...Object.fromEntries(
      names.map((name, i) => [
        `xl/worksheets/sheet${i}.xml`,
        `<worksheet><sheetData>${sheets[name]}</sheetData></worksheet>`,
      ]),
    ),
    ...Object.fromEntries(Object.entries(parts).map(([name, xml]) => [`xl/${name}.xml`, xml])),
  });
}

interface EpubParts {
  /** Ids of pages in the order of reading: `p0`, `p1` … as they are given, where it is absent. */
  readonly spine?: readonly string[];
  readonly more?: Readonly<Record<string, string>>;
}

/** @param pages by file name; one that begins with `nav` is the table of contents */
export function epubOf(
  pages: Readonly<Record<string, string>>,
  metadata = "",
  { spine, more = {} }: EpubParts = {},
): Buffer {
  const names = Object.keys(pages);
  const items = names.map((name, i) => {
    const nav = name.startsWith("nav") ? ' properties="scripted nav"' : "";
    return `<item id="p${i}" href="${encodeURI(name)}" media-type="application/xhtml+xml"${nav}/>`;
  });
  const refs = (spine ?? names.map((_, i) => `p${i}`)).map((id) => `<itemref idref="${id}"/>`);
  return zipOf({
    "META-INF/container.xml": '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>',
    "OPS/book.opf": `<package><manifest>${items.join("")}</manifest><spine>${refs.join("")}</spine><metadata>${metadata}</metadata></package>`,
    ...Object.fromEntries(names.map((name) => [`OPS/${name}`, pages[name] as string])),
    ...more,
  });
}

/** @param relations type and target, by id */
export function relationsXml(relations: Readonly<Record<string, readonly string[]>>): string {
  const rows = Object.entries(relations).map(
    ([id, [type, target]]) =>
      `<Relationship Id="${id}" Type="${OFFICE}/officeDocument/2006/relationships/${type}" Target="${target}"/>`,
  );
  return `<Relationships xmlns="${OFFICE}/package/2006/relationships">${rows.join("")}</Relationships>`;
}

/** @param contents of each page its content stream; the font is `/F1`, `/F2` is bold */
export function pdfOf(...contents: (string | Buffer)[]): Buffer {
  const FIRST_PAGE = 5;
  const kids = contents.map((_, i) => `${FIRST_PAGE + 2 * i} 0 R`);
  const objects: (string | Buffer)[] = [
    "<</Type/Catalog/Pages 2 0 R>>",
    `<</Type/Pages/Kids[${kids.join(" ")}]/Count ${kids.length}>>`,
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    "<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold>>",
  ];
  contents.forEach((content, i) => {
    const stream = deflateSync(content);
    objects.push(
      `<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents ${FIRST_PAGE + 2 * i + 1} 0 R/Resources<</Font<</F1 3 0 R/F2 4 0 R>>>>>>`,
      Buffer.concat([
        Buffer.from(`<</Length ${stream.length}/Filter/FlateDecode>>stream\n`),
        stream,
        Buffer.from("\nendstream"),
      ]),
    );
  });
  const parts: Buffer[] = [Buffer.from("%PDF-1.4\n")];
  const length = () => parts.reduce((sum, part) => sum + part.length, 0);
  const offsets = objects.map((object, i) => {
    const offset = length();
    parts.push(Buffer.from(`${i + 1} 0 obj\n`), Buffer.from(object), Buffer.from("\nendobj\n"));
    return offset;
  });
  const rows = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`).join("");
  const size = objects.length + 1;
  const table = `xref\n0 ${size}\n0000000000 65535 f \n${rows}trailer<</Size ${size}/Root 1 0 R>>\nstartxref\n${length()}\n%%EOF\n`;
  return Buffer.concat([...parts, Buffer.from(table)]);
}

let slow: Buffer | undefined;

/** One that keeps its reader busy for many seconds, in little memory. */
export function slowPdf(): Buffer {
  slow ??= pdfOf("q Q ".repeat(20_000_000));
  return slow;
}

/** https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16 */
export function zipOf(files: Record<string, string | Buffer>): Buffer {
  const DEFLATE = 8;
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(content);
    const packed = deflateRawSync(bytes);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt16LE(DEFLATE, 4);
    shared.writeUInt32LE(crc32(bytes), 10);
    shared.writeUInt32LE(packed.length, 14);
    shared.writeUInt32LE(bytes.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const entry = Buffer.concat([Buffer.from("PK\x03\x04"), shared, Buffer.from(name), packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.from("PK\x01\x02\x14\0"), shared, tail, Buffer.from(name));
    local.push(entry);
    offset += entry.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(Object.keys(files).length, 4);
  end.writeUInt16LE(Object.keys(files).length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...local, directory, Buffer.from("PK\x05\x06"), end]);
}
