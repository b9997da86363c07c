/** A part of a Word document as HTML: paragraphs and headings, tables, equations; notes behind the paragraph that refers to them. */
import { Equation } from "./equation.js";
import { symbolOf } from "./symbol-fonts.js";
import { levelOfOutline, type WordStyles } from "./word-styles.js";
import { escaped, readXml, type XmlReader, type XmlTag } from "./xml.js";

/** What was deleted or moved away, what a second choice repeats, and the small letters above a word. */
const LEFT_OUT = new Set(["del", "moveFrom", "Fallback", "rt"]);
const DEEPEST_HEADING = 6;

interface Paragraph {
  level: number;
  readonly html: string[];
  /** Keys of the notes that it refers to. */
  readonly notes: string[];
}

/** Notes as HTML, by kind and id. */
export type WordNotes = Map<string, string>;

export class WordBody implements XmlReader {
  readonly html: string[] = [];
  readonly #styles: WordStyles;
  /** Each is given away once: a note that many paragraphs refer to stays one. */
  readonly #notes: WordNotes;
  /** A text box in a paragraph has paragraphs. */
  readonly #paragraphs: Paragraph[] = [];
  /** Where the open rows begin in `html`. */
  readonly #rows: number[] = [];
  #isText = false;
  #isHidden = false;
  #equation: Equation | undefined;

  constructor(styles: WordStyles, notes: WordNotes = new Map()) {
    this.#styles = styles;
    this.#notes = notes;
  }

  open(tag: XmlTag): boolean | undefined {
    const { name } = tag;
    if (this.#equation !== undefined) return this.#equation.open(tag);
    if (LEFT_OUT.has(name) || name.endsWith("PrChange")) return false;
    const paragraph = this.#paragraphs.at(-1);
    this.#isText = name === "t";
    if (name === "p") this.#paragraphs.push({ level: 0, html: [], notes: [] });
    else if (name === "tbl" || name === "tr" || name === "tc") this.#openTable(name);
    else if (name === "tblHeader") this.#markHeader(tag);
    else if (name === "oMath") this.#equation = new Equation();
    else if (name === "r") this.#isHidden = false;
    else if (name === "vanish") this.#isHidden = isOn(tag);
    else if (paragraph !== undefined) this.#openInParagraph(tag, paragraph);
    return undefined;
  }

  #openInParagraph(tag: XmlTag, paragraph: Paragraph): void {
    const { name } = tag;
    if (name === "oMathPara") paragraph.html.push(" ");
    else if (name === "pStyle") paragraph.level = this.#styles.levelOf(tag.get("val") ?? "");
    else if (name === "outlineLvl") paragraph.level = levelOfOutline(Number(tag.get("val")));
    else if (name === "tab" || name === "ptab") paragraph.html.push(" ");
    else if (name === "br" || name === "cr") paragraph.html.push("<br>");
    else if (name === "noBreakHyphen") paragraph.html.push("-");
    else if (name === "sym") paragraph.html.push(symbolOf(tag.get("font") ?? "", tag.get("char") ?? ""));
    else if (name === "docPr") paragraph.html.push(` ${escaped(tag.get("descr") ?? "")} `);
    else if (name === "footnoteReference" || name === "endnoteReference") {
      paragraph.notes.push(noteKey(name, tag.get("id")));
    }
  }

  #openTable(name: string): void {
    if (name === "tr") this.#rows.push(this.html.length);
    this.html.push(OPENING[name] as string);
  }

  #markHeader(tag: XmlTag): void {
    const row = this.#rows.at(-1);
    if (row !== undefined && isOn(tag)) this.html[row] = "<thead><tr>";
  }

  text(data: string): void {
    if (this.#equation !== undefined) this.#equation.text(data);
    else if (this.#isText && !this.#isHidden) this.#paragraphs.at(-1)?.html.push(escaped(data));
  }

  close(name: string): void {
    this.#isText = false;
    if (this.#equation !== undefined) this.#closeInEquation(this.#equation, name);
    else if (name === "p") this.#closeParagraph();
    else if (name === "tbl") this.html.push("</table>");
    else if (name === "tc") this.html.push("</td>");
    else if (name === "tr") {
      const row = this.#rows.pop();
      this.html.push(row !== undefined && this.html[row] !== OPENING.tr ? "</tr></thead>" : "</tr>");
    }
  }

  #closeInEquation(equation: Equation, name: string): void {
    if (name !== "oMath") {
      equation.close(name);
      return;
    }
    this.#paragraphs.at(-1)?.html.push(escaped(equation.value));
    this.#equation = undefined;
  }

  #closeParagraph(): void {
    const paragraph = this.#paragraphs.pop();
    if (paragraph === undefined) return;
    const inner = paragraph.html.join("");
    const name = paragraph.level > 0 ? `h${Math.min(paragraph.level, DEEPEST_HEADING)}` : "p";
    if (inner.trim() !== "") this.html.push(`<${name}>`, inner, `</${name}>`);
    for (const key of paragraph.notes) {
      this.html.push(this.#notes.get(key) ?? "");
      this.#notes.delete(key);
    }
  }
}

const OPENING: Readonly<Record<string, string>> = { tbl: "<table>", tr: "<tr>", tc: "<td>" };

/** A property that is there is on unless it says otherwise. */
function isOn(tag: XmlTag): boolean {
  return !["0", "false", "off"].includes(tag.get("val") ?? "");
}

function noteKey(name: string, id: string | undefined): string {
  return `${name.slice(0, name.indexOf("note"))} ${id}`;
}

/** @param xml part `footnotes` or `endnotes` */
export function readNotes(xml: string, styles: WordStyles): WordNotes {
  const notes: WordNotes = new Map();
  let key: string | undefined;
  let body = new WordBody(styles);
  readXml(xml, {
    open(tag) {
      if (tag.name !== "footnote" && tag.name !== "endnote") return body.open(tag);
      // Lines that separate notes from the text are notes of a type.
      if ((tag.get("type") ?? "normal") !== "normal") return false;
      key = noteKey(tag.name, tag.get("id"));
      body = new WordBody(styles);
      return undefined;
    },
    text: (data) => body.text(data),
    close(name) {
      if (name !== "footnote" && name !== "endnote") body.close(name);
      else if (key !== undefined) notes.set(key, body.html.join(""));
    },
  });
  return notes;
}
