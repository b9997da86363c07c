/** A slide of a presentation, or its notes, as HTML: the title as a heading, texts and tables in their order. */
import { Equation } from "./equation.js";
import { escaped, type XmlReader, type XmlTag } from "./xml.js";

/** Placeholders that repeat on every slide, and the picture of the slide in its notes. */
const FURNITURE = new Set(["dt", "ftr", "hdr", "sldNum", "sldImg"]);
const TITLES = new Set(["title", "ctrTitle"]);
const OPENING: Readonly<Record<string, string>> = { tbl: "<table>", tr: "<tr>", tc: "<td>" };
const CLOSING: Readonly<Record<string, string>> = { tbl: "</table>", tr: "</tr>", tc: "</td>" };

export class Slide implements XmlReader {
  title = "";
  readonly #body: string[] = [];
  /** Of the shape that is open; "" for none, and for text that is nobody's place. */
  #placeholder = "";
  /** Of the paragraph that is open. */
  #paragraph: string[] | undefined;
  #isText = false;
  #equation: Equation | undefined;

  /** Without the title. */
  get html(): string {
    return this.#body.join("");
  }

  open(tag: XmlTag): boolean | undefined {
    const { name } = tag;
    if (this.#equation !== undefined) return this.#equation.open(tag);
    if (name === "Fallback") return false;
    this.#isText = name === "t";
    if (name === "sp" || name === "graphicFrame" || name === "pic") this.#placeholder = "";
    else if (name === "ph") this.#placeholder = tag.get("type") ?? "";
    else if (name === "p") this.#paragraph = [];
    else if (name === "br" || name === "tab") this.#paragraph?.push(name === "br" ? "<br>" : " ");
    else if (name === "oMath") this.#equation = new Equation();
    else if (name === "cNvPr") this.#describe(tag);
    else if (name in OPENING) this.#body.push(OPENING[name] as string);
    return undefined;
  }

  #describe(tag: XmlTag): void {
    const text = tag.get("descr")?.trim();
    if (text) this.#body.push(`<p>${escaped(text)}</p>`);
  }

  text(data: string): void {
    if (this.#equation !== undefined) this.#equation.text(data);
    else if (this.#isText) this.#paragraph?.push(escaped(data));
  }

  close(name: string): void {
    this.#isText = false;
    if (this.#equation !== undefined) {
      if (name !== "oMath") this.#equation.close(name);
      else {
        this.#paragraph?.push(escaped(this.#equation.value));
        this.#equation = undefined;
      }
    } else if (name === "p") this.#closeParagraph();
    else if (name in CLOSING) this.#body.push(CLOSING[name] as string);
  }

  #closeParagraph(): void {
    const text = this.#paragraph?.join("").trim() ?? "";
    this.#paragraph = undefined;
    if (text === "" || FURNITURE.has(this.#placeholder)) return;
    if (TITLES.has(this.#placeholder)) this.title += `${this.title && " "}${text}`;
    else this.#body.push(`<p>${text}</p>`);
  }
}
