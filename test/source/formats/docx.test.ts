import { describe, expect, it } from "vitest";
import type { ParsedDocument } from "#src/core/types.js";
import { docx } from "#src/source/formats/docx.js";
import { docxOf } from "../containers.js";

const run = (text: string) => `<w:r><w:t>${text}</w:t></w:r>`;
const paragraph = (inner: string, properties = "") => `<w:p><w:pPr>${properties}</w:pPr>${inner}</w:p>`;
const styled = (style: string, text: string) => paragraph(run(text), `<w:pStyle w:val="${style}"/>`);
const style = (id: string, name: string, more = "") =>
  `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/>${more}</w:style>`;
const basedOn = (id: string) => `<w:basedOn w:val="${id}"/>`;

async function read(body: string, parts: Readonly<Record<string, string>> = {}): Promise<ParsedDocument> {
  const parsed = await docx.parse(docxOf(`${body}</w:body></w:document>`, parts));
  return "reason" in parsed ? expect.unreachable(parsed.reason) : parsed;
}
const slices = ({ text, blocks }: ParsedDocument) =>
  blocks.map(({ start, end, headings }) => [headings.join(" > "), text.slice(start, end)]);

describe("headings of a DOCX", () => {
  it("are paragraphs with an outline level, their own or their style's", async () => {
    const styles = `<w:styles>${style("Kapitel", "Chapter", '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>')}</w:styles>`;
    const body = [
      styled("Kapitel", "One"),
      paragraph(run("Two"), '<w:outlineLvl w:val="1"/>'),
      styled("Normal", "text"),
      paragraph(run("No heading"), '<w:pStyle w:val="Kapitel"/><w:outlineLvl w:val="9"/>'),
    ];
    expect(slices(await read(body.join(""), { styles }))).toEqual([
      ["One", "One"],
      ["One > Two", "Two"],
      ["One > Two", "text"],
      ["One > Two", "No heading"],
    ]);
  });

  it("are paragraphs whose style is based on a heading, over any number of steps, and never in circles", async () => {
    const styles = [
      style("berschrift2", "heading 2", basedOn("Normal")),
      style("Abschnitt", "Our section", basedOn("berschrift2")),
      style("Unterabschnitt", "Our other section", basedOn("Abschnitt")),
      style("TOCHeading", "TOC Heading", `${basedOn("berschrift2")}<w:pPr><w:outlineLvl w:val="9"/></w:pPr>`),
      style("a", "A", basedOn("b")),
      style("b", "B", basedOn("a")),
    ];
    const body = ["TOCHeading", "Unterabschnitt", "a", "Abschnitt"].map((id) => styled(id, id)).join("");
    expect(slices(await read(body, { styles: `<w:styles>${styles.join("")}</w:styles>` }))).toEqual([
      ["", "TOCHeading"],
      ["Unterabschnitt", "Unterabschnitt"],
      ["Unterabschnitt", "a"],
      ["Abschnitt", "Abschnitt"],
    ]);
  });

  it("are known by their style's id where a document has no styles, and empty ones end no section", async () => {
    const body = styled("Heading1", "One") + styled("Heading1", " ") + styled("Normal", "text");
    expect(slices(await read(body)).at(-1)).toEqual(["One", "text"]);
  });
});

describe("notes of a DOCX", () => {
  const note = (id: number, text: string) => `<w:footnote w:id="${id}"><w:p>${run(text)}</w:p></w:footnote>`;
  const footnotes = `<w:footnotes><w:footnote w:type="separator" w:id="-1"><w:p>${run("line")}</w:p></w:footnote>${note(2, "Since 2019.")}${note(3, "In Oslo.")}</w:footnotes>`;
  const endnotes = `<w:endnotes><w:endnote w:id="2"><w:p>${run("At the end.")}</w:p></w:endnote></w:endnotes>`;
  const reference = (id: number, kind = "footnote") => `<w:r><w:${kind}Reference w:id="${id}"/></w:r>`;

  it("stand behind the paragraph that refers to them, under its heading, once", async () => {
    const body = [
      styled("Heading1", "Rates"),
      paragraph(run("Five") + reference(3) + run(" per cent.") + reference(2) + reference(2, "endnote")),
      paragraph(run("Next.") + reference(2)),
      styled("Heading1", "Other"),
    ];
    expect(slices(await read(body.join(""), { footnotes, endnotes }))).toEqual([
      ["Rates", "Rates"],
      ["Rates", "Five per cent."],
      ["Rates", "In Oslo."],
      ["Rates", "Since 2019."],
      ["Rates", "At the end."],
      ["Rates", "Next."],
      ["Other", "Other"],
    ]);
  });
});

describe("text of a DOCX", () => {
  it("is what a reader sees: no deleted, moved, hidden or repeated text, no field codes; text boxes and pictures' texts", async () => {
    const body = paragraph(
      [
        `<w:ins>${run("a")}</w:ins><w:del><w:r><w:delText>x</w:delText></w:r></w:del><w:moveFrom>${run("x")}</w:moveFrom>`,
        '<w:r><w:rPr><w:vanish/></w:rPr><w:t>x</w:t></w:r><w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>b</w:t></w:r>',
        "<w:r><w:instrText>x</w:instrText></w:r><w:r><w:tab/><w:t>c &amp; &lt;d&gt;</w:t><w:br/><w:t>e</w:t></w:r>",
        `<w:r><mc:AlternateContent><mc:Choice><w:txbxContent>${paragraph(run("box"))}</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>${paragraph(run("box"))}</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>`,
        '<w:r><w:drawing><wp:docPr id="1" descr="A heron"/></w:drawing></w:r>',
      ].join(""),
    );
    expect((await read(body)).text).toBe("box\n\nab c & <d>\ne A heron");
  });

  it("has the signs that Word writes as places in fonts of symbols", async () => {
    const signs = ["F061", "F044", "00B3", "F0B1", "F0AE", "F0CE", "F0E5", "F0D6", "F0B9"].map(
      (code) => `<w:r><w:sym w:font="Symbol" w:char="${code}"/></w:r>`,
    );
    const boxes = ["F0FE", "F0A8"].map((code) => `<w:r><w:sym w:font="Wingdings" w:char="${code}"/></w:r>`);
    const body = paragraph([...signs, ...boxes, '<w:r><w:sym w:font="Other" w:char="F061"/></w:r>'].join(""));
    expect((await read(body)).text).toBe("αΔ≥±→∈∑√≠☑☐");
  });

  it("has equations as people type them", async () => {
    const t = (text: string) => `<m:r><m:t>${text}</m:t></m:r>`;
    const of = (name: string, parts: Readonly<Record<string, string>>) =>
      `<m:${name}>${Object.entries(parts)
        .map(([part, inner]) =>
          part === "Pr" ? `<m:${name}Pr>${inner}</m:${name}Pr>` : `<m:${part}>${inner}</m:${part}>`,
        )
        .join("")}</m:${name}>`;
    const equations: [string, string][] = [
      [of("f", { num: t("a+b"), den: t("2") }), "(a+b)/2"],
      [of("sSup", { e: t("x"), sup: t("2") }), "x^2"],
      [of("sSubSup", { e: t("x"), sub: t("i+1"), sup: t("n") }), "x_(i+1)^n"],
      [of("rad", { deg: "", e: t("y") }), "√(y)"],
      [of("nary", { Pr: '<m:chr m:val="∑"/>', sub: t("i=1"), sup: t("n"), e: t("i") }), "∑_(i=1)^n i"],
      [of("d", { Pr: '<m:begChr m:val="["/><m:endChr m:val="]"/>', e: t("z") }), "[z]"],
      [of("func", { fName: t("sin"), e: t("x") }), "sin x"],
      [of("acc", { Pr: '<m:chr m:val="&#x303;"/>', e: t("n") }), "ñ"],
      [
        `<m:d><m:e><m:m><m:mr><m:e>${t("1")}</m:e><m:e>${t("2")}</m:e></m:mr><m:mr><m:e>${t("3")}</m:e><m:e>${t("4")}</m:e></m:mr></m:m></m:e></m:d>`,
        "(1, 2; 3, 4)",
      ],
    ];
    for (const [equation, text] of equations) {
      const body = paragraph(`${run("So ")}<m:oMathPara><m:oMath>${equation}</m:oMath></m:oMathPara>${run(" holds.")}`);
      expect((await read(body)).text).toBe(`So ${text} holds.`);
    }
  });

  it("keeps the rows that a table repeats on every page as its header", async () => {
    const row = (cells: readonly string[], properties = "") =>
      `<w:tr><w:trPr>${properties}</w:trPr>${cells.map((cell) => `<w:tc>${paragraph(run(cell))}</w:tc>`).join("")}</w:tr>`;
    const head = "<w:tblHeader/>";
    const body = `<w:tbl>${row(["2023", "2024"], head)}${row(["Q1", "Q2"], head)}${row(["1", "2"])}</w:tbl>`;
    const { text, blocks } = await read(body);
    expect(blocks.map(({ header }) => header && text.slice(header.start, header.end))).toEqual([
      "2023 | 2024\nQ1 | Q2",
    ]);
  });
});
