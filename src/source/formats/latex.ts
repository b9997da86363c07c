/** LaTeX: sections by their commands, comments, verbatim environments, tables. */

import { argumentAt, LATEX_MARKUP, plainLatex } from "./latex-markup.js";
import { MarkupReader, markupFormat } from "./markup-reader.js";

const LEVELS = ["part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph"];
const SECTION = /^\s*\\(part|chapter|(?:sub){0,2}section|(?:sub)?paragraph)\*?\s*(?:\[[^\]]{0,500}\])?\s*(?=\{)/;
const BEGIN_DOCUMENT = /^\s*\\begin\{document\}/;
const END_DOCUMENT = /^\s*\\end\{document\}/;
const FIELD = /\\(title|author|date|keywords)\s*(?:\[[^\]]{0,500}\])?(?=\{)/;
const VERBATIM = /^\s*\\begin\{(verbatim\*?|Verbatim|lstlisting|minted|alltt|comment)\}/;
const TABLE = /^\s*\\begin\{(tabular[xy*]?|longtable|array)\}/;
const RULE = /\\(?:hline|midrule|toprule|cline|endhead)\b/;
const COMMENT = /^\s*%/;
const ITEM = /^\s*\\item\b/;

class LatexReader extends MarkupReader {
  readonly #chapters: string[] = [];
  readonly #end: number;

  constructor(text: string) {
    super(text);
    const begin = this.lines.next(BEGIN_DOCUMENT, 0);
    this.#end = this.lines.next(END_DOCUMENT, begin ?? 0) ?? this.lines.count;
    this.#readFields(begin ?? 0);
    if (begin !== undefined) this.leaveOut(begin + 1);
  }

  protected step(): void {
    if (this.line >= this.#end) this.leaveOut(this.lines.count);
    else if (!this.#readComment() && !this.#readSection() && !this.#readVerbatim() && !this.#readTable()) {
      this.#readParagraph();
    }
  }

  protected title(): string | undefined {
    return this.fields.title ?? (this.#chapters.length === 1 ? this.#chapters[0] : undefined);
  }

  /** Of the preamble, and of the document's first lines. */
  #readFields(begin: number): void {
    for (let line = 0; line < Math.min(begin + 100, this.lines.count); line++) {
      const source = this.lines.at(line);
      const [found, name = ""] = (COMMENT.test(source) ? null : FIELD.exec(source)) ?? [];
      if (found === undefined) continue;
      const argument = argumentAt(this.lines.text, this.lines.start(line) + source.indexOf(found) + found.length);
      const values = name === "author" ? argument.split(/\\and\b|\\\\/).slice(0, 50) : [argument];
      for (const value of values) if (!value.includes("\\today")) this.fields.add(name, plainLatex(value));
    }
  }

  #readComment(): boolean {
    if (!COMMENT.test(this.lines.at(this.line))) return false;
    this.leaveOut(this.line + 1);
    return true;
  }

  /** The command's line is the heading's block, with whatever stands behind it there. */
  #readSection(): boolean {
    const [command, name = ""] = SECTION.exec(this.lines.at(this.line)) ?? [];
    if (command === undefined) return false;
    const heading = plainLatex(argumentAt(this.lines.text, this.lines.start(this.line) + command.length));
    if (name === "chapter") this.#chapters.push(heading);
    this.leaveOutMarkup(this.line + 1, LATEX_MARKUP);
    this.enter(this.line + 1, LEVELS.indexOf(name) + 1, heading);
    return true;
  }

  #readVerbatim(): boolean {
    const name = VERBATIM.exec(this.lines.at(this.line))?.[1];
    if (name === undefined) return false;
    const end = this.#endOf(name);
    this.leaveOut(this.line + 1);
    if (end === undefined) return true;
    if (name === "comment") this.leaveOut(end);
    else this.add(end, "lines");
    this.leaveOut(end + 1);
    return true;
  }

  /** The line where an environment ends; undefined: it never does. */
  #endOf(name: string): number | undefined {
    return this.lines.next(new RegExp(`^[^%]*\\\\end\\{${name.replace("*", "\\*")}\\}`), this.line);
  }

  #readTable(): boolean {
    const name = TABLE.exec(this.lines.at(this.line))?.[1];
    if (name === undefined) return false;
    const end = this.#endOf(name) ?? this.line;
    let names = this.line + 1;
    while (names < end && !this.lines.at(names).includes("&")) names++;
    const isHeader = names < end && RULE.test(`${this.lines.at(names)} ${this.lines.at(names + 1)}`);
    this.leaveOutMarkup(end + 1, LATEX_MARKUP);
    this.add(end + 1, "lines", isHeader ? this.lines.span(names) : undefined);
    return true;
  }

  #readParagraph(): void {
    const isList = ITEM.test(this.lines.at(this.line));
    const end = Math.min(this.endOfParagraph(isSpecial), this.#end);
    this.leaveOutMarkup(end, LATEX_MARKUP);
    this.add(end, isList ? "lines" : "prose");
  }
}

/** A line that ends a paragraph above it. */
function isSpecial(line: string): boolean {
  return [SECTION, VERBATIM, TABLE, COMMENT, END_DOCUMENT].some((pattern) => pattern.test(line));
}

export const latex = markupFormat("latex", "latex-1", LatexReader);
